"""A day as a story: who is rung, when, what they do and hear; told first, then fast-forwarded, then checked.

    story.finds(FindingKind.INACTIVITY, at="14:00")
    story.phone("daughter").rings(between=("14:20", "14:21")).presses("2").hears("明白")
    story.plays_until("15:00")
    story.nothing_else_rang()

The desk, outbox, dispatcher, the providers' SDKs and the callbacks' routes are those that ship; the phone networks are
the stand-ins: both ring the same phones, and each request must be one that its provider describes.
"""

import asyncio
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
from alarm_house import FROM, HOME, RESIDENT, SID, TOKEN, AlarmHouse, Line, register
from desk_room import CONTACTS, finding
from lockstep_story import play
from mainland import ACCOUNT
from phone_networks import Networks
from twilio_described import is_as_described

from alerts.model import AlertState
from alerts.silences import Silence
from core.localtime import DAY_MS, DEFAULT_ZONE_NAME, from_ms, zone
from device_sim.aliyun_network import AliyunFault, AliyunNetwork
from device_sim.aliyun_server import AliyunServer
from device_sim.phone_behaviour import Phone, Phones, RequestFault
from device_sim.phone_callbacks import CallbackPost
from device_sim.phone_records import CallStatus
from device_sim.phone_requests import PhoneAccount
from device_sim.phone_server import PhoneServer
from device_sim.phones import PhoneNetwork
from rules.findings import FindingKind, Priority

MIDNIGHT = 1_709_654_400_000  # 2024-03-06 00:00 in Shanghai
BASE = "http://127.0.0.1:9"
PATIENCE_S = 1.5
"""Of the SDK: a provider that never answers costs a story so much real time; a busy machine is slow."""

NUMBERS = {"resident": RESIDENT} | {str(contact.id): contact.phone for contact in CONTACTS}
_TIME = re.compile(r"(?:\+(\d) )?(\d\d):(\d\d)(?::(\d\d))?")


def ms(time: str) -> int:
    """Return "14:10", "14:10:30" or "+1 08:30" (of the next day) as UTC ms of the story's day."""
    days, hours, minutes, seconds = (int(part or 0) for part in _TIME.fullmatch(time).groups())
    return MIDNIGHT + days * DAY_MS + ((hours * 60 + minutes) * 60 + seconds) * 1000


def at(time_ms: int) -> str:
    """Return a time as the story writes it."""
    return f"{from_ms(time_ms, zone(DEFAULT_ZONE_NAME)):%H:%M:%S}"


class Ringing:
    """One time that a phone is to ring, and what its owner does then; nobody answers unless it says so."""

    def __init__(self, from_ms: int, until_ms: int) -> None:
        self.from_ms, self.until_ms = from_ms, until_ms
        self.digits, self.words, self.status = "", "", ""
        self.acts = Phone.never_answers

    def nobody_answers(self) -> "Ringing":
        return self

    def presses(self, keys: str) -> "Ringing":
        self.digits = keys
        self.acts = lambda phone: phone.answers(presses=keys)
        return self

    def reaches_voicemail(self) -> "Ringing":
        self.acts = Phone.voicemail
        return self

    def is_busy(self) -> "Ringing":
        self.acts = Phone.busy
        return self

    def is_hung_up(self) -> "Ringing":
        """Nobody answers, and the service stops it before it has rung out."""
        self.status = CallStatus.CANCELED
        return self

    def hears(self, words: str) -> "Ringing":
        self.words = words
        return self

    def is_wrong_about(self, ring) -> str:
        """Return what was otherwise, or nothing."""
        if not self.from_ms <= ring.at_ms <= self.until_ms:
            return f"rang at {at(ring.at_ms)}, not between {at(self.from_ms)} and {at(self.until_ms)}"
        if ring.digits != self.digits:
            return f"pressed {ring.digits!r}, not {self.digits!r}"
        if self.status and ring.status != self.status:
            return f"ended {ring.status}, not {self.status}"
        return "" if self.words in "".join(ring.heard) else f"heard {ring.heard}, not {self.words}"


