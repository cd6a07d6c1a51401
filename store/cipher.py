"""Seals personal fields with AES-256-GCM and finds them by a blind index; refuses a key that others can read."""

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import ConfigurationError, DurabilityError
from store.folders import sync_folder

KEY_BYTES = 32
NONCE_BYTES = 12
"""Random for each value: 2^32 values under one key are safe at 96 bits; a county writes some 10^8 in ten years."""

KEY_ID_BYTES = 4
PAD_BLOCK_BYTES = 64
"""Short values all look alike on the disk: whether an illness is recorded at all must not show in the length."""

FORMAT = b"\x01"
_HEADER_BYTES = len(FORMAT) + KEY_ID_BYTES
_KEY_LINE = re.compile(r"([0-9a-f]{8}):([0-9a-f]{64})")
_DEFAULT_COUNTRY = "86"
_MOBILE_DIGITS = 11


class DataKey(NamedTuple):
    """A key that rests in the database, wrapped by the key file's: `id` stands in the header of what it sealed."""

    id: bytes
    key: bytes


@dataclass(frozen=True)
class Ring:
    """The keys of a database: of its fields, the oldest first, which all still open; and of its blind indexes."""

    fields: tuple[DataKey, ...]
    index: DataKey

    @classmethod
    def fresh(cls, older: tuple[DataKey, ...] = ()) -> Self:
        """Return random keys that nothing is sealed with yet, after those that things are."""
        return cls((*older, _random_key()), _random_key())


