"""Whoever closes an alert is told what of it still holds: beside the form, in the API's answer and by the command."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from alerts_village import Village
from api_console import Desk, run
from api_village import sample_alert
from watched_home import NINE, SECOND, Watched, device, said

from alerts.model import AlertState, Outcome
from alerts.still_holding import still_holding
from api.views import BilingualView
from app.changes import Changes
from app.console import DeskConsole
from app.console_homes import HomeSources
from core.events import Metric
from core.localtime import HOUR_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind, Priority
from visits.policy import built_in_policy

SMOKE = device("smoke", DeviceRole.SMOKE_GAS_CO, "kitchen")
LEAK = device("leak", DeviceRole.LEAK, "bathroom")
BUTTON = device("button", DeviceRole.SOS_BUTTON, "bedroom")
SMOKES = BilingualView(zh="09:00收到烟雾报警信号：厨房的设备", en="smoke at 09:00: the device in kitchen")


def found(signals):
    """What the rules say of a home with smoke, a leak and a pressed button at nine."""
    home = Watched(SMOKE, LEAK, BUTTON)
    for n, (name, metric, value) in enumerate(signals):
        home.take_batch([said(name, metric, value, NINE + n * SECOND)], NINE + n * SECOND)
    return home.findings


def words(findings):
    return [one.sentence.en.partition(" at ")[0] for one in still_holding(findings)]


ALL = (("smoke", Metric.SMOKE, True), ("leak", Metric.WET, True), ("button", Metric.SOS, True))


def test_smoke_and_a_leak_hold_until_their_own_end_and_a_press_has_none():
    assert words(found(ALL)) == ["smoke", "a leak"]
    assert words(found((*ALL, ("smoke", Metric.SMOKE, False)))) == ["a leak"]
    assert words(found((*ALL, ("leak", Metric.WET, False)))) == ["smoke"]
    assert words(found((*ALL, ("leak", Metric.WET, False), ("smoke", Metric.SMOKE, False)))) == []


def test_an_end_that_an_earlier_release_kept_takes_back_what_began_when_it_says():
    kept = found((*ALL, ("smoke", Metric.SMOKE, False)))
    assert words([msgspec.structs.replace(one, takes_back=None) for one in kept]) == ["a leak"]


def test_a_silence_that_goes_on_is_told_once():
    home = Watched(device("kitchen", DeviceRole.INTERIOR_MOTION, "kitchen"))
    home.take([said("kitchen", Metric.MOTION, True, NINE)]).until(NINE + 24 * HOUR_MS)
    told = home.raised(FindingKind.INACTIVITY)
    assert [one.stage for one in told] == [1, 2]
    assert still_holding(told) == (told[1],)


@pytest.mark.parametrize("path", ["/", "/alerts/a1"])
def test_the_form_that_closes_an_alert_says_what_still_holds(path):
    desk = Desk()

    async def story(holds):
        desk.console.alert_rows = {"a1": sample_alert("a1", still_holds=holds)}
        async with desk.clerk() as browser:
            return (await browser.get(path)).text

    shown = run(story([SMOKES]))
    form = shown[shown.index('id="close-a1"') :]
    assert "仍成立" in form[: form.index("</form>")]
    assert SMOKES.zh in form[: form.index("</form>")]
    assert "still holds" in form[: form.index("</form>")]
    assert "仍成立" not in run(story([]))


def test_the_page_of_a_closed_alert_says_what_held_when_it_was_closed():
    desk = Desk()
    closed = {"state": AlertState.CLOSED, "outcome": Outcome.SEEN_WELL, "closed_by": "account:zhang"}
    desk.console.alert_rows = {"a1": sample_alert("a1", still_holds=[SMOKES], **closed)}

    async def story():
        async with desk.clerk() as browser:
            return (await browser.get("/alerts/a1")).text

    shown = run(story())
    assert "结束时仍成立" in shown
    assert SMOKES.en in shown


def console_of(village, threads) -> DeskConsole:
    """The console of a village; the parts that no alert asks stay away."""
    return DeskConsole(
        village.truth,
        village.desk,
        HomeSources(engine=None, engine_executor=None, rules=None, series=None, hindsight=None),
        parked=None,
        policy=built_in_policy(),
        changes=Changes(asyncio.get_running_loop()),
        health=None,
        clock=village.clock,
        zone_name="Asia/Shanghai",
        executor=threads,
    )


def test_the_answer_to_closing_says_what_still_holds(tmp_path):
    async def story(village, threads):
        console = console_of(village, threads)
        before = await console.alert(village.alert(0).id)
        closed = {"account": "li", "version": before.version}
        return before, await console.close(before.alert_id, Outcome.SEEN_WELL, "", **closed)

    with Village.at(tmp_path / "truth.sqlite") as village, ThreadPoolExecutor(1) as threads:
        smoke = village.find(0, FindingKind.EMERGENCY, Priority.P0).sentence
        before, after = asyncio.run(story(village, threads))
    assert (after.state, after.outcome) == (AlertState.CLOSED, Outcome.SEEN_WELL)  # a human decides
    assert before.still_holds == after.still_holds == [BilingualView(zh=smoke.zh, en=smoke.en)]
