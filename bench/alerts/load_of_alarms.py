"""The load of alarms: a village's outage, a thousand P1s at once, and alarms amid a town's readings.

Each figure runs the service as it ships, in a process of its own, with rules, journal, desk, dispatcher and Twilio's
SDK; the provider is the stand-in on this machine, and nobody real is ever rung. `python bench/alerts
small` takes a tenth, to see that it works.
"""

import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from alarm_flow import Flow
from alarm_house import CALLS_PER_S, House, house, minutes_ago
from alarm_town import VILLAGE, lived, register
from figures import percentile, print_time
from pysqlite3 import dbapi2 as sqlite

from alerts.model import Alert, AlertState
from core.clock import monotonic_s
from core.ids import HomeId
from rules.findings import FindingKind
from rules.village import AREA_PREFIX
from store.truth.database import Truth

HOMES_OUT, P1S, READINGS_PER_S, ALARMS_PER_MIN, FLOW_MIN = 10_000, 1_000, 5_000, 100, 2
FLOW_HOMES = 1_000
P0S = 8
P0_EVERY_S = 3.0
SETTLE_S = 20
"""Of the flow before the first alarm: a service that has just started is not what is measured."""

OUTAGE_WITHIN_S, BEGUN_WITHIN_S, P0_WITHIN_S, REQUEST_WITHIN_S = 60.0, 60.0, 5.0, 1.0
GIVE_UP_S = 600.0
COMMITS = 50

_pause = threading.Event()


def outage(folder: Path, size: int) -> bool:
    """Let a village's gateways fall silent together; return whether that is one alert with its list in time."""
    with house(folder) as one:
        register(one.files, range(size), beats=True)
        lived(one.files, range(size), minutes_ago(3), beats=True)
        one.start()
        with one.truth() as truth:
            _until(lambda: _count(truth, AlertState) > size, "the alerts of an outage", one)
            alerts = _alerts(truth)
        told = [alert for alert in alerts if not alert.holds]
        incident = next(alert for alert in told if alert.home_id == f"{AREA_PREFIX}{VILLAGE}")
        held = [alert for alert in alerts if alert.holds]
        first_ms = min(alert.opened_at_ms for alert in alerts)
        assert told == [incident], [alert.kinds for alert in told]
        assert incident.kinds == (FindingKind.INFRASTRUCTURE,)
        assert len(held) == size
        rung, used_s = {request.phone for request in one.requests()}, one.processor_s()
    more = {
        "homes": size,
        "alerts_told": len(told),
        "held": len(held),
        "service_processor_s": round(used_s, 1),
        "phones_rung": len(rung),
        "incident_open_s": round((incident.opened_at_ms - first_ms) / 1000, 2),
    }
    taken_s = (max(alert.opened_at_ms for alert in alerts) - first_ms) / 1000
    return print_time("alerts_outage", "s", taken_s, target=OUTAGE_WITHIN_S, baseline=_commit_s(folder), more=more)


def thousand(folder: Path, size: int) -> list[bool]:
    """Let P1s be found all at once and buttons be pressed amid them; return whether all are begun in time."""
    with house(folder) as one:
        register(one.files, range(size + P0S), beats=False)
        lived(one.files, range(size), minutes_ago(0), beats=False)
        one.start()
        with one.truth() as truth:
            _until(lambda: _count(truth, AlertState) > 0, "the first alert", one)
            flow = one.flow(Flow(seconds=P0_EVERY_S * P0S, buttons=(size, size + P0S), button_every_s=P0_EVERY_S))
            _until(lambda: len(one.first_requests()) >= size + P0S, "every first request", one)
            used_s = one.processor_s()
            opened = {alert.home_id: alert.opened_at_ms for alert in _alerts(truth)}
        pressed, first = _pressed(flow), one.first_requests()
    kept_ms = [at_ms for home_id, at_ms in opened.items() if home_id not in pressed]
    found_ms = min(kept_ms)
    p1_ms = [at_ms for home_id, at_ms in first.items() if home_id not in pressed]
    waits = [(first[home_id] - opened[home_id]) / 1000 for home_id in first if home_id not in pressed]
    p0_s = [(first[home_id] - at_ms) / 1000 for home_id, at_ms in pressed.items()]
    base_s = _commit_s(folder)
    more = {
        "p1s": len(p1_ms),
        "calls_per_s": CALLS_PER_S,
        "service_processor_s": round(used_s, 1),
        "finding_to_attempt_p50_s": round(percentile(waits, 50), 2),
        "finding_to_attempt_p99_s": round(percentile(waits, 99), 2),
        "last_finding_kept_s": round((max(kept_ms) - found_ms) / 1000, 2),
    }
    begun_s = (max(p1_ms) - found_ms) / 1000
    return [
        print_time("alerts_p1_all_begun", "s", begun_s, target=BEGUN_WITHIN_S, baseline=base_s, more=more),
        print_time(
            "alerts_p0_amid_p1s", "s", max(p0_s), target=P0_WITHIN_S, baseline=base_s, more={"all_s": sorted(p0_s)}
        ),
    ]


