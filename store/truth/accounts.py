"""Rows of staff accounts and their sessions; holds hashes only, never a password or a token."""

from sqlalchemy import Connection, delete, insert, select, update

from store.truth import tables


class AccountRows:
    """Accounts and sessions, bound to one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, name: str, password_hash: str, now_ms: int) -> None:
        """Insert or change an account; a changed password ends the account's sessions."""
        known = self.password_hash(name)
        row = {"name": name, "password_hash": password_hash, "updated_at_ms": now_ms}
        if known is None:
            self._connection.execute(insert(tables.account).values(row))
            return
        self._connection.execute(update(tables.account).where(tables.account.c.name == name).values(row))
        if known != password_hash:
            self._connection.execute(delete(tables.session).where(tables.session.c.name == name))

    def password_hash(self, name: str) -> str | None:
        """Return the hash of an account's password, or None when there is no such account."""
        return self._connection.scalar(select(tables.account.c.password_hash).where(tables.account.c.name == name))

    def names(self) -> list[str]:
        """Return all account names in order."""
        return list(self._connection.scalars(select(tables.account.c.name).order_by(tables.account.c.name)))

    def put_session(self, token_hash: str, name: str, expires_at_ms: int) -> None:
        """Open a session of an existing account; ConflictError at commit or before when there is none."""
        row = {"token_hash": token_hash, "name": name, "expires_at_ms": expires_at_ms}
        self._connection.execute(insert(tables.session).values(row))

    def session(self, token_hash: str, now_ms: int) -> str | None:
        """Return whose session it is, or None when it is unknown or has expired (expiry itself is too late)."""
        table = tables.session
        query = select(table.c.name).where(table.c.token_hash == token_hash, table.c.expires_at_ms > now_ms)
        return self._connection.scalar(query)

    def drop_session(self, token_hash: str) -> None:
        """End one session; nothing happens when it is not there."""
        self._connection.execute(delete(tables.session).where(tables.session.c.token_hash == token_hash))

    def drop_expired(self, now_ms: int) -> None:
        """Forget sessions that have expired."""
        self._connection.execute(delete(tables.session).where(tables.session.c.expires_at_ms <= now_ms))
