"""The main job on a real home's recording, through every room, and with the service killed at any moment."""

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from service_process import ServiceProcess
from shared_data import shared_file

from alerts.model import AlertState
from app.demo import replay_story
from app.files import DataFiles
from app.running import running_service
from app.simulation import CLERK, Simulation
from core.events import Metric
from core.ids import HomeId
from rules.findings import FindingKind
from store.duckdb_series import DuckDbSeries
from store.journal import Journal

pytestmark = pytest.mark.long

DISTINCT_EVENTS = 21_968
SILENCE_FROM, EVENTS_BEFORE_IT = "2016-07-17T10:00", 14_704
RECORDING = "data/motion/tm000_multiday_absence.csv.gz"
KILLS = 22
HOME = HomeId("tm000")


@dataclass
class Outcome:
    readings: list
    distinct: int
    parked: dict
    alerts: list
    visits: list
    attempts: dict
    calls: Counter
    traces: dict
    journalled: dict  # key of a reading: (entry, its log time)
    ticks: int = 0
    kills: list = field(default_factory=list)  # (tick, its time in ms, seconds after it)


def play(tmp_path, silence_from="", kill_at=()):
    """Replay the recording at full speed; kill and restart the service a little after each tick of `kill_at`."""
    service = ServiceProcess(tmp_path / "data")
    service.start()
    story = replay_story(shared_file(RECORDING), silence_from=silence_from, show=lambda _line: None)
    dice, waiting = random.Random(20160713), sorted(kill_at)
    restarting: list[asyncio.Task] = []
    kills = []

    async def kill_and_restart(progress) -> None:
        kills.append((progress.ticks, progress.now_ms, dice.random() * 0.03))
        await asyncio.sleep(kills[-1][-1])  # anywhere within the next step
        service.kill()
        await asyncio.to_thread(service.start)

    def on_progress(progress) -> None:
        if waiting and progress.ticks >= waiting[0] and all(task.done() for task in restarting):
            waiting.pop(0)
            restarting.append(asyncio.get_running_loop().create_task(kill_and_restart(progress)))

    simulation = Simulation(
        service.data_dir, running_service(service.data_dir), story, speed=None, on_progress=on_progress
    )

    async def run() -> int:
        report = await simulation.run()
        await asyncio.gather(*restarting)
        return report.ticks

    try:
        ticks = asyncio.run(run())
    finally:
        service.stop()
    assert not waiting
    assert service.starts == len(kill_at) + 1
    found = outcome_of(service.data_dir, simulation)
    found.ticks, found.kills = ticks, kills
    return found


def outcome_of(data_dir, simulation) -> Outcome:
    files = DataFiles(data_dir)
    series, journal, truth = DuckDbSeries(files.series), Journal(files.journal), files.open_truth()
    try:
        with truth.view() as unit:
            alerts = sorted(unit.alerts.list(None, 1000), key=lambda alert: alert.opened_at_ms)
            attempts = {a.id: a for alert in alerts for a in unit.outbox.of_alert(alert.id)}
            visits = sorted(unit.visits.list(limit=1000), key=lambda visit: visit.started_at_ms)
            traces = {alert.id: unit.alerts.trace(alert.id) for alert in alerts}
        readings = series.readings(HOME, 0, 2**60, 10**6)
        return Outcome(
            readings=[(r.key, r.value) for r in readings],
            distinct=series.count_distinct(),
            parked=journal.parked_count(),
            alerts=alerts,
            visits=visits,
            attempts=attempts,
            calls=Counter(call.url.split("/")[-2] for call in simulation.phones.calls.values()),
            traces=traces,
            journalled={r.key: (e.seq, e.log_time_ms) for e in journal.read(0, 10**6) for r in e.readings},
        )
    finally:
        truth.close()
        journal.close()
        series.close()


def said_by_the_story(silence_from):
    """Return what the simulator publishes, as keys and values of readings."""
    story = replay_story(shared_file(RECORDING), silence_from=silence_from, show=lambda _line: None)
    for message in story.messages:
        device, body = message.topic.removeprefix("care/").removesuffix("/event"), json.loads(message.payload)
        yield (device, Metric.MOTION, body["ts"], body["seq"]), body[Metric.MOTION]


