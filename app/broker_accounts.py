"""The embedded broker's own accounts and what each may do; their passwords are made once and stay in the folder."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.private_file import write_private
from core.errors import ConfigurationError


class Account(msgspec.Struct, frozen=True):
    """A broker account; the password is generated once and stays in the data directory."""

    username: str
    password: str


class Accounts(msgspec.Struct, frozen=True):
    """Who may do what: ingest everything, devices only speak, the simulator drives the clock as well."""

    ingest: Account
    device: Account
    simulator: Account


def load_accounts(folder: Path) -> Accounts:
    """Return the accounts of a folder, made where there are none; raises ConfigurationError for a damaged file."""
    path = folder / "accounts.json"
    if path.exists():
        try:
            return msgspec.json.decode(path.read_bytes(), type=Accounts)
        except msgspec.DecodeError as error:
            raise ConfigurationError(
                f"the broker's accounts cannot be read ({error})",
                where=str(path),
                remedy="restore the file, or delete it: new passwords are made and devices need theirs again",
            ) from error
    accounts = Accounts(
        *(Account(name, secrets.token_urlsafe(24)) for name in ("ingest", "device", "simulator")),
    )
    write_private(path, msgspec.json.encode(accounts))
    return accounts


def own_users(accounts: Accounts, subjects: Sequence[str], *, has_shared_account: bool) -> list[dict[str, Any]]:
    """Return them as users of the server's configuration; devices may speak on `subjects` alone."""
    speak = {"publish": {"allow": [*subjects]}, "subscribe": {"deny": [">"]}}
    drive = {
        "publish": {"allow": [*subjects, "shouwang.clock"]},
        "subscribe": {"allow": ["shouwang.clock.settled", "$MQTT.sub.>"]},
    }
    rights = [(accounts.ingest, None), (accounts.simulator, drive)]
    rights += [(accounts.device, speak)] if has_shared_account else []
    return [
        {"user": account.username, "password": account.password, "allowed_connection_types": ["MQTT"]}
        | ({"permissions": permissions} if permissions else {})
        for account, permissions in rights
    ]
