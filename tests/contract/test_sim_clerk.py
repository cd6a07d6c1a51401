"""The simulated clerk works through the real API: reports in time, signs, and outlasts a service that is away."""

import httpx
import pytest
from api_console import Desk, run
from api_village import MINUTE_MS, NOW_MS, sample_alert

from alerts.model import AlertState, Outcome
from api.views import AlertDetail, BilingualView, TraceView
from core.ids import HomeId
from device_sim.clerk import POLL_MS, REPORT_AFTER_MS, Clerk, ClerkSettings
from rules.findings import FindingKind

TAKEN_MS = NOW_MS - 5 * MINUTE_MS


def taken_alert(alert_id, **changes):
    words = BilingualView(zh="家属接手", en="taken by family")
    line = TraceView(at_ms=TAKEN_MS, what="acknowledged", who="contact:c1", text=words)
    trace = [*sample_alert().trace, line]
    return sample_alert(alert_id, state=AlertState.ACKNOWLEDGED, trace=trace, **changes)


def desk_with(*alerts: AlertDetail):
    desk = Desk()
    desk.console.alert_rows = {alert.alert_id: alert for alert in alerts}
    return desk


def clerk_of(client, **outcomes):
    chosen = {HomeId(home): outcome for home, outcome in outcomes.items()}
    return Clerk(ClerkSettings(name="zhang", password="right horse", outcomes=chosen), client)


def test_an_alert_is_closed_twenty_minutes_after_somebody_took_it():
    desk = desk_with(taken_alert("a1"))

    async def story():
        async with desk.client() as client:
            clerk = clerk_of(client, h0001=Outcome.TAKEN_TO_HOSPITAL)
            assert clerk.next_event_ms() is None
            await clerk.advance_to(NOW_MS)
            due_ms = TAKEN_MS + REPORT_AFTER_MS
            assert clerk.next_event_ms() == NOW_MS + POLL_MS
            await clerk.advance_to(NOW_MS + POLL_MS)
            assert clerk.next_event_ms() == due_ms
            assert await clerk.advance_to(due_ms - 1) == 0
            assert desk.console.alert_rows["a1"].state is AlertState.ACKNOWLEDGED
            assert await clerk.advance_to(due_ms) == 1

    run(story())
    closed = desk.console.alert_rows["a1"]
    assert closed.state is AlertState.CLOSED
    assert closed.outcome is Outcome.TAKEN_TO_HOSPITAL
    assert closed.closed_by == "account:zhang"
    assert "送医" in closed.outcome_note


def test_outcomes_follow_the_scenario_and_otherwise_the_kind():
    desk = desk_with(
        taken_alert("a1", kinds=[FindingKind.INACTIVITY]),
        taken_alert("a2", kinds=[FindingKind.DEVICE_SILENT]),
        taken_alert("a3", kinds=[FindingKind.DOOR_LEFT_OPEN, FindingKind.DEVICE_SILENT]),
        taken_alert("a4", kinds=[FindingKind.WATER_RUNNING], home_id="h0007"),
    )

    async def story():
        async with desk.client() as client:
            clerk = clerk_of(client, h0007=Outcome.TAKEN_TO_HOSPITAL)
            await clerk.advance_to(TAKEN_MS + REPORT_AFTER_MS)

    run(story())
    assert {name: row.outcome for name, row in desk.console.alert_rows.items()} == {
        "a1": Outcome.HELPED_AT_HOME,  # nobody answered at home: nothing is reported that would count as a talk
        "a2": Outcome.TECHNICAL_FIXED,
        "a3": Outcome.HAZARD_REMOVED,
        "a4": Outcome.TAKEN_TO_HOSPITAL,
    }


