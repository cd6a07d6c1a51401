"""Each figure from a made-up month whose answer is known by hand; what never came is too late, exclusions are said."""

import msgspec
import pytest
from desk_room import HOME, Room, finding
from hypothesis import given
from hypothesis import strategies as st

from alerts.attempts import CallNews, with_news
from alerts.kpi import FOUND_TRUE, Case, percentile, report
from alerts.model import AlertState, AttemptState, Outcome, PlaceCall, TraceLine
from alerts.suppression import Suppression, SuppressionKind
from app.kpi import METRIC_OF, month_span
from core.errors import ConfigurationError
from core.ids import HomeId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.text import Bilingual
from registry.rota import Span
from rules.findings import FindingKind, Priority

MONTH = Span(0, 30 * DAY_MS)
NOBODY = {"drill": 0, "service": 0, "ticket": 0}


def case(
    *, call_after_s=1.0, tries=1, taken_after_s=None, outcome=None, closed_after_s=None, stage_2=True, lines=(), **alert
):
    """One P0 alert of a home, opened at minute 1: others are told at once. Its message was an hour old."""
    room = Room(now_ms=MINUTE_MS)
    room.find(finding(FindingKind.EMERGENCY, Priority.P0, at_ms=MINUTE_MS))
    calls = [one for one in room.attempts.values() if isinstance(one.effect, PlaceCall)]
    if not stage_2:
        calls = [one for one in calls if one.contact_id is None]
    placed = None if call_after_s is None else MINUTE_MS + int(call_after_s * 1000)
    state = AttemptState.FAILED if placed is None else AttemptState.SUBMITTED
    attempts = [msgspec.structs.replace(one, submitted_at_ms=placed, tries=tries, state=state) for one in calls]
    trace = list(room.trace)
    if taken_after_s is not None:
        at_ms = MINUTE_MS + int(taken_after_s * 1000)
        trace.append(TraceLine(alert_id=room.alert.id, at_ms=at_ms, what="acknowledged", who="account:a", text=_EMPTY))
    ended = {} if outcome is None else {"outcome": outcome, "state": AlertState.CLOSED}
    if closed_after_s is not None:
        ended["closed_at_ms"] = MINUTE_MS + int(closed_after_s * 1000)
    shaped = msgspec.structs.replace(room.alert, **ended, **alert)
    trace += lines
    findings = [finding(FindingKind.EMERGENCY, Priority.P0, at_ms=MINUTE_MS - HOUR_MS, arrived_ms=MINUTE_MS)]
    return Case(alert=shaped, attempts=attempts, trace=trace, findings=findings)


_EMPTY = Bilingual("", "")


def values(*cases: Case, blind=(), homes=10, **more):
    found = report(cases, blind, homes=homes, within=MONTH, **more)
    return {figure.name: figure.value for figure in found.figures}, found


def test_the_first_call_is_measured_from_the_finding_to_the_provider():
    found, whole = values(*(case(call_after_s=second) for second in (1, 2, 3, 9)), case(call_after_s=None))
    assert (found["first_call_p50"], found["first_call_p99"]) == (2, 9)
    assert whole.excluded["no call placed (first call)"] == 1
    (p99,) = [one for one in whole.figures if one.name == "first_call_p99"]
    assert (p99.is_met, p99.cases, p99.target) == (False, 4, 5)


def test_a_message_of_long_ago_counts_from_its_arrival_and_one_that_waited_for_the_rules_too():
    found, _ = values(case(call_after_s=2))
    assert found["first_call_p99"] == 2
    found, _ = values(case(call_after_s=2, opened_at_ms=MINUTE_MS + 1_500))
    assert found["first_call_p99"] == 2
    older = case(call_after_s=2)
    unknown = [msgspec.structs.replace(one, arrived_ms=0) for one in older.findings]
    found, _ = values(msgspec.structs.replace(older, findings=unknown))
    assert found["first_call_p99"] == 2


