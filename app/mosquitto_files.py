"""Credentials as Mosquitto reads them: a password file, an access list, and the lines that its configuration needs."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path

from app.private_file import write_private
from core.errors import ConfigurationError
from registry.credentials import Credential

PASSWORDS, ACCESS, CONFIGURATION = "shouwang.passwd", "shouwang.acl", "shouwang.conf"

_ITERATIONS = 101
"""What mosquitto_passwd takes; a token of 256 bits gains nothing by more, and a county's reconnect stays quick."""

_SALT_BYTES = 12


def write(folder: str, credentials: Sequence[tuple[Credential, str]], ingest: tuple[str, str]) -> list[str]:
    """Write the three files; return what is to be done, one line each. `ingest` is the service's own account.

    Raises ConfigurationError when the folder cannot be written.
    """
    path = Path(folder)
    username, password = ingest
    if not username or not password or ":" in username:
        raise ConfigurationError(
            "Mosquitto's files need the service's own account",
            where="mqtt_username, mqtt_password",
            remedy="name the account by which the service listens",
        )
    lines = [f"{username}:{password_hash(password)}", *(f"{one.username}:{verifier}" for one, verifier in credentials)]
    try:
        path.mkdir(parents=True, exist_ok=True)
        write_private(path / PASSWORDS, ("\n".join(lines) + "\n").encode(), mode=0o640)
        write_private(path / ACCESS, access_list([one for one, _ in credentials], username).encode(), mode=0o640)
        write_private(path / CONFIGURATION, configuration(path.resolve()).encode(), mode=0o644)
    except OSError as error:
        raise ConfigurationError(
            f"cannot write there: {error.strerror}", where=f"mosquitto_dir {path}", remedy="let the service write there"
        ) from error
    return [f"{path} is written: include {CONFIGURATION} once, then let Mosquitto read again (SIGHUP)"]


def access_list(credentials: Sequence[Credential], ingest: str) -> str:
    """Return Mosquitto's ACL: the service everything, each device below its own prefix, nobody else anything."""
    parts = [f"user {ingest}\ntopic readwrite #\n"]
    for one in credentials:
        topics = [f"topic write {topic}" for topic in one.publish] + [f"topic read {topic}" for topic in one.subscribe]
        parts.append("\n".join([f"user {one.username}", *topics]) + "\n")
    return "\n".join(parts)


def configuration(folder: Path) -> str:
    """Return the lines that Mosquitto's own configuration includes.

    A client is known by its account: nobody can take the session of another by its name.
    """
    return (
        "allow_anonymous false\n"
        f"password_file {folder / PASSWORDS}\n"
        f"acl_file {folder / ACCESS}\n"
        "use_username_as_clientid true\n"
    )


def password_hash(password: str, salt: bytes = b"") -> str:
    """Return what the password file holds: PBKDF2 over SHA-512, as mosquitto_passwd writes it."""
    salt = salt or secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
