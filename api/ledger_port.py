"""What the API asks of the ledger behind it; unknown ids raise NotFoundError, moved versions ConflictError."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from api.ledger_forms import (
    BenefitIn,
    BenefitStepIn,
    CorrectionIn,
    EntryIn,
    FactIn,
    FilledIn,
    FollowUpIn,
    MergeIn,
    SpecialIn,
    StepIn,
)
from api.ledger_views import (
    BenefitView,
    BoardView,
    FollowUpView,
    FoundPersonView,
    RecordView,
    ReturnView,
    SpecialView,
    StandingView,
)
from api.paper_ports import PaperFile, ReturnFileKind
from visits.due_board import Risk
from visits.returns import ReturnStep


class Ledger(Protocol):
    """Everything that is read and written in the ledger; `account` is who is logged in.

    What its roles do not allow in an area raises ForbiddenError; an area wider than its roles is narrowed to theirs.
    """

    async def board(self, month: date, area: str, worker: str, *, account: str, risk: Risk | None = None) -> BoardView:
        """Return the due board of the month that begins on `month`; worker "" is everybody, `risk` chooses its people.

        Of an account with roles in several areas it is the first of them, when no area is named.
        """
        ...

    async def villages(self, account: str) -> Sequence[tuple[str, int]]:
        """Return every village with how many people are registered there, as far as the account sees them."""
        ...

    async def record(self, entry: EntryIn, account: str) -> RecordView:
        """Write a visit down as a draft; the same key, or the same visit told again, is the record that is there."""
        ...

    async def find_people(self, text: str, account: str) -> Sequence[FoundPersonView]:
        """Return the people of the account's areas whose name, number, home or area holds a text, the first few."""
        ...

    async def read(self, visit_id: str, account: str) -> RecordView:
        """Return one record with its versions."""
        ...

    async def unsigned(self, area: str, account: str) -> Sequence[RecordView]:
        """Return the records that wait for a signature, oldest first, without their versions."""
        ...

    async def fill(self, visit_id: str, form: FilledIn, account: str) -> RecordView:
        """Fill an unsigned record's form."""
        ...

    async def sign(self, visit_id: str, version: int, account: str) -> RecordView:
        """Sign a record; ConflictError while its form is incomplete or its month is closed."""
        ...

    async def correct(self, visit_id: str, correction: CorrectionIn, account: str) -> RecordView:
        """Write a signed record's next version."""
        ...

    async def approve(self, visit_id: str, version: int, account: str) -> RecordView:
        """Let a late entry count; ConflictError for one's own."""
        ...

    async def merge(self, visit_id: str, merge: MergeIn, account: str) -> RecordView:
        """Merge a double entry into another record."""
        ...

    async def monitored(self, person_id: str, month: date, account: str) -> RecordView:
        """Make a monitored month's record, for staff to sign; ConflictError below 20 covered days."""
        ...

    async def standing(self, person_id: str, account: str) -> StandingView:
        """Return how a person stands."""
        ...

    async def tell(self, person_id: str, fact: FactIn, account: str) -> StandingView:
        """Add a fact of a person's standing."""
        ...

    async def follow_ups(self, area: str, person_id: str | None, account: str) -> Sequence[FollowUpView]:
        """Return the open ones of an area, or all of one person, the one due first first."""
        ...

    async def open_follow_up(self, follow_up: FollowUpIn, account: str) -> FollowUpView:
        """Open one by hand."""
        ...

    async def step_follow_up(self, follow_up_id: str, step: StepIn, account: str) -> FollowUpView:
        """Take it one step further."""
        ...

    async def benefits(self, area: str, account: str) -> Sequence[BenefitView]:
        """Return the benefits that are under way."""
        ...

    async def find_benefit(self, benefit: BenefitIn, account: str) -> BenefitView:
        """Write down that somebody may be entitled."""
        ...

    async def move_benefit(self, eligibility_id: str, step: BenefitStepIn, account: str) -> BenefitView:
        """Take an application one step further."""
        ...

    async def specials(self, year: int, account: str) -> Sequence[SpecialView]:
        """Return the special periods that touch a year."""
        ...

    async def put_special(self, period: SpecialIn, account: str) -> SpecialView:
        """Enter, change or withdraw a special period."""
        ...

    def is_weather_signed(self, body: bytes, signature: str) -> bool:
        """Say whether a posted warning bears the town's signature; False while no secret is set."""
        ...

    async def take_warning(self, body: bytes) -> None:
        """Take a weather warning; raises ValueError for what cannot be read."""
        ...

    async def returns(self, month: date, account: str) -> Sequence[ReturnView]:
        """Return each village's return of a month."""
        ...

    async def draft_return(self, month: date, area: str, account: str) -> ReturnView:
        """Draw up a village's return, or draw its draft up again."""
        ...

    async def step_return(
        self, return_id: str, step: ReturnStep, *, version: int, text: str, account: str
    ) -> ReturnView:
        """Sign, receive, send back, reopen or close a return again; each is logged.

        The village signs, the town does the rest: under roles nobody does both to one return.
        """
        ...

    async def return_file(self, return_id: str, kind: ReturnFileKind, account: str) -> PaperFile:
        """Return a return as XLSX or PDF, which name people: the look is written down."""
        ...
