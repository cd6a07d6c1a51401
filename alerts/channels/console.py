"""The channel that reaches no phone: the duty board shows whom to ring by hand; it acknowledges nothing."""

import logging

from alerts.attempts import CallNews
from alerts.model import Attempt, AttemptState, PlaceCall
from alerts.ports import Delivery, SendResult, Traits
from core.text import Bilingual

log = logging.getLogger(__name__)


class Console:
    """The channel `console`: the default while live calls are off and no stand-in is named."""

    name = "console"
    traits = Traits(provider="console", requests_at_once=1_000, reserved_for_p0=0, rings=False)

    def refuses(self, to: str) -> Bilingual | None:  # noqa: ARG002 - the port's signature
        """Return None: the board can show any number."""
        return None

    async def send(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Note that the board shows it: a call waits for the desk's hand, a text has been seen as far as it can be."""
        attempt = delivery.attempt
        log.info("attempt %s of alert %s is shown on the console", attempt.id, attempt.alert_id)
        return _shown(attempt, now_ms)

    async def look_up(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Return the same as sending: showing it twice is harmless."""
        return _shown(delivery.attempt, now_ms)

    async def cancel(self, attempt: Attempt, *, now_ms: int) -> None:  # noqa: ARG002 - the port's signature
        """Do nothing: the board shows what the attempt's own row says."""
        log.debug("attempt %s is no longer to be rung by hand", attempt.id)


def _shown(attempt: Attempt, now_ms: int) -> SendResult:
    # Without a detail: alerts/attempts.is_only_shown knows these two states of this channel, and words follow it.
    state = AttemptState.SUBMITTED if isinstance(attempt.effect, PlaceCall) else AttemptState.DELIVERED
    return SendResult(news=CallNews(state=state, at_ms=now_ms))