@pytest.mark.parametrize(("answered_ms", "outcome"), [(None, "helped_at_home"), (TAKEN_MS, "well_spoken_to")])
def test_a_conversation_is_reported_only_of_a_resident_who_answered_and_every_report_says_that_it_is_simulated(
    answered_ms, outcome
):
    rung = [one.model_copy(update={"answered_at_ms": answered_ms}) for one in sample_alert().attempts[:1]]
    desk = desk_with(taken_alert("a1", attempts=rung))

    async def story():
        async with desk.client() as client:
            await clerk_of(client).advance_to(TAKEN_MS + REPORT_AFTER_MS)

    run(story())
    closed = desk.console.alert_rows["a1"]
    assert closed.outcome == outcome
    assert closed.outcome_note.startswith("模拟值班员 simulated clerk")


def test_visits_that_wait_for_a_signature_are_signed_once():
    desk = desk_with()

    async def story():
        async with desk.client() as client:
            clerk = clerk_of(client)
            assert await clerk.advance_to(NOW_MS) == 1
            assert await clerk.advance_to(NOW_MS + POLL_MS) == 0

    run(story())
    assert desk.console.visit_rows["v1"].reviewed_by == "account:zhang"


def test_an_alert_that_nobody_has_taken_is_left_alone():
    desk = desk_with(sample_alert("a1"))

    async def story():
        async with desk.client() as client:
            clerk = clerk_of(client)
            for step in range(10):
                await clerk.advance_to(NOW_MS + step * POLL_MS)

    run(story())
    assert desk.console.alert_rows["a1"] == sample_alert("a1")


def test_an_ended_session_is_opened_again():
    desk = desk_with(taken_alert("a1"))

    async def story():
        async with desk.client() as client:
            clerk = clerk_of(client)
            await clerk.advance_to(NOW_MS)
            desk.accounts.sessions.clear()  # the service restarted
            await clerk.advance_to(TAKEN_MS + REPORT_AFTER_MS)

    run(story())
    assert desk.console.alert_rows["a1"].state is AlertState.CLOSED


def test_a_service_that_is_away_is_tried_again_at_the_next_look_and_said_once(caplog):
    desk = desk_with(taken_alert("a1"))
    is_away = True

    class Line(httpx.AsyncBaseTransport):
        """The network between clerk and service, which may be cut."""

        async def handle_async_request(self, request):
            if is_away:
                raise httpx.ConnectError("nobody listens", request=request)
            return await reachable.handle_async_request(request)

    reachable = httpx.ASGITransport(app=desk.app)

    async def story():
        nonlocal is_away
        async with httpx.AsyncClient(transport=Line(), base_url="http://127.0.0.1") as client:
            clerk = clerk_of(client)
            now_ms = TAKEN_MS + REPORT_AFTER_MS
            for _ in range(3):
                assert await clerk.advance_to(now_ms) == 0
                assert clerk.next_event_ms() == now_ms + POLL_MS
                now_ms += POLL_MS
            is_away = False
            await clerk.advance_to(now_ms)

    run(story())
    assert desk.console.alert_rows["a1"].state is AlertState.CLOSED
    assert len([r for r in caplog.records if r.name == "device_sim.clerk"]) == 1


def test_a_report_that_comes_too_late_is_looked_at_again_and_not_forced():
    desk = desk_with(taken_alert("a1"))

    async def story():
        async with desk.client() as client:
            clerk = clerk_of(client)
            alert = desk.console.alert_rows["a1"]
            desk.console.alert_rows["a1"] = alert.model_copy(update={"version": alert.version + 1})
            desk.console.alerts = only_stale(alert)  # the board was read just before somebody moved it
            due_ms = TAKEN_MS + REPORT_AFTER_MS
            assert await clerk.advance_to(due_ms) == 1  # the visit
            assert clerk.next_event_ms() == due_ms + POLL_MS

    run(story())
    assert desk.console.alert_rows["a1"].state is AlertState.ACKNOWLEDGED


def only_stale(alert):
    async def alerts(states, limit, before_ms, account):
        return [alert]

    return alerts