@pytest.mark.parametrize(
    ("kind", "held"),
    [("silence", 1), ("incident", 1), ("quiet_hours", 1), ("throttle", 0)],
)
def test_what_was_told_later_on_purpose_is_left_out_of_the_first_call_and_counted(kind, held):
    why = Suppression(kind=SuppressionKind(kind), by="x", reason=_EMPTY, until_ms=None, ends_with=_EMPTY)
    line = TraceLine(
        alert_id="a", at_ms=MINUTE_MS, what=f"suppressed_{kind}", who="system", text=_EMPTY, suppression=why
    )
    found, whole = values(case(call_after_s=3_600, lines=[line]))
    assert whole.excluded["told later on purpose (first call)"] == held
    assert found["first_call_p99"] == (None if held else 3_600)


def substituted(one, call_after_s, channel):
    """The same case with a substitute for each of its calls, queued five seconds later by another channel."""
    placed = None if call_after_s is None else MINUTE_MS + int(call_after_s * 1000)
    more = {"created_at_ms": MINUTE_MS + 5_000, "submitted_at_ms": placed, "channel": channel, "tries": 1}
    beside = [
        msgspec.structs.replace(call, key=f"{call.key}+", state=AttemptState.SUBMITTED, **more) for call in one.attempts
    ]
    return msgspec.structs.replace(one, attempts=[*one.attempts, *beside])


def test_a_substitute_by_another_provider_is_the_failover_of_its_call():
    lost = case(call_after_s=None)
    found, _ = values(substituted(lost, 12, "aliyun_voice"), substituted(lost, 16, "aliyun_voice"), case())
    assert found["failover_15s"] == 0.5
    assert found["first_time_call_failure"] == pytest.approx(2 / 3)
    assert found["call_accepted_60s"] == 1


def test_the_board_beside_a_call_is_no_failover_and_alone_it_is_no_call():
    lost = case(call_after_s=None)
    provider = [msgspec.structs.replace(one, channel="twilio_voice") for one in lost.attempts]
    found, _ = values(substituted(msgspec.structs.replace(lost, attempts=provider), 12, "console"))
    assert (found["failover_15s"], found["call_accepted_60s"]) == (0, 0)
    shown = [msgspec.structs.replace(one, channel="console") for one in case().attempts]
    found, whole = values(msgspec.structs.replace(case(), attempts=shown), case(call_after_s=None))
    assert found["first_call_p99"] is found["failover_15s"] is None
    assert (found["call_accepted_60s"], found["first_time_call_failure"]) == (0, 1)  # of the other alert
    assert whole.excluded["on the board only (calls)"] == 1
    assert whole.excluded["no call placed (first call)"] == 1


@pytest.mark.parametrize("state", ["submitted", "ringing", "answered", "busy", "no_answer", "acked", "declined"])
def test_a_call_whose_first_news_is_of_its_ringing_or_its_end_was_with_a_provider(state):
    (call, *_) = case(call_after_s=None).attempts
    waiting = msgspec.structs.replace(call, state=AttemptState.UNKNOWN)
    assert with_news(waiting, CallNews(state=AttemptState(state), at_ms=7)).submitted_at_ms == 7
    assert with_news(waiting, CallNews(state=AttemptState.FAILED, at_ms=7)).submitted_at_ms is None


def test_an_alert_that_no_human_took_counts_as_too_late_and_one_of_stage_1_is_left_out():
    found, whole = values(
        case(taken_after_s=60), case(taken_after_s=61), case(taken_after_s=180), case(), case(stage_2=False)
    )
    assert (found["acknowledged_60s"], found["acknowledged_180s"]) == (0.25, 0.75)
    assert whole.excluded["stage 1 only (acknowledgement)"] == 1


def test_attendance_counts_what_only_somebody_at_the_home_can_report():
    found, _ = values(
        case(outcome=Outcome.SEEN_WELL, closed_after_s=45 * 60),
        case(outcome=Outcome.TAKEN_TO_HOSPITAL, closed_after_s=46 * 60),
        case(outcome=Outcome.WELL_SPOKEN_TO, closed_after_s=99 * 60),
        case(outcome=Outcome.SEEN_WELL, closed_after_s=99 * 60, priority=Priority.P2),
    )
    assert (found["attended_45min"], found["attended_60min"]) == (0.5, 1)


