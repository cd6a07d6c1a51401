"""No return: away for longer than this person stays away, or not home at an hour at which they always are."""

from collections.abc import Iterator

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.text import Bilingual
from rules.deadlines import AGAIN, Deadline, Inner, open_key
from rules.findings import FindingKind
from rules.local_hours import next_hour_ms
from rules.missing import is_relied_on, missing_since
from rules.parameters import RuleParameters
from rules.seeing import settled_ms
from rules.sentences import clock, lasting
from rules.state import HomeState
from rules.watch import Change, Clear, Effect, View, Watch
from rules.watch_states import AbsenceState

SIGN_METRICS = frozenset(
    {
        Metric.OPEN,
        Metric.MOTION,
        Metric.PRESENCE,
        Metric.SOS,
        Metric.WATER_TOTAL_L,
        Metric.WATER_FLOW_L_H,
        Metric.POWER_W,
    }
)
"""Whatever may prove that somebody is there again."""

LONGEST_LEARNED_MS = 36 * HOUR_MS
"""A longer absence is a journey, no outing."""

WEEK_MS = 7 * DAY_MS
ASKED_DAILY = 3
"""Whoever was asked after as often is on a journey that nobody has entered: from then on a week is soon enough."""

_ASKED_ANEW = Bilingual("已再次询问", "asked after anew")

OUTINGS_KNOWN = 20
EVENINGS_KNOWN = 14
HOME_PERCENT = 95


