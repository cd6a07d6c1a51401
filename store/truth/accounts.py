"""Rows of staff accounts and their sessions; holds hashes only, never a password or a token."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update

from registry.access import Grant, Role
from store.truth import tables
from store.truth.registry_tables import account_grant


class AccountRows:
    """Accounts and sessions, bound to one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, name: str, password_hash: str, now_ms: int) -> None:
        """Insert or change an account; a changed password ends the account's sessions.

        A newer password is set later than the one before, also where a clock was set back: it lifts a limit of tries.
        """
        known = self.password_hash(name)
        set_ms = now_ms if known is None else max(now_ms, self.password_set_ms(name) + 1)
        row = {"name": name, "password_hash": password_hash, "updated_at_ms": set_ms}
        if known is None:
            self._connection.execute(insert(tables.account).values(row))
            return
        self._connection.execute(update(tables.account).where(tables.account.c.name == name).values(row))
        if known != password_hash:
            self._connection.execute(delete(tables.session).where(tables.session.c.name == name))

    def password_hash(self, name: str) -> str | None:
        """Return the hash of an account's password, or None when there is no such account."""
        return self._connection.scalar(select(tables.account.c.password_hash).where(tables.account.c.name == name))

    def password_set_ms(self, name: str) -> int:
        """Return when an account's password was set, 0 when there is no such account."""
        table = tables.account
        return self._connection.scalar(select(table.c.updated_at_ms).where(table.c.name == name)) or 0

    def put_display_name(self, name: str, display_name: str) -> bool:
        """Keep what somebody is called on a form; return whether there is such an account."""
        where = tables.account.c.name == name
        return (
            self._connection.execute(update(tables.account).where(where).values(display_name=display_name)).rowcount
            == 1
        )

    def display_names(self) -> dict[str, str]:
        """Return what staff are called, by account; who has no name is left out."""
        query = select(tables.account.c.name, tables.account.c.display_name).where(tables.account.c.display_name != "")
        return {row.name: row.display_name for row in self._connection.execute(query)}

    def names(self) -> list[str]:
        """Return all account names in order."""
        return list(self._connection.scalars(select(tables.account.c.name).order_by(tables.account.c.name)))

    def grants(self, name: str) -> list[Grant]:
        """Return an account's roles in areas."""
        table = account_grant
        query = select(table).where(table.c.name == name).order_by(table.c.area, table.c.role)
        return [Grant(Role(row.role), row.area) for row in self._connection.execute(query)]

    def put_grants(self, name: str, grants: Sequence[Grant]) -> None:
        """Let an account have exactly these roles; ConflictError when there is no such account."""
        self._connection.execute(delete(account_grant).where(account_grant.c.name == name))
        for grant in grants:
            row = {"name": name, "role": grant.role.value, "area": grant.area}
            self._connection.execute(insert(account_grant).values(row))

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
