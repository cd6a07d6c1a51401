"""Signs rows of the chain that vouch for other rows, with a key derived from the database's; anybody else is found.

A hash alone proves only that nothing was changed without hashing it anew, which needs no key. The signature stands in
the row's digest, after the SHA-256 and a colon, and covers the hash of the row before: so of the whole chain up to it.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from store.cipher import FieldCipher
from store.truth.tombstones import ERASED

KEPT, ADOPTED = "rows.kept", "rows.adopted"
"""What the chain calls it; rows of before there were fingerprints are adopted, once, when the database is upgraded."""

SIGNED = (KEPT, ADOPTED, ERASED)
"""Actions whose rows vouch for others that may change or be emptied."""

_PURPOSE = b"shouwang audit signature v1"


def signed(cipher: FieldCipher, digest: str, *, number: int, previous: str, action: str) -> str:
    """Return a digest (SHA-256, hex) with its signature by the key that seals now."""
    key_id = cipher.ring.fields[-1].id.hex()
    return f"{digest}:{key_id}:{_mac(cipher.ring.fields[-1].key, digest, number, previous, action)}"


def digest_in(text: str) -> str:
    """Return the digest alone, signed or not."""
    return text.partition(":")[0]


def is_signed(text: str) -> bool:
    """Return whether a signature stands there; whether it is one is told by its key."""
    return ":" in text


def unsigned(rows: Iterable[Mapping[Any, Any]], cipher: FieldCipher, *, is_demanded: bool) -> tuple[int, str] | None:
    """Return the first row whose signature is not by a key of the database, and what is wrong; None: there is none.

    `rows` are those with an action of SIGNED, by number. Rows of releases without signatures come first or not at all;
    with `is_demanded` the database was opened by a release that signs, so they cannot be all that there is.
    """
    keys = {one.id.hex(): one.key for one in cipher.ring.fields}
    has_begun, last = False, 0
    for row in rows:
        digest, _, rest = str(row["digest"]).partition(":")
        key_id, _, mac = rest.partition(":")
        last = row["number"]
        if not rest and not has_begun:
            continue
        has_begun = True
        key = keys.get(key_id)
        expected = "" if key is None else _mac(key, digest, row["number"], row["previous"], row["action"])
        if not expected or not hmac.compare_digest(mac, expected):
            return row["number"], "it vouches for rows and was written without the key of the database"
    return (last, "the signatures of the chain are gone") if is_demanded and last and not has_begun else None


def _mac(key: bytes, digest: str, number: int, previous: str, action: str) -> str:
    own = hmac.digest(key, _PURPOSE, hashlib.sha256)
    return hmac.digest(own, msgspec.json.encode([number, previous, action, digest]), hashlib.sha256).hex()
