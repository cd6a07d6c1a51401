"""A simulation beside the service: devices, phones and a clerk in lock-step; it reaches the service as they would."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import msgspec

from alerts.model import Outcome
from app.accounts import LocalAccounts
from app.files import ANOTHER_DIRECTORY, DataFiles
from app.registering import put_registration
from app.running import RunningService, stand_in
from core.clock import SystemClock
from core.errors import ConfigurationError
from core.ids import HomeId
from core.localtime import MINUTE_MS
from device_sim.clerk import SIMULATED, Clerk, ClerkSettings
from device_sim.lockstep import Lockstep, LockstepReport, LockstepSettings, Progress
from device_sim.messages import SimMessage
from device_sim.phone_server import PhoneServer
from device_sim.phone_timeline import PhoneEvent
from device_sim.phones import PhoneNetwork
from device_sim.registration import Registration
from device_sim.village import PhoneHabit
from store.truth.database import Truth

CLERK = "模拟值班员-simulated-clerk"
"""The account's name: it says what it is on every page, in the story and in the ledger."""

CLERK_ANNOUNCED = (
    f"{SIMULATED}（账号 account {CLERK}）：由程序代替人结案并签字 · "
    "a program closes the alerts and signs in place of a human"
)

CLERK_POLL_MS = 2 * MINUTE_MS
CLERK_REPORTS_AFTER_MS = 8 * MINUTE_MS
"""Before the ten minutes are over in which the owner of a life hazard must report."""

CLERK_HTTP_S = 10.0

STRANGERS_NAMED = 3
"""Ids that a refusal names: enough to see whose data that is."""


AWAKE_MS = 60 * MINUTE_MS
"""How long after the last sign of a telephone the clerk keeps looking at the board; a report comes well before."""


class ClerkOnCall:
    """A clerk who looks at the board while telephones ring, and for an hour after; saves 99 of 100 empty looks."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk
        self._until_ms = 0

    def wake(self, at_ms: int) -> None:
        """Note that a telephone was heard."""
        self._until_ms = at_ms + AWAKE_MS

    def next_event_ms(self) -> int | None:
        """Return the next look; None while nothing has happened."""
        due_ms = self._clerk.next_event_ms()
        return None if due_ms is None or due_ms > self._until_ms else due_ms

    def move_to(self, now_ms: int) -> None:
        """Nothing: a clerk only acts when it is time."""

    async def advance_to(self, now_ms: int) -> int:
        """Work when awake."""
        return 0 if now_ms > self._until_ms else await self._clerk.advance_to(now_ms)


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What is played: messages from when to when, who lives there, and how their phones behave."""

    registrations: Sequence[Registration]
    messages: Iterator[SimMessage]
    habits: Sequence[PhoneHabit]
    outcomes: Mapping[HomeId, Outcome] = {}
    start_ms: int | None = None
    until_ms: int | None = None


def register(truth: Truth, registrations: Sequence[Registration]) -> None:
    """Put the people of a story into the registry; what is there already is replaced."""
    with truth.transaction() as unit:
        for registration in registrations:
            put_registration(unit, registration)


def refuse_strangers(truth: Truth, registrations: Sequence[Registration], where: str) -> None:
    """Raise ConfigurationError when anybody is registered whom the story does not know; its own people may be."""
    own = {one.person.id: (one.person.name, one.person.phone) for one in registrations}
    own_homes = {one.home.id for one in registrations}
    with truth.view() as unit:
        homes = [home.id for home in unit.people.homes() if home.id not in own_homes]
        people = [one.id for one in unit.people.unnamed_persons() if one.id not in own]
        named = unit.people.persons_named(own.keys())
    strangers = [*homes, *people, *(one.id for one in named if (one.name, one.phone) != own[one.id])]
    if strangers:
        more = f" + {len(strangers) - STRANGERS_NAMED}" if len(strangers) > STRANGERS_NAMED else ""
        raise ConfigurationError(
            "这里登记着不属于这个故事的人 homes and people are registered there that are not of this story: "
            f"{', '.join(strangers[:STRANGERS_NAMED])}{more}",
            where=where,
            remedy=ANOTHER_DIRECTORY,
        )


class Simulation:
    """Plays one story against a running service whose clock is driven."""

    def __init__(
        self,
        data_dir: Path,
        service: RunningService,
        story: Story,
        *,
        speed: float | None,
        on_phone: Callable[[PhoneEvent], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._files = DataFiles(data_dir)
        self._service = service
        self._story = story
        self._speed = speed
        self._on_progress = on_progress
        self._stand_in = stand_in(data_dir)
        self._on_phone = on_phone
        self._clerk: ClerkOnCall | None = None
        self.phones = PhoneNetwork(self._stand_in.account(service.base_url), on_event=self._heard)
        for habit in story.habits:
            phone = self.phones.at(habit.phone)
            if habit.answers_after_s is not None:
                phone.answers(after_s=habit.answers_after_s, presses=habit.presses)

    async def run(self) -> LockstepReport:
        """Play until the story has ended and nothing is pending."""
        password = self._clerk_password()
        server = PhoneServer(self.phones, port=self._stand_in.port)
        await server.start()
        try:
            async with httpx.AsyncClient(base_url=self._service.base_url, timeout=CLERK_HTTP_S) as http:
                clerk = Clerk(
                    ClerkSettings(
                        name=CLERK,
                        password=password,
                        outcomes=self._story.outcomes,
                        poll_ms=CLERK_POLL_MS,
                        report_after_ms=CLERK_REPORTS_AFTER_MS,
                    ),
                    http,
                )
                self._clerk = ClerkOnCall(clerk)
                return await self._lockstep(self._clerk).run()
        finally:
            await server.stop()
            await self.phones.close()

    def _lockstep(self, clerk: ClerkOnCall) -> Lockstep:
        service = self._service
        return Lockstep(
            LockstepSettings(
                host=service.mqtt_host,
                port=service.mqtt_port,
                username=service.simulator_username or None,
                password=service.simulator_password or None,
                speed=self._speed,
            ),
            self._story.messages,
            (self.phones, clerk),
            start_ms=self._story.start_ms,
            until_ms=self._story.until_ms,
            on_progress=self._on_progress,
            clock=SystemClock(),
        )

    def _heard(self, event: PhoneEvent) -> None:
        if self._clerk is not None:
            self._clerk.wake(event.at_ms)
        if self._on_phone is not None:
            self._on_phone(event)

    def _clerk_password(self) -> str:
        password = secrets.token_urlsafe(18)
        self._files.refuse_driven_clock()
        truth = self._files.open_truth()
        try:
            refuse_strangers(truth, self._story.registrations, f"data_dir {self._files.data_dir}")
            register(truth, self._story.registrations)
            LocalAccounts(truth).create(CLERK, password, may_replace=True)
        finally:
            truth.close()
        return password
