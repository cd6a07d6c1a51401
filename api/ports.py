"""What the API asks of the service behind it; the app answers, the API never reaches past these."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from alerts.model import AlertState, Outcome
from api.device_ports import DeviceConsole
from api.home_views import (
    ActivityView,
    CoverageView,
    DeviceView,
    ExplanationView,
    HomeRulesView,
    HomeView,
    ReadingView,
)
from api.incident_views import AffectedPage, OpenAlerts
from api.rule_views import PresetView, RulesView
from api.views import AlertDetail, AlertView, DueView, HealthView, PersonView, RevealedView, VisitView
from registry.access import Deed


class Console(DeviceConsole, Protocol):
    """Everything the duty desk reads and does. Unknown ids raise NotFoundError, moved versions ConflictError."""

    async def check_watch(
        self,
        account: str,
        *,
        home_id: str = "",
        alert_id: str = "",
        attempt_id: str = "",
        person_id: str = "",
        acts: bool = False,
    ) -> None:
        """Raise ForbiddenError unless the account may see what is named; nothing named: every area. Unknown: pass.

        With `acts`, unless it may act upon it: for the incident of a village that takes the whole of it.
        """
        ...

    async def deeds(self, account: str) -> Collection[Deed]:
        """Return what the account may do in some area: a menu shows nobody what would refuse them."""
        ...

    async def people(self, account: str) -> Sequence[PersonView]:
        """Return the people of the account's areas, ordered by id."""
        ...

    async def person(self, person_id: str) -> PersonView:
        """Return one person; raises NotFoundError."""
        ...

    async def homes(self, account: str) -> Sequence[HomeView]:
        """Return the homes of the account's areas, ordered by id."""
        ...

    async def home(self, home_id: str) -> HomeView:
        """Return one home; raises NotFoundError."""
        ...

    async def devices(self, home_id: str) -> Sequence[DeviceView]:
        """Return a home's devices, ordered by id; raises NotFoundError."""
        ...

    async def readings(self, home_id: str, from_ms: int, until_ms: int, limit: int) -> Sequence[ReadingView]:
        """Return readings of [from_ms, until_ms), oldest first, ties in a stable order; raises NotFoundError."""
        ...

    async def activity(self, home_id: str, day: date) -> ActivityView:
        """Return one local day of every sensor and the four weeks that end with it; raises NotFoundError."""
        ...

    async def explanation(self, home_id: str, at_ms: int | None) -> ExplanationView:
        """Return why a home rings or does not, now (None) or at a past moment, told again from the journal.

        Raises NotFoundError, also when nothing had been received by then; RefusedError(too_many_replays) while others
        ask for the past, RefusedError(replay_too_long).
        """
        ...

    async def coverage(self, home_id: str) -> Sequence[CoverageView]:
        """Return how long a home was seen on each of the last 35 days, oldest first; raises NotFoundError."""
        ...

    async def home_rules(self, home_id: str) -> HomeRulesView:
        """Return what cannot be seen in a home, its limits and where each comes from; raises NotFoundError."""
        ...

    async def rules(self, account: str) -> RulesView:
        """Return the rulebook in force, of single homes those of the account's areas."""
        ...

    async def presets(self) -> Sequence[PresetView]:
        """Return the ways to judge silence that have a name, each with its measurements."""
        ...

    async def alerts(
        self, states: frozenset[AlertState], limit: int, before_ms: int | None, *, account: str
    ) -> Sequence[AlertView]:
        """Return the account's alerts opened before `before_ms` (None: all), newest first, ties in a stable order."""
        ...

    async def open_alerts(self, limit: int, account: str) -> OpenAlerts:
        """Return the account's open alerts, gravest first, and how many more stand in the lists of incidents."""
        ...

    async def affected(self, alert_id: str, page: int, limit: int, *, account: str) -> AffectedPage:
        """Return the account's homes that an incident explains, by risk; empty for any other alert; NotFoundError."""
        ...

    async def alert(self, alert_id: str) -> AlertDetail:
        """Return one alert with its story; raises NotFoundError."""
        ...

    async def acknowledge(self, alert_id: str, account: str, version: int, idempotency_key: str) -> AlertView:
        """Give the alert an owner; ConflictError when somebody was first; the same key twice is harmless."""
        ...

    async def close(self, alert_id: str, outcome: Outcome, note: str, *, account: str, version: int) -> AlertView:
        """Close with a human fact; ConflictError when the version moved on or the alert cannot be closed."""
        ...

    async def press(self, attempt_id: str, digits: str, account: str, *, version: int | None) -> AlertDetail:
        """Record the key a person said when the clerk rang by hand, who saw the alert at a version.

        ConflictError when the attempt is over, or a new kind joined since; None stands for when the call was placed.
        """
        ...

    async def reveal(self, alert_id: str, reason: str, account: str) -> RevealedView:
        """Return numbers and address for a clerk, after recording who looked and why; raises NotFoundError."""
        ...

    async def visits(
        self, person_id: str | None, from_date: date, until_date: date, *, account: str
    ) -> Sequence[VisitView]:
        """Return ledger rows of one person or all whom the account sees, dates inclusive, newest first."""
        ...

    async def review_visit(self, visit_id: str, account: str) -> VisitView:
        """Sign a contact that counts only when reviewed; ConflictError when it is signed or too late."""
        ...

    async def due(self, month: date, account: str) -> Sequence[DueView]:
        """Return what the month that begins on `month` owes whom the account sees, a row per person and window."""
        ...

    async def rota_calendar(self) -> str:
        """Return the duty rota around now as an iCalendar text (RFC 5545)."""
        ...

    async def health(self) -> HealthView:
        """Return the service's own state."""
        ...

    async def is_ready(self) -> tuple[bool, list[str]]:
        """Return whether it can do its work, and what stops it; no personal data in the words."""
        ...

    def subscribe(self) -> AsyncIterator[int]:
        """Yield the present version at once, then each newer one; a slow reader gets only the latest (bounded)."""
        ...


