"""How much room the journal has, by its limit and on its disk; it says no before the disk does: alarms still fit."""

import os
from pathlib import Path

import msgspec
from pysqlite3 import dbapi2 as sqlite

from core.errors import NoRoomError

WARN_SHARE = 0.8
"""From here on somebody is told, and history beyond its floor is given up."""

RESUME_SHARE = 0.97
"""A stop ends a little below the limit, or it would come and go with every batch."""

MEASURE_EVERY_BYTES = 1_000_000
"""Appended between two looks at the disk: what a stop can come too late by; a look costs some 20 microseconds."""

MB = 1_000_000
STEADY_WAL_BYTES = 8 * MB
"""A write-ahead log is written over from its beginning at some 4 MB; only one that a long read makes grow counts."""


class RoomLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What readings may fill: the journal's own size, and the disk down to a reserve for alarms and the ledger."""

    journal_bytes: int = 20_000 * MB
    reserve_bytes: int = 500 * MB


class Usage(msgspec.Struct, frozen=True):
    """What a look has found, in bytes; `share` is 1 where readings are refused."""

    used_bytes: int = 0
    free_bytes: int = 0
    share: float = 0.0
    refusal: str = ""

    @property
    def is_filling(self) -> bool:
        """Return whether somebody should make room."""
        return self.share >= WARN_SHARE


class Room:
    """Measured by the journal's writer, which also guards it; the rest only reads `usage`."""

    def __init__(self, path: Path, limits: RoomLimits) -> None:
        self._folder = path.parent
        self._wal = path.with_name(f"{path.name}-wal")
        self._limits = limits
        self._appended = 0
        self.usage = Usage()

    def measure(self, connection: sqlite.Connection) -> Usage:
        """Look at the disk and at the file; pages that were freed by trimming count as room."""
        pages, free, size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        wal_bytes = self._wal.stat().st_size if self._wal.exists() else 0
        used = (pages - free) * size + max(0, wal_bytes - STEADY_WAL_BYTES)
        disk = os.statvfs(self._folder)
        free_bytes = disk.f_bavail * disk.f_frsize
        self._appended = 0
        self.usage = self._judged(used, free_bytes)
        return self.usage

    def take(self, size: int, connection: sqlite.Connection) -> None:
        """Claim room for a record; raises NoRoomError, before anything is written, where there is none."""
        self._appended += size
        if self.usage.refusal or self._appended > MEASURE_EVERY_BYTES:
            self.measure(connection)
        if self.usage.refusal:
            raise NoRoomError(self.usage.refusal)

    def _judged(self, used: int, free: int) -> Usage:
        by_limit = used / max(self._limits.journal_bytes, 1)
        by_disk = self._limits.reserve_bytes / max(free, 1)
        share = max(by_limit, by_disk)
        if share < (RESUME_SHARE if self.usage.refusal else 1.0):
            return Usage(used, free, share)
        if by_limit >= by_disk:
            why = (
                f"日志已占{used // MB}MB，上限journal_max_mb为{self._limits.journal_bytes // MB}MB "
                f"the journal takes {used // MB} MB, journal_max_mb is {self._limits.journal_bytes // MB}"
            )
        else:
            why = (
                f"磁盘仅剩{free // MB}MB，disk_reserve_mb为{self._limits.reserve_bytes // MB}MB "
                f"the disk has {free // MB} MB left, disk_reserve_mb is {self._limits.reserve_bytes // MB}"
            )
        return Usage(used, free, share, why)