def test_attendance_says_that_it_rests_on_the_reported_outcome_and_how_often_a_contact_had_set_out():
    pressed = TraceLine(alert_id="a", at_ms=2 * MINUTE_MS, what="acknowledged", who="contact:c1", text=_EMPTY)
    _, whole = values(
        case(outcome=Outcome.HELPED_AT_HOME, closed_after_s=60),
        case(outcome=Outcome.HELPED_AT_HOME, closed_after_s=60, lines=[pressed]),
    )
    (attended,) = [one for one in whole.figures if one.name == "attended_45min"]
    assert "in 1 of 2 a contact had pressed" in attended.basis.en
    assert "没有到场记录" in attended.basis.zh


def test_calls_that_were_tried_again_are_failures_of_the_first_time_and_measured_as_failover():
    found, _ = values(case(), case(tries=2, call_after_s=15), case(tries=3, call_after_s=16), case(call_after_s=None))
    assert found["failover_15s"] == 0.5
    assert found["first_time_call_failure"] == 0.75
    assert found["call_accepted_60s"] == 0.75


def test_precision_takes_found_well_for_false_and_is_told_for_each_kind():
    found, whole = values(
        case(outcome=Outcome.HELPED_AT_HOME, closed_after_s=60),
        case(outcome=Outcome.FALSE_VISITOR, closed_after_s=120, kinds=(FindingKind.INACTIVITY,)),
        case(outcome=Outcome.SEEN_WELL, closed_after_s=180, kinds=(FindingKind.INACTIVITY, FindingKind.EMERGENCY)),
        case(),
    )
    assert found["precision"] == pytest.approx(1 / 3)
    assert {one.name: (one.value, one.cases) for one in whole.precision} == {
        "emergency": (0.5, 2),
        "inactivity": (0, 2),
    }
    assert found["time_to_close_median"] == 120


def test_every_outcome_is_true_or_false_and_a_false_one_is_never_true():
    assert all(outcome not in FOUND_TRUE for outcome in Outcome if outcome.startswith("false_"))


def test_alerts_are_counted_for_each_home_month_by_stage_and_withdrawn_ones_apart():
    found, _ = values(case(), case(stage_2=False, state=AlertState.WITHDRAWN), homes=4)
    assert (found["alerts_per_home_month"], found["stage_2_per_home_month"]) == (0.5, 0.25)
    assert found["cancelled_by_life_sign"] == 0.5


def test_drills_alerts_of_the_service_and_tickets_are_left_out_and_counted():
    canary = HomeId("canary")
    found, whole = values(
        case(home_id=canary),
        case(home_id=HomeId("service:rota:desk:1")),
        case(priority=Priority.P3),
        drills=frozenset({canary}),
    )
    assert {why: whole.excluded[why] for why in NOBODY} == dict.fromkeys(NOBODY, 1)
    assert found["alerts_per_home_month"] == 0
    assert found["acknowledged_60s"] is None


def blind(at_ms, since_ms, *, is_cleared=False, of=0, home=HOME):
    one = finding(FindingKind.HOME_BLIND, Priority.P2, at_ms=of or at_ms, is_cleared=is_cleared)
    shared = finding(FindingKind.HOME_BLIND, Priority.P2, at_ms=of or at_ms).id
    return msgspec.structs.replace(one, id=shared, at_ms=at_ms, since_ms=since_ms, home_id=home)


def test_blind_minutes_are_cut_to_the_month_and_overlaps_are_counted_once():
    told = [
        blind(10 * MINUTE_MS, -5 * MINUTE_MS),  # since before the month
        blind(20 * MINUTE_MS, 0, is_cleared=True, of=10 * MINUTE_MS),
        blind(15 * MINUTE_MS, 12 * MINUTE_MS),  # overlaps it
        blind(25 * MINUTE_MS, 0, is_cleared=True, of=15 * MINUTE_MS),
        blind(30 * DAY_MS - MINUTE_MS, 30 * DAY_MS - 5 * MINUTE_MS, home=HomeId("h2")),  # has not ended
    ]
    found, _ = values(blind=told, homes=2)
    assert found["blind_per_home_month"] == pytest.approx((25 + 5) / 2)
    assert found["blind_share"] == pytest.approx(30 / (2 * 30 * 24 * 60))


