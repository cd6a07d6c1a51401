"""What the phone provider calls back for: the script of a call, a pressed key, how a call or message went."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import TypeVar

from alerts.channels.twilio_callbacks import pressed_key, sms_news, status_news
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_signature import is_signed
from alerts.channels.twilio_twiml import CHINESE, call_script, farewell
from alerts.keys import MoreFoundError
from alerts.messages import CONFIRM_SPOKEN, MORE_FOUND, thanks_for
from alerts.messages import call_script as script_of
from alerts.model import Alert, Attempt, AttemptState, CallPurpose, PlaceCall
from app.desk_service import DeskService
from core.clock import Clock
from core.errors import BusyError, ConflictError, NotFoundError
from core.ids import AttemptId
from core.text import Bilingual
from store.truth.database import Truth

T = TypeVar("T")

_GOODBYE = "这次警报已经有人处理，谢谢您。再见。"


class TwilioCallbacks:
    """Fits api.ports.PhoneCallbacks; without a provider nothing is ever signed."""

    def __init__(
        self, api: TwilioApi | None, truth: Truth, desk: DeskService, clock: Clock, executor: Executor
    ) -> None:
        self._api = api
        self._truth = truth
        self._desk = desk
        self._clock = clock
        self._executor = executor

    def is_signed(self, path_with_query: str, form: Mapping[str, str], signature: str) -> bool:
        """Say whether the provider signed this."""
        if self._api is None or not is_signed(self._api.settings, path_with_query, form, signature):
            return False
        self._api.reach.heard()
        return True

    async def twiml(self, attempt_id: str, form: Mapping[str, str]) -> str:
        """Return the script of a call; fetching it means that somebody picked up."""
        _ = form
        attempt, alert = await self._run(lambda: self._call(attempt_id))
        return self._script(attempt, alert)

    async def gather(self, attempt_id: str, form: Mapping[str, str]) -> str:
        """Take a key and return what is said to it; a 3 counts only when a second 3 confirms it.

        Where more has been found since the script was read that the key answers, the script is read again with all of
        it, and the key counts for nothing.
        """
        attempt, alert = await self._run(lambda: self._call(attempt_id))
        effect, key, told_version = attempt.effect, pressed_key(form), _version(form.get("told", ""))
        if not isinstance(effect, PlaceCall):
            raise NotFoundError(f"no call {attempt_id}")
        has_said_3 = form.get("said") == "3"
        if effect.purpose is CallPurpose.ASK_CONTACT and key == "3" and not has_said_3:
            url = self._url(
                attempt_id, "gather?said=3" if told_version is None else f"gather?said=3&told={told_version}"
            )
            return call_script([(CHINESE, CONFIRM_SPOKEN.zh)], url)
        digits = "33" if has_said_3 and key == "3" else key
        try:
            taken = await self._run(lambda: self._desk.press(AttemptId(attempt_id), digits, told_version=told_version))
        except BusyError:  # the key is not kept: whoever said it is asked again
            return self._script(attempt, alert)
        except MoreFoundError:
            return self._script(*await self._run(lambda: self._call(attempt_id)), before=MORE_FOUND)
        except ConflictError:
            taken, _ = await self._run(lambda: self._call(attempt_id))
            if taken.digits != digits:  # the same key again: our answer to it was lost, and it means what it meant
                return farewell((CHINESE, _GOODBYE))
        thanks = thanks_for(effect.purpose, digits)
        if taken is None or thanks is None:
            return self._script(attempt, alert)
        return farewell((CHINESE, thanks.zh))

    async def status(self, attempt_id: str, form: Mapping[str, str]) -> None:
        """Take one call status."""
        news = status_news(form, self._clock.now_ms())
        if news is not None:
            await self._run(lambda: self._desk.news_of(AttemptId(attempt_id), news))

    async def sms_status(self, attempt_id: str, form: Mapping[str, str]) -> None:
        """Take one message status."""
        news = sms_news(form, self._clock.now_ms())
        if news is not None:
            await self._run(lambda: self._desk.news_of(AttemptId(attempt_id), news))

    def _script(self, attempt: Attempt, alert: Alert, *, before: Bilingual | None = None) -> str:
        if not isinstance(attempt.effect, PlaceCall):
            raise NotFoundError(f"no call {attempt.id}")
        if attempt.state is AttemptState.CANCELED:
            return farewell((CHINESE, _GOODBYE))
        text = script_of(attempt.effect.purpose, alert.told_kinds).zh
        lines = [(CHINESE, text if before is None else f"{before.zh}{text}")]
        return call_script(lines, self._url(attempt.id, f"gather?told={alert.version}"))

    def _url(self, attempt_id: str, what: str) -> str:
        if self._api is None:
            raise NotFoundError("no phone provider is set up")
        return self._api.settings.callback_url(attempt_id, what)

    def _call(self, attempt_id: str) -> tuple[Attempt, Alert]:
        with self._truth.view() as unit:
            attempt = unit.outbox.get(AttemptId(attempt_id))
            alert = None if attempt is None else unit.alerts.get(attempt.alert_id)
        if attempt is None or alert is None:
            raise NotFoundError(f"no call {attempt_id}")
        return attempt, alert

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


def _version(told: str) -> int | None:
    """Return the alert's version that a script was read at; None where its address says none (an older release's)."""
    return int(told) if told.isascii() and told.isdecimal() else None
