"""What stands instead of rows that the chain vouches for and somebody's erasure emptied: their hash, and by which deed.

A tombstone holds only while the row of the chain that tells of the erasure vouches for it: an emptied row without one
is a change by other hands.
"""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import msgspec

ERASED = "person.erased"
"""The action of the chain's row; its digest is of the tombstones that it made."""

Tombstones = Mapping[tuple[str, str], str]
"""By table and row: the SHA-256, hex, of what rested there."""


def digest_of(lines: Iterable[tuple[str, str, str]]) -> str:
    """Return the digest of tombstones (table, row, hash)."""
    return hashlib.sha256(msgspec.json.encode(sorted(lines))).hexdigest()


def tombstones_of(rows: Iterable[Mapping[Any, Any]], told: Mapping[int, str]) -> tuple[dict[tuple[str, str], str], str]:
    """Return the tombstones that the chain vouches for, and what is wrong with others, or "".

    `rows` are those of erased_row by number, `told` the digests of the chain's rows of erasures by number.
    """
    found: dict[tuple[str, str], str] = {}
    left = dict(told)
    for number, group in groupby(rows, key=lambda row: int(row["number"])):
        lines = [(str(row["table_name"]), str(row["row_id"]), str(row["sha256"])) for row in group]
        if left.pop(number, None) != digest_of(lines):
            return {}, f"what row {number} says was erased was changed"
        found.update({(table, row_id): sha256 for table, row_id, sha256 in lines})
    missing = [number for number, digest in left.items() if digest != digest_of([])]
    return (found, "") if not missing else ({}, f"what row {min(missing)} says was erased was removed")


def sha256_of(data: bytes, table: str, row_id: str, tombstones: Tombstones) -> str:
    """Return the hash of what rests in a row, or rested there before it was erased; "": no erasure tells of it."""
    return hashlib.sha256(data).hexdigest() if data else tombstones.get((table, row_id), "")