def flowing(folder: Path, share: float) -> bool:
    """Let alarms sound amid a town's readings; return whether the provider hears of them in time."""
    minutes = FLOW_MIN * share
    alarms = int(ALARMS_PER_MIN * minutes)
    with house(folder) as one:
        register(one.files, range(FLOW_HOMES + alarms), beats=False)
        one.start()
        flow = one.flow(
            Flow(
                seconds=SETTLE_S + minutes * 60 + 2,
                readings_per_s=READINGS_PER_S,
                reading_homes=(0, FLOW_HOMES),
                buttons=(FLOW_HOMES, FLOW_HOMES + alarms),
                buttons_after_s=SETTLE_S,
                button_every_s=60 / ALARMS_PER_MIN,
            )
        )
        pressed, sent, seconds = _sent(flow)
        _until(lambda: pressed.keys() <= one.first_requests().keys(), "every first request", one)
        first, used_s = one.first_requests(), one.processor_s()
        with one.truth() as truth:
            opened = {alert.home_id: alert.opened_at_ms for alert in _alerts(truth)}
    waits = [(first[home_id] - at_ms) / 1000 for home_id, at_ms in pressed.items()]
    inside = [(first[home_id] - opened[home_id]) / 1000 for home_id in pressed]
    more = {
        "alarms": len(waits),
        "readings_per_s": round(sent / seconds),
        "service_processors": round(used_s / seconds, 2),
        "p50_s": round(percentile(waits, 50), 3),
        "from_alert_p50_s": round(percentile(inside, 50), 3),
        "from_alert_p99_s": round(percentile(inside, 99), 3),
    }
    worst = percentile(waits, 99)
    return print_time(
        "alerts_press_to_request_p99", "s", worst, target=REQUEST_WITHIN_S, baseline=_commit_s(folder), more=more
    )


def _pressed(flow: "subprocess.Popen[bytes]") -> Mapping[HomeId, int]:
    return _sent(flow)[0]


def _sent(flow: "subprocess.Popen[bytes]") -> tuple[dict[HomeId, int], int, float]:
    """Wait for the end of a flow; return when each button was pressed, and how many readings took how long."""
    lines = [line.split() for line in flow.communicate(timeout=GIVE_UP_S)[0].decode().splitlines()]
    assert flow.returncode == 0
    sent = next(line for line in lines if line[0] == "sent")
    pressed = {HomeId(line[1]): int(line[0]) for line in lines if line is not sent}
    return pressed, int(sent[1]), float(sent[2])


def _alerts(truth: Truth) -> Sequence[Alert]:
    with truth.view() as unit:
        return unit.alerts.list(None, 1_000_000)


def _count(truth: Truth, states: type[AlertState]) -> int:
    with truth.view() as unit:
        counted = unit.alerts.count_by_state()
    return sum(counted[state] for state in states)


def _until(is_so: Callable[[], bool], what: str, one: House) -> None:
    begin_s = monotonic_s()
    while not is_so():
        assert monotonic_s() - begin_s < GIVE_UP_S, f"{what} did not come: {one.log()}"
        _pause.wait(0.5)


def _commit_s(folder: Path) -> float:
    """Return how long one bare durable commit takes here, seconds."""
    link = sqlite.connect(folder / "bare.sqlite", isolation_level=None)
    link.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE one (n INTEGER)")
    start_s = monotonic_s()
    for number in range(COMMITS):
        link.execute("INSERT INTO one VALUES (?)", (number,))
    taken_s = (monotonic_s() - start_s) / COMMITS
    link.close()
    return taken_s


def main(words: Sequence[str]) -> int:
    """Measure the figures that are named, or all; return 0 when each reaches its target."""
    share = 0.1 if "small" in words else 1.0
    wanted = [word for word in words if word != "small"] or ["outage", "thousand", "flowing"]
    holds: list[bool] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "outage" in wanted:
            holds.append(outage(folder / "outage", int(HOMES_OUT * share)))
        if "thousand" in wanted:
            holds += thousand(folder / "thousand", int(P1S * share))
        if "flowing" in wanted:
            holds.append(flowing(folder / "flowing", share))
    return 0 if all(holds) else 1
