"""Reads a write-ahead log as SQLite does, to tell what SQLite leaves out in silence: an end that is not whole."""

import struct
from pathlib import Path
from typing import BinaryIO

import msgspec

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_MAGIC_LITTLE, _MAGIC_BIG = 0x377F0682, 0x377F0683
_SALTS_END = 16
_PAGE_SIZES = frozenset(1 << power for power in range(9, 17))


class Tail(msgspec.Struct, frozen=True):
    """What stands behind the last whole commit of a write-ahead log."""

    commits: int = 0  # whole ones, that SQLite reads
    lost_frames: int = 0  # of the same log, behind a frame that is cut or does not match its checksum
    lost_commits: int = 0  # of these, frames that ended a commit: an entry that may have been acknowledged
    detail: str = ""

    @property
    def is_torn(self) -> bool:
        """Return whether something that was written is not read."""
        return self.lost_frames > 0


def read_tail(database: Path) -> Tail:
    """Return how the write-ahead log of a closed database ends; an absent or empty one is whole.

    Frames that an unfinished transaction left without its commit are not torn: nobody was promised them.
    """
    path = database.with_name(f"{database.name}-wal")
    if not path.exists() or path.stat().st_size == 0:
        return Tail()
    with path.open("rb") as file:
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size:
            return Tail(lost_frames=1, detail="the write-ahead log is cut in its header")
        return _scanned(file, head)


def _scanned(file: BinaryIO, head: bytes) -> Tail:
    magic, _, page_size, _, *salts_and_sums = _HEADER.unpack(head)
    order = {_MAGIC_LITTLE: "<", _MAGIC_BIG: ">"}.get(magic)
    sums = tuple(salts_and_sums[2:])
    if order is None or page_size not in _PAGE_SIZES or _sums(head[:24], (0, 0), order) != sums:
        return Tail(lost_frames=1, lost_commits=1, detail="the write-ahead log's header is damaged: all of it is lost")
    salts, frames, commits = tuple(salts_and_sums[:2]), 0, 0
    whole_until = 0  # frames up to the last commit
    while len(frame := file.read(_FRAME.size + page_size)) == _FRAME.size + page_size:
        _, size_after, *given = _FRAME.unpack_from(frame)
        if tuple(given[:2]) != salts:
            break  # of an earlier log that this one is written over
        sums = _sums(frame[:8], sums, order)
        sums = _sums(frame[_FRAME.size :], sums, order)
        if tuple(given[2:]) != sums:
            lost = _behind(file, frame, salts, page_size)
            return Tail(commits, *lost, detail=f"frame {frames + 1} does not match its checksum")
        frames += 1
        if size_after:
            commits, whole_until = commits + 1, frames
    if len(frame) < _FRAME.size + page_size and _salts(frame) == salts:
        ends = int(struct.unpack_from(">I", frame, 4)[0] > 0)
        return Tail(commits, frames - whole_until + 1, ends, f"frame {frames + 1} is cut")
    return Tail(commits)


def _behind(file: BinaryIO, frame: bytes, salts: tuple[int, ...], page_size: int) -> tuple[int, int]:
    """Return (frames, commits) of the same log from a damaged frame on."""
    frames = commits = 0
    while frame and (not frames or _salts(frame) == salts):
        frames += 1
        commits += len(frame) >= _FRAME.size and struct.unpack_from(">I", frame, 4)[0] > 0
        frame = file.read(_FRAME.size + page_size)
    return frames, commits


def _salts(frame: bytes) -> tuple[int, ...] | None:
    """Return which log a frame belongs to, perhaps a cut one; None when not even that is there."""
    return struct.unpack_from(">2I", frame, 8) if len(frame) >= _SALTS_END else None


def _sums(data: bytes, before: tuple[int, ...], order: str) -> tuple[int, int]:
    """Return SQLite's running checksum over 32-bit words in the log's byte order."""
    first, second = before
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return first, second
