"""Local accounts: argon2id passwords, sessions kept as hashes; a stolen database opens no session."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Sequence
from concurrent.futures import Executor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.clock import SystemClock
from core.errors import ConflictError
from registry.access import Grant
from store.truth.database import Truth

SESSION_MS = 12 * 3_600_000
"""One shift and its handover."""

TOKEN_BYTES = 32
PASSWORD_CHARS_MIN = 10

SERVICE = "service"
"""Who adds the accounts of a demonstration: the program itself."""


class LocalAccounts:
    """Fits api.ports.Accounts. Sessions last by the machine's clock, also while a replay drives the service's."""

    def __init__(self, truth: Truth, executor: Executor | None = None) -> None:
        self._truth = truth
        self._executor = executor
        self._hasher = PasswordHasher()
        self._clock = SystemClock()
        self._nobody = hash_of_nobody(self._hasher)  # as slow for a name that does not exist

    async def login(self, name: str, password: str) -> str | None:
        """Return a fresh session token, or None."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._login, name, password)

    async def password_set_ms(self, name: str) -> int:
        """Return when the account's password was set, by whichever process; 0 for a name that nobody has."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._password_set_ms, name)

    async def account_of(self, token: str) -> str | None:
        """Return the account of a session."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._account_of, token)

    async def logout(self, token: str) -> None:
        """End a session."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._logout, token)

    def create(self, name: str, password: str, *, may_replace: bool = False, by: str = SERVICE) -> None:
        """Add an account, or set its new password; the chain tells which, never the password.

        Raises ConflictError for a name that is taken or a password that is too short.
        """
        if len(password) < PASSWORD_CHARS_MIN:
            raise ConflictError(f"a password needs at least {PASSWORD_CHARS_MIN} characters")
        with self._truth.transaction() as unit:
            is_known = unit.accounts.password_hash(name) is not None
            if is_known and not may_replace:
                raise ConflictError(f"there is an account {name} already")
            now_ms = self._clock.now_ms()
            unit.accounts.put(name, self._hasher.hash(password), now_ms)
            unit.audit.append(
                by, "account.password_set" if is_known else "account.added", f"account:{name}", "", now_ms
            )

    def grant(self, name: str, grants: Sequence[Grant], by: str) -> None:
        """Let an account have exactly these roles; none: it may do everything. Raises ConflictError for nobody."""
        with self._truth.transaction() as unit:
            if unit.accounts.password_hash(name) is None:
                raise ConflictError(f"there is no account {name}")
            unit.accounts.put_grants(name, grants)
            said = ", ".join(f"{one.role} in {one.area or 'all'}" for one in grants) or "everything"
            unit.audit.append(by, "account.granted", f"account:{name}", said, self._clock.now_ms())

    def is_password(self, name: str, password: str) -> bool:
        """Return whether the account is there and has that password."""
        with self._truth.view() as unit:
            known = unit.accounts.password_hash(name)
        try:
            self._hasher.verify(known or self._nobody, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        return known is not None

    def call(self, name: str, display_name: str, by: str) -> None:
        """Let forms say what somebody is called; raises ConflictError for nobody."""
        with self._truth.transaction() as unit:
            if not unit.accounts.put_display_name(name, display_name.strip()):
                raise ConflictError(f"there is no account {name}")
            unit.audit.append(by, "account.named", f"account:{name}", "", self._clock.now_ms())

    def display_names(self) -> dict[str, str]:
        """Return what staff are called, by account."""
        with self._truth.view() as unit:
            return unit.accounts.display_names()

    def grants(self, name: str) -> list[Grant]:
        """Return an account's roles in areas."""
        with self._truth.view() as unit:
            return unit.accounts.grants(name)

    def names(self) -> list[str]:
        """Return who may log in."""
        with self._truth.view() as unit:
            return unit.accounts.names()

    def _login(self, name: str, password: str) -> str | None:
        if not self.is_password(name, password):
            return None
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now_ms = self._clock.now_ms()
        with self._truth.transaction() as unit:
            unit.accounts.drop_expired(now_ms)
            unit.accounts.put_session(_hash(token), name, now_ms + SESSION_MS)
        return token

    def _password_set_ms(self, name: str) -> int:
        with self._truth.view() as unit:
            return unit.accounts.password_set_ms(name)

    def _account_of(self, token: str) -> str | None:
        with self._truth.view() as unit:
            return unit.accounts.session(_hash(token), self._clock.now_ms())

    def _logout(self, token: str) -> None:
        with self._truth.transaction() as unit:
            unit.accounts.drop_session(_hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()  # 256 random bits need no slow hash


def hash_of_nobody(hasher: PasswordHasher) -> str:
    """Return a hash that takes as long to verify as any and that no password has: its digest was never worked out."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
