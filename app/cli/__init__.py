"""The command line `shouwang`: every command prints what it did or what is wrong and what to do, in one line each."""

import logging
import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from app.log_lines import LocalLines
from core.errors import ShouwangError

PARTS: dict[str, tuple[str, ...]] = {
    "serve": ("serving",),
    "broker": ("serving",),
    "doctor": ("checkup",),
    "openapi": ("serving",),
    "account": ("accounts",),
    "demo": ("simulating",),
    "replay": ("simulating",),
    "sim": ("simulating",),
    "parked": ("parked",),
    "alerts": ("records",),
    "visits": ("visits",),
    "follow-ups": ("matters",),
    "standing": ("matters",),
    "special": ("matters",),
    "return": ("returns",),
    "registry": ("registry", "register", "gathering"),
    "devices": ("devices",),
    "print": ("printing",),
    "formats": ("formats",),
    "journal": ("journal",),
    "audit": ("auditing",),
    "privacy": ("privacy",),
    "keys": ("keys",),
    "contacts": ("contacts",),
    "kpi": ("kpi",),
    "series": ("series",),
    "rota": ("rota",),
    "rules": ("rules",),
    "ladder": ("ladders",),
    "silence": ("silences",),
    "township": ("township",),
}
"""Which modules a command is made of, in the order of the help.

They are imported when that command is asked for: all of them take seconds on a small computer, one a fraction.
"""


class OnDemand(TyperGroup):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  # as the base has it; its type is typer's own
        """Return the names of all commands without importing one."""
        return list(PARTS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002  # see above
        """Return a command, imported now; None where there is none of that name."""
        self.take_in([cmd_name] if cmd_name in PARTS else PARTS)  # all, so that the nearest names can be told
        return self.commands.get(cmd_name)

    def take_in(self, names: Iterable[str]) -> None:
        """Import these commands."""
        for name in names:
            if name not in self.commands:
                part = typer.Typer()
                part.callback()(_nothing)  # makes it a group, also with one command
                for module in PARTS[name]:
                    import_module(f"{__name__}.{module}").add_to(part)
                self.commands.update(get_group(part).commands)


def every_command() -> OnDemand:
    """Return the whole command line, imported: what documents are made from."""
    group = OnDemand(name="shouwang")
    group.take_in(PARTS)
    return group


def _nothing() -> None:
    """Stand for a group that does nothing of its own."""


def _tell_version(*, is_asked: bool) -> None:
    if is_asked:
        print(f"shouwang {version('shouwang')}")
        raise typer.Exit


def _begin(
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the release and end")
    ] = False,
) -> None:
    """Take what stands before the command."""


app = typer.Typer(
    name="shouwang",
    cls=OnDemand,
    callback=_begin,
    help="守望：独居老人关爱值守 · Shouwang watches over older people who live alone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line; an error that a person can act on is one line and exit code 2."""
    handler = logging.StreamHandler()
    handler.setFormatter(LocalLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for chatty in ("httpx", "mqtt", "twilio.http_client", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # they would log numbers and addresses
    try:
        app()
    except ShouwangError as error:
        print(f"shouwang: {error}", file=sys.stderr)
        sys.exit(2)
