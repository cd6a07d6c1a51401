"""What a kill -9 must not break in an escalation: each promise as a sentence, returned when it was not kept."""

from itertools import pairwise

from kill_matrix import Played
from kill_stories import BEGINS_MS, Escalation

from alerts.dispatcher import LATER_STEP
from alerts.model import TERMINAL_ATTEMPT_STATES, AlertState, Attempt, AttemptState

LATE_MS = 140_000
"""A call that surely was not made is repeated a minute later, not sooner (alerts/channels/faults.py): once for the
provider that lost it, once for the kill."""


def broken(told: Escalation, played: Played) -> list[str]:
    """Return which promises were broken; empty when all were kept."""
    return _lost(told, played) or [*_skipped(told, played), *_repeated(played), *_left_over(played)]


def _lost(told: Escalation, played: Played) -> list[str]:
    """Return what is wrong with the alert: there is one, and it ends by the human fact that ends the story."""
    if [alert.kinds for alert in played.alerts] != [(told.kind,)]:
        return [f"alerts: {played.alerts}"]
    (alert,) = played.alerts
    said = [line.what for line in played.trace]
    facts = {
        f"the alert ended {alert.state}, {alert.outcome}": (alert.state, alert.outcome)
        == (AlertState.CLOSED, told.outcome),
        f"{len(played.visits)} contacts in the ledger": len(played.visits) == 1,
        "not opened once and closed once in the story": said.count("opened") == said.count("closed") == 1,
        "a finding was taken twice": "finding_joined" not in said,
        f"{played.refused} callbacks refused": played.refused == 0,
    }
    return [words for words, is_so in facts.items() if not is_so]


def _skipped(told: Escalation, played: Played) -> list[str]:
    """Return steps that were left out: each rings the phones it is about, and they follow each other as on the ladder.

    In the order in which they were decided: what is repeated after a minute may come behind the step after it.
    """
    decided = sorted((played.attempts[key].created_at_ms, _place(key)) for key, _ in played.calls)
    places = list(dict.fromkeys(place for _, place in decided))
    is_spared = any(line.suppression is not None for line in played.trace)  # everybody was rung often enough
    leaps = [pair for pair in pairwise(places) if not _may_follow(told, *pair, is_spared=is_spared)]
    found = [f"after step {one} came {other}" for one, other in leaps]
    reached = {*(key for key, _ in played.calls), *played.texts}
    missed = [key for key, one in played.attempts.items() if key not in reached and not _is_moot(one, played)]
    found += [f"never rung or written to: {key.partition(':')[2]}" for key in missed if not key.endswith("+")]
    if not played.calls or played.calls[0][1] > BEGINS_MS + LATE_MS:
        found.append("the first call came late")
    return found


def _may_follow(told: Escalation, one: tuple[int, int], other: tuple[int, int], *, is_spared: bool) -> bool:
    if one[0] == other[0]:
        return (one[1], other[1]) in told.follows
    # an acknowledgement that expired begins a round from wherever it was
    is_next_round = other[0] == one[0] + 1 or (is_spared and other[0] > one[0])
    return is_next_round and other[1] == told.loop_from <= one[1]


def _is_moot(one: Attempt, played: Played) -> bool:
    """Say whether somebody had the alert before the attempt had to have gone, or a later step rang the same phone."""
    if one.detail == LATER_STEP:
        later = [played.attempts[key] for key, _ in played.calls]
        return any(it.contact_id == one.contact_id and it.created_at_ms > one.created_at_ms for it in later)
    since_ms = one.effect.not_before_ms
    taken = [line.at_ms for line in played.trace if line.what in {"acknowledged", "closed"}]
    return one.state is AttemptState.CANCELED and any(since_ms <= at_ms <= since_ms + LATE_MS for at_ms in taken)


def _repeated(played: Played) -> list[str]:
    keys = [key for key, _ in played.calls] + played.texts
    return [f"{keys.count(key)} times: {key.partition(':')[2]}" for key in sorted(set(keys)) if keys.count(key) > 1]


def _left_over(played: Played) -> list[str]:
    """Return attempts that are under way for ever; what is to be rung by hand waits for the desk."""
    live = [one for one in played.attempts.values() if one.state not in TERMINAL_ATTEMPT_STATES]
    return [f"left {one.state}: {one.key.partition(':')[2]}" for one in live if one.channel != "console"]


def _place(key: str) -> tuple[int, int]:
    around, step = key.split(":", 1)[1].split("/")[:2]
    return int(around), int(step)
