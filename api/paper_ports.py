"""What the API asks of the press: a form as a file; every one that is about a person is written down."""

from typing import Literal, NamedTuple, Protocol

PaperFormat = Literal["pdf", "docx"]
ReturnFileKind = Literal["pdf", "xlsx"]

MEDIA_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class PaperFile(NamedTuple):
    """A finished file. Its name holds an id, no person's name; `undrawn` lists characters that no font has."""

    name: str
    content: bytes
    sha256: str
    undrawn: tuple[str, ...]


class Press(Protocol):
    """The press. Unknown ids raise NotFoundError, a visit without a form ConflictError."""

    async def annex1(self, person_id: str, paper_format: PaperFormat, *, reason: str, account: str) -> PaperFile:
        """Return a person's registration form, two copies."""
        ...

    async def annex2(self, visit_id: str, paper_format: PaperFormat, *, reason: str, account: str) -> PaperFile:
        """Return a visit's record, three copies."""
        ...

    async def ledger(self, area: str, *, reason: str, account: str) -> PaperFile:
        """Return an area's electronic ledger (XLSX): one row a person, every field of annex 1."""
        ...

    async def sheet(self, village: str, *, reason: str, account: str) -> PaperFile:
        """Return a village's sheet as it is now (PDF)."""
        ...
