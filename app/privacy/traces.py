"""What somebody is known by, and where it still stands: in the files of the data directory, in records of others."""

import json
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

import msgspec

from core.ids import PersonId
from registry.entries import Filed
from store.cipher import normal_id_number, normal_phone
from store.truth.database import Unit

SHORTEST_NAME = 2
SHORTEST_ADDRESS = 4
"""Shorter texts stand in every village's records and would find everybody."""

CHUNK_BYTES = 1 << 22
COUNTRY = "86"


class Traces(msgspec.Struct, frozen=True):
    """Texts by which a person is found: `marks` are theirs alone (numbers), `words` may be others' too."""

    marks: tuple[str, ...]
    words: tuple[str, ...] = ()

    @property
    def everything(self) -> tuple[str, ...]:
        """Both."""
        return (*self.marks, *self.words)


def traces_of(unit: Unit, person_id: PersonId) -> Traces:
    """Return what a person was ever known by: every version of the record, the people around them."""
    person, entry = unit.people.person(person_id), unit.entries.get(person_id)
    if person is None:
        return Traces(())
    marks: set[str] = set()
    words: set[str] = set()
    for filed in (Filed(person=person, entry=entry), *(one.filed for one in unit.entries.versions(person_id))):
        one, form = filed.person, filed.entry.form
        marks |= {*_id_numbers(one.id_number), *_phones(one.phone), form.disability_certificate}
        words |= {one.name, one.address if len(one.address) >= SHORTEST_ADDRESS else ""}
    return Traces(tuple(sorted(marks - {""})), tuple(sorted(one for one in words if len(one) >= SHORTEST_NAME)))


def is_about(text: str, traces: Traces) -> bool:
    """Return whether a text names the person by a mark of theirs alone."""
    return any(mark in text for mark in traces.marks)


def found_in_files(folder: Path, traces: Traces) -> list[str]:
    """Return the files below a folder in which a trace stands in clear, whatever their format; names only."""
    needles = [form for text in traces.everything for form in _encoded(text)]
    return [
        str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file() and _holds(path, needles)
    ]


def named_elsewhere(unit: Unit, traces: Traces, own: Container[tuple[str, str]]) -> list[str]:
    """Return the records (table and place), but the `own` ones, in which the person is named by a mark."""
    found = (
        f"{table} {place}"
        for table, place, _, text in unit.privacy.everything_opened()
        if is_about(text, traces) and (table, place) not in own
    )
    return sorted(set(found))


def _id_numbers(text: str) -> set[str]:
    return {normal_id_number(text), normal_id_number(text).lower()}


def _phones(text: str) -> set[str]:
    digits = normal_phone(text)
    return {digits.removeprefix(COUNTRY)} if digits else set()


def _encoded(text: str) -> Iterator[bytes]:
    yield text.encode()
    if not text.isascii():
        yield json.dumps(text).strip('"').encode()
        yield text.encode("gb18030")
        yield text.encode("utf-16-le")


def _holds(path: Path, needles: Iterable[bytes]) -> bool:
    wanted = list(needles)
    overlap = max((len(one) for one in wanted), default=1)
    before = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            held = before + chunk
            if any(one in held for one in wanted):
                return True
            before = held[-overlap:]
    return False