class Owner:
    """Somebody with a phone."""

    def __init__(self) -> None:
        self.ringings: list[Ringing] = []
        self.texts: list[tuple[int, int, str]] = []

    def rings(self, *, between: tuple[str, str]) -> Ringing:
        """Expect it to ring once more, between two times, both included."""
        self.ringings.append(Ringing(*map(ms, between)))
        return self.ringings[-1]

    def gets_text(self, words: str, *, between: tuple[str, str]) -> None:
        """Expect one more message that holds these words."""
        self.texts.append((*map(ms, between), words))


class WayBack(httpx.ASGITransport):
    """Callbacks come to the service, whose application is made later; of some the answer is lost."""

    lost = ""

    def __init__(self) -> None:
        super().__init__(app=None)

    async def handle_async_request(self, request):
        answer = await super().handle_async_request(request)
        if self.lost and request.url.path.endswith(f"/{self.lost}"):
            self.lost = ""
            raise httpx.ReadError("the answer was lost", request=request)
        return answer


class PhoneStory:
    """One home with a resident, a daughter, a son, a neighbour, a grid worker, the duty staff and their boss.

    `providers` are the accounts that the service has: "twilio", "aliyun", or both.
    """

    def __init__(self, runner: asyncio.Runner, folder: Path, starts: str, providers: tuple[str, ...]) -> None:
        self._runner = runner
        self._folder = folder
        self._now_ms = ms(starts)
        account = PhoneAccount(account_sid=SID, auth_token=TOKEN, from_number=FROM, callback_base=BASE)
        self._owners = {name: Owner() for name in NUMBERS}
        self._silences = 0
        self._post = CallbackPost(TOKEN, pause=_no_pause)
        self._providers = providers
        owners = Phones()
        self.phones = PhoneNetwork(account, now_ms=self._now_ms, post=self._post, phones=owners)
        self._way_back = WayBack()
        self.mainland = AliyunNetwork(ACCOUNT, now_ms=self._now_ms, phones=owners, transport=self._way_back)
        self._networks = Networks(self.phones, self.mainland)
        self._servers = [PhoneServer(self.phones), AliyunServer(self.mainland)]

    async def open(self, more) -> None:
        twilio, aliyun = [await server.start() for server in self._servers]
        line = Line(
            api_base=twilio if "twilio" in self._providers else "",
            aliyun_base=aliyun if "aliyun" in self._providers else "",
            public_base_url=BASE,
            request_timeout_s=PATIENCE_S,
        )
        self.house = AlarmHouse(self._folder, line, **more)
        self._way_back.app = self.house.app
        self._post._transport = self._way_back
        register(self.house.truth, CONTACTS)
        await self.house.start()

    async def close(self) -> None:
        await self.house.close()
        for server in self._servers:
            await server.stop()

    @property
    def alert(self):
        """The newest alert of the home, as it stands."""
        with self.house.truth.view() as unit:
            return unit.alerts.list(list(AlertState), 1, home_id=HOME)[0]

    def attempts(self) -> dict[str, tuple[str, str]]:
        """Channel and state of each attempt of the newest alert, by the place on its ladder."""
        with self.house.truth.view() as unit:
            found = unit.outbox.of_alert(self.alert.id)
        return {one.key.partition(":")[2]: (one.channel, one.state) for one in found}

    def phone(self, name: str) -> Owner:
        return self._owners[name]

    def finds(self, kind: FindingKind, priority: Priority = Priority.P1, *, at: str, **more) -> None:
        """Let the rules find something at a time that has not come yet."""
        self.house.rules.findings.append(finding(kind, priority, at_ms=ms(at), **more))

    def is_silenced(self, *, until: str) -> None:
        """Silence the home from now on."""
        self._silences += 1
        span = {"from_ms": self._now_ms, "until_ms": ms(until)}
        named = {"id": f"s{self._silences}", "home_id": HOME, "author": "li", "reason": "检修"}
        self.house.desk.silence(Silence(**span, **named))

    def spoil_calls(self, who: str, fault: RequestFault) -> None:
        """Let Twilio's next request for a call to somebody go wrong."""
        self.phones.spoil_next(fault, on="call", to=NUMBERS[who])

    def spoil_mainland_calls(self, who: str, fault: AliyunFault, *, times: int = 1) -> None:
        """Let Aliyun's next requests for a call to somebody go wrong."""
        self.mainland.spoil_next(fault, times=times, to=NUMBERS[who])

    def loses_next_answer(self, to: str) -> None:
        """Let the service's next answer to a kind of callback ("gather", "twiml") be lost on its way."""
        self._way_back.lost = to

    def plays_until(self, time: str) -> None:
        """Fast-forward."""
        for name, owner in self._owners.items():
            phone = self.phones.at(NUMBERS[name])
            rung = len(self._rings_of(name))
            for number, ringing in enumerate(owner.ringings[rung:]):
                ringing.acts(phone.then if number else phone)
        from_ms, self._now_ms = self._now_ms, ms(time)
        self._runner.run(play(self.house.ticked, self._networks, from_ms=from_ms, until_ms=self._now_ms))

    def nothing_else_rang(self) -> None:
        """Every phone rang exactly as told, and every request was one that its provider describes."""
        wrong = [line for name in NUMBERS for line in self._wrong(name)]
        rang = [f"  {at(ring.at_ms)} {_name(ring.to)} {ring.status} {ring.digits}" for ring in self._networks.rings]
        assert not wrong, "\n".join([*wrong, "what rang:", *rang])
        assert not self._post.refused
        assert not self.mainland.turned_away
        assert not self.mainland.post.refused
        for request in self.phones.requests:
            assert is_as_described(request)

    def nothing_else_was_written(self) -> None:
        """Every message came exactly as told."""
        for name, owner in self._owners.items():
            texts = [(at_ms, body) for to, at_ms, body in self._networks.texts if to == NUMBERS[name]]
            assert len(texts) == len(owner.texts), f"{name}: {[(at(at_ms), body) for at_ms, body in texts]}"
            for (at_ms, body), (first_ms, last_ms, words) in zip(texts, owner.texts, strict=True):
                assert first_ms <= at_ms <= last_ms, at(at_ms)
                assert words in body

    def _wrong(self, name: str) -> list[str]:
        rings, told = self._rings_of(name), self._owners[name].ringings
        wrong = [
            f"{name} {words}" for one, ring in zip(told, rings, strict=False) if (words := one.is_wrong_about(ring))
        ]
        if len(rings) != len(told):
            wrong.append(f"{name} was rung {len(rings)} times, not {len(told)}")
        return wrong

    def _rings_of(self, name: str):
        return [ring for ring in self._networks.rings if ring.to == NUMBERS[name]]


async def _no_pause() -> None:
    """The provider asks again at once: no time passes in which anything else could happen."""


def _name(number: str) -> str:
    return next(name for name, own in NUMBERS.items() if own == number)


@contextmanager
def phone_story(
    folder: Path, *, starts: str = "12:00", providers: tuple[str, ...] = ("twilio",), **more
) -> Generator[PhoneStory]:
    """Give a story that begins at a time of its day; `more` goes to the AlarmHouse."""
    with asyncio.Runner() as runner:
        story = PhoneStory(runner, folder, starts, providers)
        runner.run(story.open(more))
        try:
            yield story
        finally:
            runner.run(story.close())


def is_asked_in_vain(story: PhoneStory) -> None:
    """The resident is rung at 14:00 and once more, and does not answer."""
    story.phone("resident").rings(between=("14:00", "14:01")).nobody_answers()
    story.phone("resident").rings(between=("14:01", "14:02")).nobody_answers()