def what_differs(found, silence_from):
    """Say which readings are not those of the story, and where they got to; "" for none: nobody keeps the files."""
    want, have = dict(said_by_the_story(silence_from)), dict(found.readings)
    lines = [
        f"{key}: said {want.get(key)}, kept {have.get(key)}, (entry, log time) {found.journalled.get(key)}"
        for key in sorted(want.keys() | have.keys(), key=lambda one: one[2])
        if want.get(key) != have.get(key)
    ]
    told = [f"{len(lines)} readings differ; parked {found.parked}; killed at {found.kills}", *lines[:30]]
    return "\n".join(told) if lines else ""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return play(tmp_path_factory.mktemp("undisturbed"), SILENCE_FROM)


@pytest.mark.timeout(300)
def test_every_distinct_event_is_stored_and_a_real_absence_is_away_and_never_inactivity(undisturbed):
    stored_and_away(undisturbed, EVENTS_BEFORE_IT)
    assert [alert.kinds for alert in undisturbed.alerts[3:]] == [(FindingKind.INACTIVITY,)]  # of the silence


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_whole_recording_is_stored_and_ends_without_another_call(tmp_path):
    found = play(tmp_path)
    stored_and_away(found, DISTINCT_EVENTS)
    assert len(found.alerts) == 3


def stored_and_away(found, distinct):
    assert found.distinct == distinct
    assert {key[1] for key, _ in found.readings} == {Metric.MOTION}
    assert found.parked == {}
    # Three days and a half away: asked after six hours, and a day and two days later.
    assert [alert.kinds for alert in found.alerts[:3]] == [(FindingKind.NO_RETURN,)] * 3
    assert "07-13 07:21" in found.alerts[0].sentence.zh
    assert all(alert.state is AlertState.CLOSED for alert in found.alerts)


@pytest.mark.timeout(300)
def test_a_silence_rings_the_resident_then_the_contacts_and_ends_in_the_ledger(undisturbed):
    silence = undisturbed.alerts[-1]
    assert silence.kinds == (FindingKind.INACTIVITY,)
    assert silence.state is AlertState.CLOSED
    story = [(line.what, line.who) for line in undisturbed.traces[silence.id]]
    resident = story.index(("attempt_no_answer", "resident"))
    pressed = next(i for i, (what, who) in enumerate(story) if what == "key_pressed" and who.startswith("contact:"))
    closed = next(i for i, (what, _) in enumerate(story) if what == "closed")
    assert story.index(("attempt_ringing", "resident")) < resident < pressed < closed
    assert story[-1][0] == "visit_logged"
    visit = undisturbed.visits[-1]
    assert visit.alert_id == silence.id
    assert (silence.outcome, silence.closed_by) == ("taken_to_hospital", f"account:{CLERK}")  # nobody spoke to anybody
    assert "模拟值班员" in silence.outcome_note
    assert not any(credit.counts for one in undisturbed.visits for credit in one.credits)
    assert all(credit.why.zh and credit.clause for credit in visit.credits)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", [4, pytest.param(KILLS, marks=pytest.mark.slow)])
def test_killing_the_service_anywhere_loses_no_reading_no_alert_and_no_call_and_repeats_none(
    undisturbed, tmp_path, kills
):
    dice = random.Random(7)
    ticks = dice.sample(range(10, undisturbed.ticks - 20), kills // 2)  # anywhere in the week
    ticks += [
        undisturbed.ticks - 110 + 9 * n for n in range(0, KILLS - KILLS // 2, KILLS // kills)
    ]  # and thickly around the calls
    killed = play(tmp_path, SILENCE_FROM, ticks)
    for found in (undisturbed, killed):  # a reading too many in the one looks like one that is lost in the other
        assert what_differs(found, SILENCE_FROM) == ""
    assert killed.readings == undisturbed.readings
    assert killed.parked == undisturbed.parked
    assert [(a.id, a.kinds, a.finding_ids, a.state, a.outcome) for a in killed.alerts] == [
        (a.id, a.kinds, a.finding_ids, a.state, a.outcome) for a in undisturbed.alerts
    ]
    assert killed.attempts.keys() == undisturbed.attempts.keys()
    assert killed.calls == undisturbed.calls
    assert set(killed.calls.values()) == {1}
    assert [visit.id for visit in killed.visits] == [visit.id for visit in undisturbed.visits]
