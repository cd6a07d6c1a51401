"""Credentials of devices: issued, changed and revoked in one transaction, then written for the brokers."""

import secrets

import msgspec

from app import broker_users, mosquitto_files
from app.settings import Settings
from core.clock import Clock
from core.errors import ConflictError, NotFoundError
from registry.credentials import MAX_CREDENTIALS, Credential, check
from store.truth.database import Truth

TOKEN_BYTES = 32
"""256 random bits: nobody guesses it, so that a broker needs no slow hash at CONNECT."""


class CredentialDesk:
    """Changes who may speak at the broker; any process may call it."""

    def __init__(self, truth: Truth, clock: Clock, settings: Settings) -> None:
        self._truth = truth
        self._clock = clock
        self._settings = settings

    def known(self) -> list[Credential]:
        """Return all credentials, revoked ones too; no token."""
        with self._truth.view() as unit:
            return unit.credentials.known()

    def issue(self, credential: Credential, who: str) -> str:
        """Return a fresh token of a new credential; it is shown this once.

        Raises ConflictError for a name that is taken, and for topics that are not a device's own or another's.
        """
        with self._truth.transaction() as unit:
            others = unit.credentials.known()
            before = next((one for one in others if one.username == credential.username), None)
            if before is not None and before.revoked_at_ms is None:
                raise ConflictError(f"{credential.username} has a credential: rotate or revoke it")
            if len(others) >= MAX_CREDENTIALS:
                raise ConflictError(f"there are {MAX_CREDENTIALS} credentials already")
            check(credential, others)
            issued = msgspec.structs.replace(
                credential, issued_at_ms=self._clock.now_ms(), issued_by=who, revoked_at_ms=None
            )
            token = secrets.token_urlsafe(TOKEN_BYTES)
            unit.credentials.put(issued, token, mosquitto_files.password_hash(token))
        self.publish()
        return token

    def rotate(self, username: str, who: str) -> str:
        """Return a fresh token; the one before opens nothing from now on. Raises NotFoundError."""
        with self._truth.transaction() as unit:
            before = unit.credentials.get(username)
            if before is None or before.revoked_at_ms is not None:
                raise NotFoundError(f"没有此凭据 {username} / no credential {username}")
            token = secrets.token_urlsafe(TOKEN_BYTES)
            after = msgspec.structs.replace(before, issued_at_ms=self._clock.now_ms(), issued_by=who)
            unit.credentials.put(after, token, mosquitto_files.password_hash(token))
        self.publish()
        return token

    def revoke(self, username: str) -> None:
        """Let a credential open nothing any more, connections that are open included. Raises NotFoundError."""
        with self._truth.transaction() as unit:
            before = unit.credentials.get(username)
            if before is None or before.revoked_at_ms is not None:
                raise NotFoundError(f"没有此凭据 {username} / no credential {username}")
            unit.credentials.revoke(username, self._clock.now_ms())
        self.publish()

    def publish(self) -> list[str]:
        """Write what the brokers check by; return what was written or told, one line each."""
        with self._truth.view() as unit:
            known = unit.credentials.secrets()
        told: list[str] = []
        if not self._settings.mqtt_host:
            folder = self._settings.data_dir / "broker"
            broker_users.write(folder, [(credential, token) for credential, token, _ in known])
            is_told = broker_users.reload(folder)
            told.append(
                "the embedded broker has them" if is_told else "the embedded broker will have them at its start"
            )
        if self._settings.mosquitto_dir:
            verifiers = [(credential, verifier) for credential, _, verifier in known]
            account = (self._settings.mqtt_username, self._settings.mqtt_password)
            told += mosquitto_files.write(self._settings.mosquitto_dir, verifiers, account)
        return told
