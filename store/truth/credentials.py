"""Rows of broker credentials; the token is sealed before SQL sees it."""

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select, update

from registry.credentials import Credential
from store.cipher import FieldCipher
from store.truth.device_tables import device_credential

_TOPICS = msgspec.json.Decoder(tuple[str, ...])


class CredentialRows:
    """Credentials by username, bound to one transaction; a revoked one stays, so that its name tells its story."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    def known(self) -> list[Credential]:
        """Return all credentials by username, revoked ones too."""
        query = select(device_credential).order_by(device_credential.c.username)
        return [_credential(row) for row in self._connection.execute(query).mappings()]

    def get(self, username: str) -> Credential | None:
        """Return one credential, or None."""
        row = self._row(username)
        return None if row is None else _credential(row)

    def put(self, credential: Credential, token: str, verifier: str) -> None:
        """Insert or replace, with a token and what Mosquitto checks it by."""
        row = {
            **msgspec.structs.asdict(credential),
            "publish": msgspec.json.encode(credential.publish).decode(),
            "subscribe": msgspec.json.encode(credential.subscribe).decode(),
            "token": self._seal(credential.username, token),
            "verifier": verifier,
        }
        table = device_credential
        query = update(table).where(table.c.username == credential.username).values(row)
        if self._connection.execute(query).rowcount == 0:
            self._connection.execute(insert(table).values(row))

    def revoke(self, username: str, at_ms: int) -> None:
        """Let a credential open nothing any more; its token is forgotten."""
        table = device_credential
        gone = {"revoked_at_ms": at_ms, "token": self._seal(username, ""), "verifier": ""}
        self._connection.execute(update(table).where(table.c.username == username).values(gone))

    def secrets(self) -> list[tuple[Credential, str, str]]:
        """Return (credential, token, verifier) of every one that opens something."""
        table = device_credential
        query = select(table).where(table.c.revoked_at_ms.is_(None)).order_by(table.c.username)
        return [
            (_credential(row), self._open(row), row["verifier"]) for row in self._connection.execute(query).mappings()
        ]

    def _row(self, username: str) -> RowMapping | None:
        query = select(device_credential).where(device_credential.c.username == username)
        return self._connection.execute(query).mappings().first()

    def _seal(self, username: str, token: str) -> bytes:
        return self._cipher.seal(token, table="device_credential", column="token", row_id=username)

    def _open(self, row: RowMapping) -> str:
        return self._cipher.open(row["token"], table="device_credential", column="token", row_id=row["username"])


def _credential(row: RowMapping) -> Credential:
    return Credential(
        username=row["username"],
        publish=_TOPICS.decode(row["publish"]),
        subscribe=_TOPICS.decode(row["subscribe"]),
        issued_at_ms=row["issued_at_ms"],
        issued_by=row["issued_by"],
        revoked_at_ms=row["revoked_at_ms"],
    )
