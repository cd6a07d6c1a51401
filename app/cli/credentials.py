"""Commands over credentials of devices at the broker: issue, rotate, revoke, list, write; a token is shown once."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer

from app.cli.clerks import clerk_or_operator
from app.cli.options import Config, DataDir, Who, settings_of
from app.credentials import CredentialDesk
from app.opened import clock_of, opened_truth
from app.settings import Settings
from core.localtime import from_ms, zone
from registry.credentials import Credential, topics_of, username_of

credentials_app = typer.Typer(help="Credentials of devices at the broker", no_args_is_help=True)


@credentials_app.command("issue")
def issue(
    address: Annotated[str, typer.Argument(help="The device's address, or a gateway's: care/h0123, zigbee2mqtt/h0123")],
    user: Annotated[str, typer.Option(help="Its name at the broker; left out: from the address")] = "",
    publish: Annotated[
        list[str] | None, typer.Option(help="Topics it may speak on; left out: its convention's")
    ] = None,
    subscribe: Annotated[list[str] | None, typer.Option(help="Topics it may listen to")] = None,
    account: Who = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Let a device or gateway log in by itself, below its own prefix; its token is shown this once."""
    speak, listen = (tuple(publish), ()) if publish else topics_of(address)
    credential = Credential(
        username=user or username_of(address), publish=speak, subscribe=tuple(subscribe) if subscribe else listen
    )
    with _desk_and_who(settings_of(config, data_dir), account) as (desk, who):
        token = desk.issue(credential, who)
    print(f"username  {credential.username}\npassword  {token}")
    print(f"speaks on {' '.join(credential.publish)}; hears {' '.join(credential.subscribe) or 'nothing'}")


@credentials_app.command("rotate")
def rotate(username: str, account: Who = "", config: Config = None, data_dir: DataDir = None) -> None:
    """Give a credential a fresh token, shown this once; the one before opens nothing from now on."""
    with _desk_and_who(settings_of(config, data_dir), account) as (desk, who):
        token = desk.rotate(username, who)
    print(f"username  {username}\npassword  {token}")


@credentials_app.command("revoke")
def revoke(username: str, config: Config = None, data_dir: DataDir = None) -> None:
    """Let a credential open nothing any more; its connection is closed."""
    with _desk(settings_of(config, data_dir)) as desk:
        desk.revoke(username)
    print(f"{username} is revoked")


@credentials_app.command("list")
def list_credentials(config: Config = None, data_dir: DataDir = None) -> None:
    """List credentials with their topics and who issued them; no token."""
    settings = settings_of(config, data_dir)
    with _desk(settings) as desk:
        found = desk.known()
    tz = zone(settings.zone)
    for one in found:
        issued = f"{from_ms(one.issued_at_ms, tz):%Y-%m-%d %H:%M} {one.issued_by}"
        over = "" if one.revoked_at_ms is None else f"  revoked {from_ms(one.revoked_at_ms, tz):%Y-%m-%d %H:%M}"
        print(f"{one.username}  {' '.join(one.publish)}  {issued}{over}")
    print(f"{sum(one.revoked_at_ms is None for one in found)} credentials")


@credentials_app.command("write")
def write(config: Config = None, data_dir: DataDir = None) -> None:
    """Write all credentials again for the broker: the embedded one, or Mosquitto's files (setting mosquitto_dir)."""
    with _desk(settings_of(config, data_dir)) as desk:
        told = desk.publish()
    print("\n".join(told) or "no broker here is told: set mosquitto_dir")


@contextmanager
def _desk(settings: Settings) -> Generator[CredentialDesk]:
    with opened_truth(settings) as truth:
        yield CredentialDesk(truth, clock_of(settings), settings)


@contextmanager
def _desk_and_who(settings: Settings, account: str) -> Generator[tuple[CredentialDesk, str]]:
    with opened_truth(settings) as truth:
        yield CredentialDesk(truth, clock_of(settings), settings), clerk_or_operator(truth, account)
