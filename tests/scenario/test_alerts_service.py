"""The desk on its database: silences, incidents, throttles and mornings across the homes of a village."""

import msgspec
import pytest
from alerts_village import AREA, HOUR_MS, MIDNIGHT, MINUTE_MS, Village, incident
from desk_room import finding

from alerts.model import AlertState, PlaceCall
from api.conversion import alert_view, trace_view
from rules.findings import FindingKind, Priority
from rules.village import end_of


@pytest.fixture
def village(tmp_path):
    with Village.at(tmp_path / "truth.sqlite") as made:
        yield made


def test_a_cut_of_the_grid_holds_each_homes_alert_and_its_end_tells_of_the_home_that_is_still_dark(village):
    told = incident()
    own = [
        msgspec.structs.replace(
            finding(FindingKind.POWER_OUT, Priority.P3, held_by=told.id), home_id=f"h{n}", id=f"f{n}"
        )
        for n in range(3)
    ]
    village.take(*own, told)
    assert [village.alert(n).priority for n in range(3)] == [Priority.P2] * 3  # as grave as a cut is by itself
    assert [village.attempts_of(n) for n in range(3)] == [[]] * 3
    village.forward(HOUR_MS)
    back = [
        msgspec.structs.replace(
            own[n], id=f"c{n}", held_by=None, priority=Priority.P2, is_cleared=True, clears_alert=True
        )
        for n in (0, 1)
    ]
    over = msgspec.structs.replace(told, id=end_of(told), is_cleared=True, clears_alert=True)
    village.take(*back, over)
    assert [village.alert(0), village.alert(1)] == [None, None]
    assert village.alert(2).state is AlertState.ASKING_RESIDENT
    assert len(village.attempts_of(2)) == 1


def test_a_cut_of_the_grid_that_ends_before_its_homes_report_holds_nothing(village):
    told = incident()
    village.take(told)
    village.take(msgspec.structs.replace(told, id=end_of(told), is_cleared=True, clears_alert=True))
    village.find(0, FindingKind.POWER_OUT, Priority.P3, held_by=told.id)
    assert village.alert(0).state is AlertState.ASKING_RESIDENT


def test_a_silence_of_an_area_covers_its_homes_and_its_incidents_and_no_life_hazard(village):
    assert village.silence(area=AREA) == []
    village.take(incident())
    village.find(0)
    assert village.attempts() == []
    village.find(1, FindingKind.EMERGENCY, Priority.P0)
    assert village.attempts() != []
    village.forward(2 * HOUR_MS)
    assert village.alert(0).state is AlertState.ASKING_RESIDENT


def test_an_ended_silence_tells_at_once_and_a_silence_names_the_ladders_that_it_does_not_stop(village):
    village.find(1)
    (going_on,) = village.silence(area=AREA, kinds=(FindingKind.INACTIVITY,))
    assert going_on.home_id == "h1"
    village.find(0)
    assert village.alert(0).state is AlertState.OPEN
    village.desk.end_silence("s1", "account:li")
    village.desk.run_timers(village.clock.now_ms())
    assert village.alert(0).state is AlertState.ASKING_RESIDENT


def test_the_page_of_an_alert_says_what_is_held_why_and_until_when(village):
    village.silence(home_id="h0")
    village.find(0)
    with village.truth.view() as unit:
        lines = [trace_view(line) for line in unit.alerts.trace(village.alert(0).id)]
    (shown,) = [line.suppression for line in lines if line.suppression is not None]
    assert (shown.kind, shown.until_ms) == ("silence", MIDNIGHT + 2 * HOUR_MS)
    assert "检修" in shown.reason.zh
    (held,) = alert_view(village.alert(0), None).holds
    assert (held.finding, held.kind, held.until_ms) == ("inactivity", "silence", MIDNIGHT + 2 * HOUR_MS)


def test_one_grid_worker_of_many_homes_is_rung_three_times_in_a_quarter_of_an_hour_at_most(village):
    for n in range(3):
        village.find(n)
    village.forward(3 * HOUR_MS)
    rung = [
        attempt.created_at_ms
        for attempt in village.attempts()
        if isinstance(attempt.effect, PlaceCall) and (attempt.contact_id or "").startswith("grid")
    ]
    assert len(rung) > 5
    for at_ms in rung:
        assert sum(at_ms - 15 * MINUTE_MS < other <= at_ms for other in rung) <= 3


def test_tickets_of_a_night_are_one_message_to_the_one_duty_number_and_the_next_morning_one_more(village):
    for n in range(3):
        village.find(n, FindingKind.DEVICE_SILENT, Priority.P3)
    village.forward(8 * HOUR_MS + 30 * MINUTE_MS)
    (message,) = village.attempts()
    assert message.effect.variables == {"count": "3"}
    village.forward(24 * HOUR_MS)
    assert len(village.attempts()) == 2
