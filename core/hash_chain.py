"""A chain of rows, each hashing the one before: any edit, deletion or change of order shows; keeps nothing itself."""

import hashlib
from collections.abc import Iterable

import msgspec

FIRST_PREVIOUS = "0" * 64
"""What the first row names as the one before."""

_DOMAIN = "shouwang audit v1"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what it says, and the hashes that chain it. `detail_sha256` is of the detail as it rests; "": gone."""

    number: int  # 1, 2, 3, ... without a gap
    at_ms: int
    actor: str
    action: str
    subject: str
    marks: str  # "bulk", "backdated", both with a comma, or ""
    digest: str  # SHA-256, hex, of the record that this row vouches for, or ""
    detail_sha256: str
    previous: str
    hash: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """How far a chain holds: its rows, its head, and the first broken link with what is wrong there."""

    rows: int
    head: str
    broken_at: int | None = None
    why: str = ""


def hash_of(link: Link) -> str:
    """Return a row's hash: SHA-256 of the canonical encoding of everything but the hash itself."""
    fields = msgspec.structs.astuple(link)[:-1]
    return hashlib.sha256(msgspec.json.encode([_DOMAIN, *fields])).hexdigest()


def linked(link: Link) -> Link:
    """Return the row with its hash."""
    return msgspec.structs.replace(link, hash=hash_of(link))


def verified(links: Iterable[Link], *, head: str = "", rows: int | None = None) -> Verdict:
    """Walk a chain in the order of its numbers; `head` and `rows` are what was kept elsewhere of its end."""
    previous, count = FIRST_PREVIOUS, 0
    seen_head = not head
    for link in links:
        why = _wrong(link, count + 1, previous)
        if why:
            return Verdict(count, previous, count + 1, why)
        previous, count = link.hash, count + 1
        seen_head = seen_head or link.hash == head
    if rows is not None and count < rows:
        return Verdict(count, previous, count + 1, f"the chain ends at {count}, it had {rows} rows")
    if not seen_head:
        return Verdict(count, previous, count + 1, "the head that was kept is not in this chain")
    return Verdict(count, previous)


def _wrong(link: Link, expected: int, previous: str) -> str:
    if link.number != expected:
        return f"row {expected} is missing: {link.number} follows {expected - 1}"
    if link.previous != previous:
        return "it does not follow the row before"
    if not link.detail_sha256:
        return "its detail is gone, and no erasure tells of it"
    return "" if link.hash == hash_of(link) else "it was changed: its hash does not fit"