@pytest.mark.parametrize(
    ("age_s", "in_60s", "in_180s"),
    [(3, (1, 1), (1, 1)), (60, (1, 1), (1, 1)), (61, (0.5, 2), (1, 1)), (181, (0.5, 2), (0.5, 2))],
)
def test_an_alert_that_nobody_has_taken_yet_is_not_counted_before_its_time_has_passed(age_s, in_60s, in_180s):
    _, whole = values(case(taken_after_s=10), case(), now_ms=MINUTE_MS + age_s * 1000)
    figures = {one.name: (one.value, one.cases) for one in whole.figures}
    assert (figures["acknowledged_60s"], figures["acknowledged_180s"]) == (in_60s, in_180s)
    assert whole.excluded["not due yet (acknowledged_180s)"] == 2 - in_180s[1]


@pytest.mark.parametrize(
    ("age_s", "accepted", "failover"), [(15, (1, 1), (1, 1)), (16, (1, 1), (0.5, 2)), (61, (0.5, 2), (0.5, 2))]
)
def test_a_call_that_no_provider_has_yet_is_not_counted_before_its_time_has_passed(age_s, accepted, failover):
    tried = (case(tries=2, call_after_s=after_s, stage_2=False) for after_s in (3, None))
    _, whole = values(*tried, now_ms=MINUTE_MS + age_s * 1000)
    figures = {one.name: (one.value, one.cases) for one in whole.figures}
    assert (figures["call_accepted_60s"], figures["failover_15s"]) == (accepted, failover)
    assert figures["first_time_call_failure"] == (1, accepted[1])
    assert whole.excluded["not due yet (call_accepted_60s)"] == 2 - accepted[1]
    assert whole.excluded["not due yet (failover_15s)"] == 2 - failover[1]


def test_where_no_coverage_is_kept_blindness_is_only_the_least_it_was_and_shows_no_target_met():
    _, whole = values(homes=2)
    none = next(one for one in whole.figures if one.name == "blind_share")
    assert (none.value, none.cases, none.is_met) == (None, 0, None)
    found, whole = values(
        blind=[blind(10 * MINUTE_MS, 5 * MINUTE_MS), blind(20 * MINUTE_MS, 0, is_cleared=True, of=10 * MINUTE_MS)]
    )
    few = next(one for one in whole.figures if one.name == "blind_share")
    assert found["blind_per_home_month"] == pytest.approx(1.5)
    assert few.is_met is None
    assert "only homes that were found blind" in few.basis.en


def test_a_month_without_homes_and_alerts_divides_by_nothing():
    found, whole = values(homes=0)
    assert set(found.values()) == {None}
    assert set(found) == set(METRIC_OF)
    assert whole.precision == ()


@given(st.lists(st.integers(0, 1000), min_size=1), st.sampled_from([0.5, 0.975, 0.99, 1.0]))
def test_a_percentile_is_a_measured_value_that_its_share_does_not_exceed(measured, share):
    found = percentile(measured, share)
    assert found in measured
    assert sum(one <= found for one in measured) >= share * len(measured)
    assert sum(one < found for one in measured) < share * len(measured)


def test_a_month_ends_now_when_it_has_not_ended_and_a_coming_one_is_refused():
    begins = 1_772_294_400_000  # 2026-03-01 00:00 in Shanghai
    assert month_span("2026-03", "Asia/Shanghai", begins + 5) == Span(begins, begins + 5)
    assert month_span("2026-03", "Asia/Shanghai", begins + 90 * DAY_MS) == Span(begins, begins + 31 * DAY_MS)
    for wrong in ("2026-04", "2026-13", "March"):
        with pytest.raises(ConfigurationError, match="--month"):
            month_span(wrong, "Asia/Shanghai", begins + 5)
