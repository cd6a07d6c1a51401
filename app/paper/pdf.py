"""A form as PDF by typst; its texts go in as data, so that nothing a person typed is ever read as markup."""

import hashlib
import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import msgspec

from app.paper import typesetter
from app.paper.fonts import FontCase, Undrawn, drawable
from app.paper.layout import Form, placed
from core.errors import ShouwangError

SET_WITHIN_S = 60
"""A return of 240 people takes three seconds on two slow cores, the longest list some ten times that: twice as long is
no work but a fault. Whoever prints next waits for it, and so does the end of the service.
"""


class Printed(msgspec.Struct, frozen=True):
    """A finished file, its hash for the archive (R34), and what could not be drawn."""

    content: bytes
    sha256: str
    undrawn: tuple[Undrawn, ...]


class TypesettingError(ShouwangError):
    """A form that typst did not set, or not in time: a fault of ours, whatever stands in the form."""


def pdf_of(form: Form, case: FontCase, printed_at_ms: int) -> Printed:
    """Return the form as PDF/A; the same form and moment give the same bytes.

    Raises ValueError for a table with holes, TypesettingError. Blocking; its memory is given back when it is done.
    """
    placed(form)
    clean, undrawn = drawable(form, case)
    job = typesetter.Job(
        source=resources.files("app.paper").joinpath("form.typ").read_text("utf-8"),
        inputs={
            "form": msgspec.json.encode(clean).decode(),
            "fonts": json.dumps(case.families, ensure_ascii=False),
        },
        font_folders=list(case.folders),
        printed_at_s=printed_at_ms // 1000,
    )
    content = _typeset(job)
    return Printed(content, hashlib.sha256(content).hexdigest(), undrawn)


def _typeset(job: typesetter.Job) -> bytes:
    """Return the PDF of a program of its own; what a person wrote goes through a pipe, never onto a command line."""
    program = [sys.executable, "-I", str(Path(typesetter.__file__))]
    try:
        done = subprocess.run(  # noqa: S603  # our own file under our own interpreter
            program, input=msgspec.json.encode(job), capture_output=True, check=False, timeout=SET_WITHIN_S
        )
    except subprocess.TimeoutExpired as error:
        raise TypesettingError(f"a form was not set within {SET_WITHIN_S} s") from error
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise TypesettingError(f"a form could not be set (exit code {done.returncode}): {last}")
    return done.stdout
