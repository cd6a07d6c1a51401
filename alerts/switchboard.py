"""Which channel carries an attempt now, and what waits: routes, breakers, pace, numbers, connections; does no I/O."""

from collections.abc import Mapping, Sequence

import msgspec

from alerts.breaker import Breaker
from alerts.model import Attempt, AttemptState, SendSms
from alerts.pacing import Bucket, burst_of, number_free_at_ms
from alerts.ports import Channel, Delivery, Earlier, SendResult
from alerts.routing import Routes
from rules.findings import Priority

IN_DOUBT_MS = 60_000
"""A request whose answer was lost may still be carried out for a minute; until then its number is left to others."""


RINGS_MOST_MS = 60_000
"""Dialling, 45 s of ringing and a word: so long another call of the same alert would find the phone engaged."""

TO_COME_MS = 60_000
"""What was claimed so far ahead of now, and not by a task beside this one, was so by a clock that was set back."""


class Hold(msgspec.Struct, frozen=True):
    """Not now: again at `until_ms`, or (None) as soon as something that is under way has ended.

    `busy_channel` has no room or no pace left for this priority or any lesser one; "": the number itself is waited for.
    """

    until_ms: int | None
    busy_channel: str = ""


class Switchboard:
    """The state of all channels; one per dispatcher."""

    def __init__(self, channels: Sequence[Channel], routes: Routes) -> None:
        self.channels: Mapping[str, Channel] = {channel.name: channel for channel in channels}
        self._routes = routes
        self.shown_by = tuple(channel.name for channel in channels if not channel.traits.rings)
        self._buckets = {
            channel.name: Bucket(channel.traits.per_s, burst=burst_of(channel.traits.per_s)) for channel in channels
        }
        self.breakers = {channel.traits.provider: Breaker() for channel in channels}
        self._under_way = dict.fromkeys(self.breakers, 0)
        self._lesser_under_way = dict.fromkeys(self.breakers, 0)  # of them, those that are no life hazard
        self._numbers: set[tuple[str, str]] = set()

    def choose(self, attempt: Attempt, delivery: Delivery, now_ms: int) -> Channel | Hold | None:
        """Return the channel to hand it to, or how long it waits; None when no channel is left.

        What passes in a moment (pace, a free connection) is waited for; a provider that is out, a number that may not
        be rung or an attempt in doubt sends it to the next channel.
        """
        waits: list[int] = []
        for channel in self._left(attempt, delivery.to):
            moment = self._busy(channel, attempt, delivery.to, now_ms)
            until_ms = self._blocked_until_ms(channel, attempt, delivery, now_ms)
            if until_ms is None:
                return channel if moment is None else moment
            waits.append(until_ms)
        return Hold(min(waits)) if waits else None

    def has_another(self, attempt: Attempt, to: str, *, rings: bool = False) -> bool:
        """Say whether a channel is left beside the one that it has gone to; with `rings` one that the board is not."""
        left = [channel for channel in self._left(attempt, to) if channel.name != attempt.channel]
        return any(channel.traits.rings or not rings for channel in left)

    def is_carried(self, delivery: Delivery) -> bool:
        """Say whether a phone rings, or will, for an attempt although its own channel has not rung it.

        The board does not count: it shows a call that nobody may have made.
        """
        for beside in delivery.besides:
            if beside.state not in {AttemptState.FAILED, AttemptState.CANCELED}:
                handed = [beside.channel] if beside.channel else [one.name for one in self._left(beside, delivery.to)]
                if any(self._rings(name) for name in handed):
                    return True
        return False

    def is_overtaken(self, attempt: Attempt, delivery: Delivery, now_ms: int) -> bool:
        """Say whether a later step of its alert has rung the same phone: a late repeat would only ring it twice."""
        return any(
            one.created_at_ms > attempt.created_at_ms and one.state not in {AttemptState.FAILED, AttemptState.CANCELED}
            for one in self._calls_of_alert(attempt, delivery, now_ms)
        )

    def engaged_until_ms(self, attempt: Attempt, delivery: Delivery, now_ms: int) -> int | None:
        """Return how long a call of its alert may still ring the same phone, or None."""
        calls = [one for one in self._calls_of_alert(attempt, delivery, now_ms) if one.state in _RINGS]
        ends = [one.claimed_at_ms + RINGS_MOST_MS for one in calls]
        return max((end_ms for end_ms in ends if end_ms > now_ms), default=None)

    def _calls_of_alert(self, attempt: Attempt, delivery: Delivery, now_ms: int) -> list[Earlier]:
        if isinstance(attempt.effect, SendSms):
            return []
        others = [one for one in _until(now_ms, delivery) if one.is_call and one.attempt_id != attempt.id]
        return [one for one in others if one.alert_id == attempt.alert_id and self._rings(one.channel)]

    def rings_later(self, attempt: Attempt, to: str) -> tuple[str, ...]:
        """Return the channels that may ring a number, or write to it, once they are asked again."""
        return tuple(channel.name for channel in self._left(attempt, to) if channel.traits.rings)

    def has_room(self, channel: Channel, priority: Priority) -> bool:
        """Say whether a request may start: some connections are kept for life hazards."""
        traits = channel.traits
        if self._under_way[traits.provider] >= traits.requests_at_once:
            return False
        lesser_most = traits.requests_at_once - traits.reserved_for_p0
        return priority is Priority.P0 or self._lesser_under_way[traits.provider] < lesser_most

    def begin(self, channel: Channel, priority: Priority) -> None:
        """Note that a request starts."""
        self._under_way[channel.traits.provider] += 1
        self._lesser_under_way[channel.traits.provider] += priority is not Priority.P0

    def end(self, channel: Channel, priority: Priority) -> None:
        """Note that it has ended."""
        self._under_way[channel.traits.provider] -= 1
        self._lesser_under_way[channel.traits.provider] -= priority is not Priority.P0

    def begin_send(self, channel: Channel, to: str, now_ms: int) -> None:
        """Note that an attempt is handed over to a channel."""
        self._buckets[channel.name].take(now_ms)
        self.breakers[channel.traits.provider].on_asked(now_ms)
        self._numbers.add((channel.name, to))

    def end_send(self, channel: Channel, to: str) -> None:
        """Note that its answer is there, or lost."""
        self._numbers.discard((channel.name, to))

    def learn(self, channel: Channel, result: SendResult, now_ms: int) -> None:
        """Let the provider's breaker know how handing over went."""
        breaker, news = self.breakers[channel.traits.provider], result.news
        if result.is_of_number:
            breaker.on_success()  # it works, for others
        elif result.is_misconfigured:
            breaker.on_misconfigured(now_ms, news.detail)
        elif news.state in {AttemptState.NEW, AttemptState.UNKNOWN}:
            breaker.on_failure(now_ms, news.detail)
        else:
            breaker.on_success()

    def open_providers(self) -> dict[str, str]:
        """Return the providers that are not asked at present, with the fault that put them out."""
        return {name: breaker.reason for name, breaker in self.breakers.items() if breaker.is_open}

    def _rings(self, channel: str) -> bool:
        return channel in self.channels and self.channels[channel].traits.rings

    def _left(self, attempt: Attempt, to: str) -> list[Channel]:
        names = self._routes.channels(to, is_call=not isinstance(attempt.effect, SendSms))
        known = [self.channels[name] for name in names if name in self.channels and name not in attempt.tried]
        return [channel for channel in known if channel.refuses(to) is None]

    def _busy(self, channel: Channel, attempt: Attempt, to: str, now_ms: int) -> Hold | None:
        priority = attempt.effect.priority
        if (channel.name, to) in self._numbers:
            return Hold(None)
        if not self.has_room(channel, priority):
            return Hold(None, channel.name)
        ready_ms = self._buckets[channel.name].ready_at_ms(now_ms, may_borrow=priority is Priority.P0)
        return None if ready_ms is None else Hold(ready_ms, channel.name)

    def _blocked_until_ms(self, channel: Channel, attempt: Attempt, delivery: Delivery, now_ms: int) -> int | None:
        known = _until(now_ms, delivery)
        earlier = [one for one in known if one.channel == channel.name and one.attempt_id != attempt.id]
        is_first = all(one.alert_id != attempt.alert_id for one in known)
        is_free_of_limits = is_first and attempt.effect.priority is Priority.P0
        rung = [] if is_free_of_limits else [one.claimed_at_ms for one in earlier]
        is_sending = (channel.name, delivery.to) in self._numbers
        in_doubt = [] if is_sending else [one.claimed_at_ms for one in earlier if one.state in _IN_DOUBT]
        untils = [
            self.breakers[channel.traits.provider].blocked_until_ms(now_ms),
            number_free_at_ms(rung, channel.traits.number_limits, now_ms),
            *(at_ms + IN_DOUBT_MS for at_ms in in_doubt if at_ms + IN_DOUBT_MS > now_ms),
        ]
        return max((until_ms for until_ms in untils if until_ms is not None), default=None)


def _until(now_ms: int, delivery: Delivery) -> list[Earlier]:
    """Return what went to the number before now. The rest has yet to come by this clock, which was set back (ADR 12).

    Nobody can tell how long ago it was, and whoever waited for it would ring nobody until the clock has caught up.
    """
    return [one for one in delivery.earlier if one.claimed_at_ms <= now_ms + TO_COME_MS]


_IN_DOUBT = frozenset({AttemptState.CLAIMED, AttemptState.UNKNOWN})
_RINGS = frozenset({AttemptState.SUBMITTED, AttemptState.RINGING, AttemptState.ANSWERED})
