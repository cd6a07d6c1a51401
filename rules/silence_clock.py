"""The clock of a home's silence: a sign of life starts it anew, a dark stretch stops it, and it goes on in sight."""

from rules import fixed_limits
from rules.deadlines import open_key
from rules.findings import FindingKind
from rules.seeing import blind_used, give_time, last_word_ms, quiet_from_ms
from rules.used_up import NOTHING_USED
from rules.watch import View


def restart(view: View, sign_ms: int) -> None:
    """Begin a silence after a sign of life; of one from before a dark stretch, that stretch is left out."""
    state = view.state
    sign_ms = max(sign_ms, state.started_ms)  # of a time before the home was watched nobody rings for a silence
    dark_ms, seen_ms = state.dark_from_ms, state.seen_again_ms
    state.quiet_from_ms = sign_ms
    if dark_ms is None or seen_ms is None or sign_ms >= seen_ms:
        state.clock_from_ms, state.used = sign_ms, NOTHING_USED
        return
    state.clock_from_ms, state.used = seen_ms, view.silence.used(sign_ms, max(sign_ms, dark_ms))
    state.quiet_from_ms = quiet_from_ms(state, view.parameters)


def darken(view: View, at_ms: int) -> None:
    """Stop the clock: nothing can be seen."""
    state = view.state
    state.is_blind, state.dark_from_ms = True, at_ms
    state.last_word_ms = last_word_ms(state, view.home, view.parameters)
    view.silence.darken(at_ms)
    if state.clock_from_ms is not None:
        state.used = state.used.plus(view.silence.used(state.clock_from_ms, at_ms))


def lighten(view: View, log_ms: int, *, told_until_ms: int | None = None) -> None:
    """Let the clock go on, and keep how long it was dark; what came after `told_until_ms` was told in another way."""
    state, dark_ms = view.state, view.state.dark_from_ms or log_ms
    is_key = view.home.is_key_person
    until_ms = log_ms if told_until_ms is None else max(told_until_ms, dark_ms)
    used = blind_used(state, dark_ms)
    used += fixed_limits.blind_share(dark_ms, until_ms, view.tz, view.parameters, is_key_person=is_key)
    # What was told is told: the same time in the dark must not be told twice.
    state.blind_used = 0.0 if open_key(FindingKind.HOME_BLIND) in state.open else min(used, 1.0)
    give_time(state, dark_ms, log_ms, view.parameters)
    state.is_blind, state.seen_again_ms = False, log_ms
    view.silence.lighten(log_ms)
    state.quiet_from_ms = quiet_from_ms(state, view.parameters)
    if state.clock_from_ms is not None:
        state.clock_from_ms = log_ms