class Accounts(Protocol):
    """Who may sit at the desk."""

    async def login(self, name: str, password: str) -> str | None:
        """Return a fresh session token, or None; takes as long for an unknown name as for a wrong password."""
        ...

    async def password_set_ms(self, name: str) -> int:
        """Return when the account's password was set, later for each newer one; 0 for a name that nobody has."""
        ...

    async def account_of(self, token: str) -> str | None:
        """Return the account's name while the session lasts."""
        ...

    async def logout(self, token: str) -> None:
        """End the session; an unknown token is harmless."""
        ...


class PhoneCallbacks(Protocol):
    """What a phone provider calls back for; nothing below is_signed is called without its consent."""

    def is_signed(self, path_with_query: str, form: Mapping[str, str], signature: str) -> bool:
        """Say whether the provider signed this, against the configured public base, never the request's own host."""
        ...

    async def twiml(self, attempt_id: str, form: Mapping[str, str]) -> str:
        """Return the XML the call begins with; raises NotFoundError."""
        ...

    async def gather(self, attempt_id: str, form: Mapping[str, str]) -> str:
        """Take pressed digits and return the XML that answers them; raises NotFoundError."""
        ...

    async def status(self, attempt_id: str, form: Mapping[str, str]) -> None:
        """Take one call status; a repeated or late one is harmless."""
        ...

    async def sms_status(self, attempt_id: str, form: Mapping[str, str]) -> None:
        """Take one message status; a repeated or late one is harmless."""
        ...


class CallReports(Protocol):
    """Reports of a provider that signs nothing; `take` is not called without is_known's consent."""

    def is_known(self, token: str) -> bool:
        """Say whether the address holds the secret that only the provider was told."""
        ...

    async def take(self, body: bytes) -> None:
        """Take a batch; raises ValueError for what cannot be read."""
        ...

    async def take_texts(self, body: bytes) -> None:
        """Take a batch about texts, in the same way."""
        ...
