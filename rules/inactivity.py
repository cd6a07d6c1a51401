"""The silence of a home and the absence of a person: who was not seen for too long; never judges a blind home."""

from rules import sight
from rules.dayparts import Limit, used_up_at_ms
from rules.findings import Finding, FindingKind, Priority
from rules.grading import STRONG, WATER_METRICS
from rules.presence import away_from_ms
from rules.reporting import Due, clear, cleared, open_key
from rules.state import KEPT_SIGNS, Sign, Watch

_SILENCE = open_key(FindingKind.INACTIVITY)
_ABSENCE = open_key(FindingKind.NO_RETURN)


def on_sign(watch: Watch, sign: Sign, log_time_ms: int) -> list[Finding]:
    """Take a sign of life of the resident; return what it clears. Signs may come late, the newest by event time counts."""
    state = watch.state
    last = watch.last_sign
    if sign.metric not in WATER_METRICS:
        state.body_sign_at_ms = max(state.body_sign_at_ms or sign.at_ms, sign.at_ms)
    if last is not None and sign.at_ms <= last.at_ms:
        return []
    state.signs = [*state.signs[1 - KEPT_SIGNS :], sign]
    state.pauses = [span for span in state.pauses if span[1] > sign.at_ms]
    return _broken_silence(watch, sign, log_time_ms)


def on_return(watch: Watch, sign: Sign, log_time_ms: int) -> list[Finding]:
    """Take that the person is home again; return the absence that this ends."""
    if _ABSENCE not in watch.state.open:
        return []
    return [clear(watch, _ABSENCE, log_time_ms, sign, clears_alert=sign.grade in STRONG)]


def dues(watch: Watch) -> list[Due]:
    """Return when the silence and the absence become findings, unless something more is heard."""
    limits = watch.limits
    dark_from_ms = sight.blind_from_ms(watch)
    away_ms = away_from_ms(watch.state.presence, limits)
    found: list[Due] = []
    silence_ms = silence_due_ms(watch)
    last = watch.last_sign
    if (
        last is not None
        and silence_ms is not None
        and (dark_from_ms is None or silence_ms < dark_from_ms)
        and (away_ms is None or silence_ms < away_ms)
    ):
        due = Due(silence_ms, Priority.P1, FindingKind.INACTIVITY, last.at_ms, device_id=last.device_id)
        found.append(due)
    exit_ms = watch.state.presence.exit_at_ms
    if exit_ms is not None:
        back_by_ms = exit_ms + max(limits.no_return_ms, limits.exit_quiet_ms)
        if dark_from_ms is None or back_by_ms < dark_from_ms:
            found.append(Due(back_by_ms, Priority.P2, FindingKind.NO_RETURN, exit_ms))
    return found


def silence_due_ms(watch: Watch) -> int | None:
    """Return when the silence since the last sign is used up, blind spans left out; None before any sign."""
    last = watch.last_sign
    if last is None:
        return None
    limits = watch.limits
    limit = Limit(limits.inactivity_day_ms, limits.inactivity_night_ms, limits.inactivity_cap_ms)
    return used_up_at_ms(last.at_ms, limit, watch.hours, watch.state.pauses)


def _broken_silence(watch: Watch, sign: Sign, log_time_ms: int) -> list[Finding]:
    """A weak sign clears the finding, and a strong one after it may still withdraw the alert.

    A sign out of a backlog that is itself too old breaks nothing: it is still silent.
    """
    state = watch.state
    is_strong = sign.grade in STRONG
    if _SILENCE in state.open:
        due_ms = silence_due_ms(watch)
        if due_ms is not None and due_ms <= log_time_ms:
            return []
        weak = state.open[_SILENCE]
        state.weakly_cleared = None if is_strong else weak
        return [clear(watch, _SILENCE, log_time_ms, sign, clears_alert=is_strong)]
    if state.weakly_cleared is not None and is_strong:
        weak, state.weakly_cleared = state.weakly_cleared, None
        return [cleared(watch, weak, log_time_ms, sign, clears_alert=True)]
    return []
