"""What limits would have done on a home's own history, beside those in force: rings, delays, every other finding."""

import random
from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from app.evaluation.incidents import Incident, incident_of
from app.evaluation.onsets import Law, Onset, inject
from app.evaluation.presence import presence_of
from app.evaluation.recordings import Recording
from app.evaluation.ringing import Ring, is_night, observed_days, rings_of, rung, rung_on
from app.evaluation.statistics import DAYS, LEAST_DAYS, Figures, delays, rate
from app.evaluation.windows import Window
from core.localtime import HOUR_MS
from rules.parameters import RuleParameters

DRAWN_TIMES = 3
"""So many moments are drawn for each onset asked for: most people are home for more than a third of the time."""

MISSED_MS = 24 * HOUR_MS


class Moments(msgspec.Struct, frozen=True):
    """Moments drawn over the counted days, alike for everything that is tried; those at home become onsets."""

    drawn_ms: tuple[int, ...]
    onsets: int  # how many are asked for


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What one set of limits told in the counted days."""

    rings: list[Ring]  # learning days included
    counts: dict[str, int]  # kind of finding -> how often it began; the second stage of a silence apart from it
    onsets: list[Onset]  # of every drawn moment at which no alarm was on
    home_ms: frozenset[int]  # drawn moments at which somebody was home and seen
    observed_days: float


class Compared(msgspec.Struct, frozen=True):
    """Rings of one set of limits against another's: which are new, which are no more."""

    added: list[Ring]
    dropped: list[Ring]


def moments_of(window: Window, onsets: int, seed: str) -> Moments:
    """Draw moments, alike over the counted days; the same seed draws the same."""
    chance = random.Random(seed)  # noqa: S311  # a seeded sample, no secret
    length_ms = window.until_ms - window.counted_from_ms
    drawn = (window.counted_from_ms + int(chance.random() * length_ms) for _ in range(onsets * DRAWN_TIMES))
    return Moments(tuple(dict.fromkeys(drawn)), onsets)  # in minutes of history the same moment is drawn twice


def follow(recording: Recording, parameters: RuleParameters, window: Window, moments: Moments) -> Told:
    """Run one set of limits over a history and over every incapacity put into it."""
    injected = inject(recording, parameters, [(at_ms, Law.UNIFORM) for at_ms in sorted(moments.drawn_ms)])
    trace, presence = injected.trace, presence_of(recording)
    heard = (at_ms for at_ms in moments.drawn_ms if not any(o.from_ms <= at_ms < o.until_ms for o in recording.outages))
    counted = (f for f in trace.findings if not f.is_cleared and f.stage == 1 and f.at_ms >= window.counted_from_ms)
    return Told(
        rings=rings_of(trace),
        counts=dict(Counter(str(finding.kind) for finding in counted)),
        onsets=injected.onsets,
        home_ms=frozenset(at_ms for at_ms in heard if presence.is_home(at_ms) and trace.is_seen(at_ms)),
        observed_days=observed_days(recording, trace, window.counted_from_ms),
    )


def chosen_ms(moments: Moments, at_home_ms: frozenset[int]) -> frozenset[int]:
    """Return the first moments drawn that lie at home, as many as were asked for; fewer when there are not so many."""
    return frozenset([at_ms for at_ms in moments.drawn_ms if at_ms in at_home_ms][: moments.onsets])


def compared(before: Sequence[Ring], after: Sequence[Ring]) -> Compared:
    """Match rings for the same silence, however early or late they rang; both in order of time."""
    added: list[Ring] = []
    dropped: list[Ring] = []
    old, new = list(reversed(before)), list(reversed(after))
    while old and new:
        if old[-1].since_ms < new[-1].until_ms and new[-1].since_ms < old[-1].until_ms:
            old.pop()
            new.pop()
        elif old[-1].since_ms < new[-1].since_ms:
            dropped.append(old.pop())
        else:
            added.append(new.pop())
    return Compared(added=[*added, *reversed(new)], dropped=[*dropped, *reversed(old)])


def figures(
    told: Told, window: Window, onset_ms: frozenset[int], incidents: Sequence[Incident], tz: ZoneInfo
) -> Figures:
    """Return the row of one set of limits; rings for an incident are not false and are listed apart."""
    days = told.observed_days
    first, second = rung(told.rings, window.counted_from_ms), rung_on(told.rings, window.counted_from_ms)
    false = [ring for ring in first if incident_of(ring, incidents) is None]
    onsets = [onset for onset in told.onsets if onset.at_ms in onset_ms]
    return {
        "observed_days": round(days, 2),
        "stage1": rate(len(false), days) | delays([onset.delay_h for onset in onsets] if days >= LEAST_DAYS else []),
        "stage2": rate(sum(incident_of(ring, incidents) is None for ring in second), days),
        "by_night": rate(sum(is_night(ring.at_ms, tz) for ring in false), days),
        "were_real": len(first) - len(false),
        "onsets": len(onsets),
        "onsets_left_out": len(onset_ms) - len(onsets),  # an alarm was on already
        "missed_24h": sum(onset.delay_h * HOUR_MS > MISSED_MS for onset in onsets),
        "told": {
            kind: {"count": count, "per_30d": round(count / days * DAYS, 3) if days >= LEAST_DAYS else None}
            for kind, count in sorted(told.counts.items())
        },
    }
