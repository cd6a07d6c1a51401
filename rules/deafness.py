"""While the service itself is deaf every home is in the dark: nothing unheard is judged, what was told stays."""

from collections.abc import Iterable, Iterator

from core.localtime import MINUTE_MS
from rules import deafness_state, silence_clock
from rules.deadlines import Deadline, Inner
from rules.findings import FindingKind
from rules.seeing import blind_since_ms
from rules.watch import Clear, Effect, View, Watch

DEAF = "deaf"

PAUSE_MS = 5 * MINUTE_MS
"""A deaf service writes a tick a minute: where nothing at all was written for longer it did not run. Such time is not
deaf: the broker kept what was said."""

_RESTS_ON_SILENCE = frozenset({Inner.EXIT_PROVEN, Inner.BLIND_BEGINS, Inner.WATER_STOPPED})
"""Moves of a home's state that come true because nothing was heard."""

_JUDGED = frozenset({"emergency", "suspension", "removal"})
"""Watches that wait for no word of the home: an alarm that nothing has taken back pages, a declaration holds."""


class DeafnessWatch(Watch):
    """Lets the log say of every home at once that the service has gone deaf, or hears again."""

    name = "deafness"

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Stop the home's clocks, or let them go on."""
        if deadline.detail == DEAF:
            return _deafened(view, deadline.due_ms)
        return _hears(view, deadline.due_ms)


def turn(at_ms: int, *, is_deaf: bool) -> Deadline:
    """Return what is to come true in every home when the service goes deaf, or hears again."""
    return Deadline(at_ms, Inner.NOTED, at_ms, DEAF if is_deaf else "", DeafnessWatch.name)


def judged(deadlines: Iterable[Deadline]) -> Iterator[Deadline]:
    """Return what may come true while nothing is heard."""
    for one in deadlines:
        is_inner = isinstance(one.what, Inner) and one.what not in _RESTS_ON_SILENCE
        if is_inner or one.watch in _JUDGED:
            yield one


def _deafened(view: View, at_ms: int) -> tuple[Effect, ...]:
    state = view.state
    if state.deaf.from_ms is None:
        state.deaf.from_ms, state.deaf.was_blind = at_ms, state.is_blind
        if not state.is_blind:
            silence_clock.darken(view, at_ms)
            state.last_word_ms = at_ms  # until now it was heard whenever it spoke
    return ()


def _hears(view: View, at_ms: int) -> tuple[Effect, ...]:
    """Go on, unless the home is in the dark for a reason of its own."""
    state, begun_ms = view.state, view.state.deaf.from_ms
    if begun_ms is None:
        return ()
    deafness_state.note(state.deaf, at_ms)
    _forget_movement(view)
    dark_ms = blind_since_ms(state, view.home, view.parameters)
    if dark_ms is not None and dark_ms <= at_ms:
        return ()
    silence_clock.lighten(view, at_ms, told_until_ms=begun_ms)
    return (Clear(FindingKind.HOME_BLIND),)


def _forget_movement(view: View) -> None:
    """Let no sensor be called stuck whose end of movement nobody heard; one that is will say so again."""
    since_ms = view.state.stuck.on_since_ms
    for device_id in [one for one in since_ms if not view.is_open(FindingKind.SENSOR_FAULT, one)]:
        del since_ms[device_id]
