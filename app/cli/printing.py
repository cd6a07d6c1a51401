"""Commands of the press: print annex1, annex2, ledger, sheets; each print of a record is written into the chain."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Config, DataDir, at_terminal, check_folder, handing_out, settings_of
from app.files import DataFiles
from app.opened import clock_of, opened_truth
from app.paper.building import press_of
from app.paper.pdf import Printed
from app.paper.press import Press
from app.private_file import write_private
from core.localtime import local_date, zone

print_app = typer.Typer(help="Forms and lists on paper", no_args_is_help=True)

Out = Annotated[Path, typer.Option("--out", help="The folder to write into; only you may read the file")]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept in the audit chain")]
AsDocx = Annotated[bool, typer.Option("--docx", help="An editable .docx instead of a PDF")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(print_app, name="print")


@print_app.command("annex1")
def annex1(
    person: Annotated[str, typer.Argument(help="The person's id")],
    why: Why,
    out: Out = Path(),
    docx: AsDocx = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Print a person's registration form: two copies, labelled with where each is kept."""
    check_folder(out, where="--out")
    with _press(config, data_dir) as press:
        _write(_form(out, "annex1", person, as_docx=docx), press.annex1(person, at_terminal(), why, as_docx=docx))


@print_app.command("annex2")
def annex2(
    visit: Annotated[str, typer.Argument(help="The visit's id")],
    why: Why,
    out: Out = Path(),
    docx: AsDocx = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Print the record of a visit: three copies, labelled with where each is kept."""
    check_folder(out, where="--out")
    with _press(config, data_dir) as press:
        _write(_form(out, "annex2", visit, as_docx=docx), press.annex2(visit, at_terminal(), why, as_docx=docx))


@print_app.command("ledger")
def ledger(
    why: Why,
    area: Annotated[str, typer.Option("--area", help="town/village/grid; default: all")] = "",
    out: Out = Path(),
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Write the electronic ledger as XLSX: one row a person, every field of annex 1."""
    check_folder(out, where="--out")
    settings = settings_of(config, data_dir)
    clock = clock_of(settings)
    day = local_date(clock.now_ms(), zone(settings.zone))
    with opened_truth(settings) as truth:
        printed, count = press_of(settings, truth, clock).ledger(area, at_terminal(), why)
    _write(out / f"ledger-{day}.xlsx", printed)
    print(f"{count} people")


@print_app.command("sheets")
def sheets(config: Config = None, data_dir: DataDir = None) -> None:
    """Name the sheets that the service made for each village, the newest evening first; a week is kept."""
    folder = DataFiles(settings_of(config, data_dir).data_dir).sheets
    found = sorted(folder.glob("*/*.pdf"), key=lambda path: (path.parent.name, path.name), reverse=True)
    for path in found:
        print(path)
    print(f"{len(found)} sheets")


@contextmanager
def _press(config: Path | None, data_dir: Path | None) -> Generator[Press]:
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        yield press_of(settings, truth, clock_of(settings))


def _form(folder: Path, name: str, of: str, *, as_docx: bool) -> Path:
    return folder / f"{name}-{of}.{'docx' if as_docx else 'pdf'}"


def _write(path: Path, printed: Printed) -> None:
    with handing_out(path, where="--out"):
        write_private(path, printed.content)
    print(f"{path}  sha256 {printed.sha256}")
    for one in printed.undrawn:
        print(f"    ! 无法印出，请手写 / cannot be drawn, write it by hand: {one}")