class FieldCipher:
    """Seals and opens single fields, each bound to its table, column and row. Any thread may use it.

    The key of the key file opens the keys of the database, and seals no field itself; without a ring (a database of
    before there were rings, a test) its own derived keys stand in.
    """

    def __init__(self, key: bytes, ring: Ring | None = None) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self._key = key
        self._wrapping = AESGCM(_derived(key, b"shouwang key wrapping v1", KEY_BYTES))
        self._master_id = _derived(key, b"shouwang key id v1", KEY_ID_BYTES)
        self.ring = ring or self.own_ring
        self._openers = {one.id: AESGCM(one.key) for one in self.ring.fields}
        self._id = self.ring.fields[-1].id
        self._aes = self._openers[self._id]
        self._blind_key = self.ring.index.key

    @property
    def own_ring(self) -> Ring:
        """The keys that are derived from the key file's: what releases before the ring sealed with."""
        field = DataKey(self._master_id, _derived(self._key, b"shouwang field encryption v1", KEY_BYTES))
        index = _derived(self._key, b"shouwang blind index v1", KEY_BYTES)
        return Ring((field,), DataKey(self._master_id, index))

    def with_ring(self, ring: Ring) -> "FieldCipher":
        """Return the cipher of a database with these keys."""
        return FieldCipher(self._key, ring)

    def wrap(self, one: DataKey, use: str) -> bytes:
        """Return a key of the database as it may rest there."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, one.key, f"{use}\x1f{one.id.hex()}".encode())

    def unwrap(self, wrapped: bytes, key_id: str, use: str) -> DataKey:
        """Return a key of the database; raises DurabilityError when another key file's wrapped it."""
        nonce, rest = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            key = self._wrapping.decrypt(nonce, rest, f"{use}\x1f{key_id}".encode())
        except InvalidTag as error:
            raise DurabilityError(f"key {key_id} of the database is damaged, or of another key file") from error
        return DataKey(bytes.fromhex(key_id), key)

    @classmethod
    def load(cls, path: Path, *, database: Path) -> Self:
        """Read the key file, or make it when neither it nor the database is there yet.

        Raises ConfigurationError when the file is damaged, readable by others, or gone while its database is there.
        """
        if not path.exists():
            if database.exists() and not path.exists():  # asked again: another process may just have made both
                raise ConfigurationError(
                    f"the key file is missing but its database {database} exists",
                    where=str(path),
                    remedy="restore the key file from its back-up; without it the personal fields cannot be read",
                )
            create_key(path)
        return cls(read_key(path))

    @property
    def key_id(self) -> str:
        """Return 8 hex digits that name the key file's key and reveal nothing of it."""
        return self._master_id.hex()

    def seal(self, text: str, *, table: str, column: str, row_id: str) -> bytes:
        """Return the text encrypted for exactly this place; elsewhere it does not open."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        head = FORMAT + self._id
        return head + nonce + self._aes.encrypt(nonce, _padded(text.encode()), _place(head, table, column, row_id))

    def open(self, sealed: bytes, *, table: str, column: str, row_id: str) -> str:
        """Return the text; raises DurabilityError when it was changed, moved, or sealed with another key."""
        head, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        opener = self._openers.get(head[len(FORMAT) :])
        if opener is None or not head.startswith(FORMAT):
            raise DurabilityError(f"{table}.{column} of {row_id} was sealed with another key or is damaged")
        place = _place(head, table, column, row_id)
        try:
            padded = opener.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place)
        except (InvalidTag, ValueError) as error:
            raise DurabilityError(f"{table}.{column} of {row_id} was changed, moved or damaged") from error
        return padded[: padded.rindex(b"\x80")].decode()

    def blind_phone(self, phone: str, *, table: str) -> bytes | None:
        """Return the index value of a number however it is written; None for an empty one."""
        return self._blind(f"{table}.phone", normal_phone(phone))

    def blind_id_number(self, id_number: str) -> bytes | None:
        """Return the index value of an identity number; None for an empty one."""
        return self._blind("person.id_number", normal_id_number(id_number))

    def _blind(self, purpose: str, text: str) -> bytes | None:
        if not text:
            return None
        return hmac.digest(self._blind_key, f"{purpose}\x1f{text}".encode(), hashlib.sha256)


def normal_phone(phone: str) -> str:
    """Return the digits with their country code; a number without one is taken for a mainland number."""
    digits = re.sub(r"[^0-9]", "", phone)
    if phone.strip().startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    if digits.startswith("0"):  # a trunk prefix before an area code
        return _DEFAULT_COUNTRY + digits[1:]
    if len(digits) == _MOBILE_DIGITS and digits.startswith("1"):
        return _DEFAULT_COUNTRY + digits
    return digits


def normal_id_number(id_number: str) -> str:
    """Return an identity number without spaces, its check letter upper case."""
    return re.sub(r"\s", "", id_number).upper()


def _random_key() -> DataKey:
    return DataKey(secrets.token_bytes(KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES))


def _derived(key: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(key)


def _place(head: bytes, table: str, column: str, row_id: str) -> bytes:
    return head + f"{table}\x1f{column}\x1f{row_id}".encode()


def _padded(text: bytes) -> bytes:
    return text + b"\x80" + b"\x00" * (-(len(text) + 1) % PAD_BLOCK_BYTES)


def create_key(path: Path) -> None:
    """Write the file whole and durable before anybody can seal with it; of two processes the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_bytes(KEY_BYTES)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(f"{FieldCipher(key).key_id}:{key.hex()}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            return
    finally:
        fresh.unlink()
    sync_folder(path.parent)


def read_key(path: Path) -> bytes:
    """Return the key of a key file; raises ConfigurationError when it is damaged or readable by others."""
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(
            "the key file can be read by others", where=str(path), remedy=f"chmod 600 {path}, and ask who has read it"
        )
    try:
        match = _KEY_LINE.fullmatch(path.read_text(encoding="ascii").strip())
    except UnicodeDecodeError:
        match = None
    if match is not None:
        key = bytes.fromhex(match[2])
        if FieldCipher(key).key_id == match[1]:
            return key
    raise ConfigurationError(
        "the key file is damaged: it is one line <key id>:<64 hex digits>, and the id fits the key",
        where=str(path),
        remedy="restore it from its back-up; do not make a new one while its database exists",
    )