class AbsenceWatch(Watch):
    """Follows one absence, as rules/presence.py proves it, from the door to the return, and learns from its length."""

    name = "absence"
    metrics = SIGN_METRICS
    follows_absences = True

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Note an absence while it lasts; the reading after which the home is not away has ended it."""
        state, home = view.state.absence, view.state
        if state.evening_ms is None:
            state.evening_ms = next_hour_ms(change.log_ms, view.parameters.evening_hour, view.tz)
        was_since_ms, state.since_ms = state.since_ms, home.away_since_ms if home.is_away else None
        if was_since_ms is None or state.since_ms is not None:
            return ()
        lasted_ms = change.reading.observed_at_ms - was_since_ms
        if home.was_return_by_door and 0 < lasted_ms <= LONGEST_LEARNED_MS:  # without a door perhaps nobody had left
            state.outings.add(was_since_ms // DAY_MS, lasted_ms // MINUTE_MS)
        sign = home.signs[-1] if change.is_sign else None
        return tuple(Clear(FindingKind.NO_RETURN, detail, sign=sign) for detail in _told(view))

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for the longest that this person stays away; every evening for the hour at which they are home."""
        state, home = view.state.absence, view.state
        if state.evening_ms is not None:
            yield Deadline(state.evening_ms, Inner.NOTED, state.evening_ms, watch=self.name)
        since_ms = home.away_since_ms
        if not home.is_away or home.is_blind or since_ms is None:
            return
        if view.is_open(FindingKind.NO_RETURN):
            yield self._still_away(view, since_ms)
        else:
            yield from self._not_back(view, since_ms)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Raise what is due; in the evening note who is home, and tell of whoever always was and is not."""
        if deadline.what is not Inner.NOTED:
            asked = [detail for detail in _told(view) if detail.startswith(AGAIN)]
            # Of the weeks only the last one holds: a home that nobody signed off must not fill its state with them.
            over = asked[ASKED_DAILY - 1 :] if deadline.detail else []
            return (*(Clear(FindingKind.NO_RETURN, one, clears_alert=False, why=_ASKED_ANEW) for one in over), deadline)
        state, home, at_ms = view.state.absence, view.state, deadline.due_ms
        state.evening_ms = next_hour_ms(at_ms, view.parameters.evening_hour, view.tz)
        if not view.is_watched_since(at_ms):
            return ()
        is_always_home = state.evenings.is_above(HOME_PERCENT, EVENINGS_KNOWN)
        state.evenings.note(happened=not home.is_away)
        state.missed_ms = at_ms if home.is_away and is_always_home else None
        return ()

    def _not_back(self, view: View, since_ms: int) -> Iterator[Deadline]:
        """Yield when somebody has been away for too long, and when at an hour at which they are always home.

        Where a return may not have been seen there is no such hour, and the outing may have begun with the door's
        last movement; time in the dark is not counted. The longest that anybody may be away holds all the same.
        """
        state, home, parameters = view.state.absence, view.state, view.parameters
        is_unsure = is_relied_on(home.came_in.first_in, missing_since(view, since_ms))
        from_ms = max(since_ms, home.return_door_ms or 0) if is_unsure else since_ms
        dark_ms = _dark_ms(home, from_ms)
        cap_ms = since_ms + max(parameters.no_return_cap_ms, longest_ms(state, parameters))
        due_ms = min(from_ms + dark_ms + longest_ms(state, parameters), cap_ms)
        yield Deadline(max(due_ms, settled_ms(home)), FindingKind.NO_RETURN, since_ms, watch=self.name)
        is_seen = not is_unsure and dark_ms <= parameters.return_signs_ms
        if is_seen and state.missed_ms is not None and state.missed_ms > since_ms:
            yield self._missed(view, state.missed_ms, since_ms)

    def _still_away(self, view: View, since_ms: int) -> Deadline:
        told = _told(view)
        count = 1 + max(int(detail.removeprefix(AGAIN) or 0) for detail in told)
        asked_ms = max(view.state.open[open_key(FindingKind.NO_RETURN, detail)].finding.at_ms for detail in told)
        wait_ms = view.parameters.no_return_again_ms if count < ASKED_DAILY else WEEK_MS
        due_ms = max(asked_ms + wait_ms, settled_ms(view.state))
        since, long = clock(since_ms, view.tz), lasting(due_ms - since_ms)
        sentence = Bilingual(
            f"{since}出门，{long.zh}仍未归，已第{count + 1}次提醒：若有行程请登记暂停看护",
            f"went out at {since}, still away after {long.en}, asked after {count + 1} times: "
            "a journey is entered as a suspension",
        )
        detail = f"{AGAIN} {count}"
        return Deadline(due_ms, FindingKind.NO_RETURN, since_ms, detail, self.name, sentence=sentence)

    def _missed(self, view: View, missed_ms: int, since_ms: int) -> Deadline:
        since, now = clock(since_ms, view.tz), clock(missed_ms, view.tz)
        sentence = Bilingual(
            f"{since}出门，{now}仍未回家，平时此时总在家",
            f"went out at {since} and is not home at {now}, when this person always is",
        )
        due_ms = max(missed_ms, since_ms + view.parameters.evening_away_ms)
        return Deadline(due_ms, FindingKind.NO_RETURN, since_ms, watch=self.name, sentence=sentence)


def _told(view: View) -> tuple[str, ...]:
    """Return the details under which this absence was asked after and nobody came back."""
    held = (key.split(" ", 1) for key in view.state.open if key.startswith(FindingKind.NO_RETURN))
    return tuple(key[1] if len(key) > 1 else "" for key in held)


def _dark_ms(state: HomeState, from_ms: int) -> int:
    """Return how much of the last dark stretch lies after a moment."""
    if state.dark_from_ms is None or state.seen_again_ms is None:
        return 0
    return max(state.seen_again_ms - max(state.dark_from_ms, from_ms), 0)


def longest_ms(state: AbsenceState, parameters: RuleParameters) -> int:
    """Return how long this person may be away: twice what one outing in a hundred lasts, within bounds."""
    if state.outings.count < OUTINGS_KNOWN:
        return parameters.no_return_ms
    personal_ms = 2 * state.outings.percentile(990) * MINUTE_MS
    return max(parameters.no_return_ms, min(personal_ms, parameters.no_return_cap_ms))
