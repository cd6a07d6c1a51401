"""Whatever comes in whatever order: each reading once, ticks where they belong, no acknowledgement before the append."""

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from ingest_directory import DirectoryInMemory

from core.clock import ManualClock
from core.events import Reading
from core.log import ParkedMessage, Reread
from ingest.admission import Admission
from ingest.committer import Committer
from ingest.lanes import Batch, Lanes
from ingest.link import CLOCK_TOPIC

T0 = 1_700_000_000_000
PIR = "care/h1/pir/event"
READ = 7


class LogInMemory:
    """Keeps entries in a list; closes the lists after its first entry, so that one batch ends the run."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self.entries: list[tuple[int, bool, list[int]]] = []
        self.parked = 0

    def append(
        self,
        readings: Sequence[Reading],
        parked: Sequence[ParkedMessage] = (),
        *,
        log_time_ms: int,
        is_tick: bool = False,
        rereads: Sequence[Reread] = (),
    ) -> int:
        assert not rereads
        self._lanes.close()
        self.entries.append((log_time_ms, is_tick, [reading.observed_at_ms - T0 for reading in readings]))
        self.parked += len(parked)
        return len(self.entries)

    def recent_readings(self, limit: int) -> list[Reading]:
        return [][:limit]

    @property
    def kept(self) -> list[int]:
        return [at for _, _, readings in self.entries for at in readings]


class RecordingConnection:
    """Notes how many readings were in the log when a message was acknowledged."""

    def __init__(self, log: LogInMemory) -> None:
        self._log = log
        self.acked: dict[int, list[int]] = {}

    def ack(self, packet_ids: Sequence[int]) -> bool:
        self.acked |= dict.fromkeys(packet_ids, self._log.kept)
        return True


def run(frames, *, is_held=False, is_driven=False):
    """Commit [(topic, payload)] as one batch; return the log, the connection and the ticks told."""
    lanes = Lanes()
    lane = lanes.add(10_000)
    log = LogInMemory(lanes)
    connection, ticks = RecordingConnection(log), []
    committer = Committer(
        lanes,
        Admission(DirectoryInMemory("care/h1/pir")),
        log,
        ManualClock(T0),
        on_committed=lambda _seq: None,
        on_tick=ticks.append,
        is_driven=is_driven,
    )
    if is_held:
        lane.hold(0)
    for start in range(0, len(frames), READ):
        read = [
            (start + n, topic, payload, False) for n, (topic, payload) in enumerate(frames[start : start + READ], 1)
        ]
        lane.put(Batch(connection, T0, read))
    committer.run()
    return log, connection, ticks


def motion(at):
    return PIR, json.dumps({"ts": T0 + at, "motion": True}).encode()


def tick(at):
    return CLOCK_TOPIC, json.dumps({"now_ms": T0 + at, "tick": at}).encode()


times = st.lists(st.integers(0, 40), min_size=1, max_size=60)


@given(times, st.booleans())
def test_every_reading_is_kept_once_and_acknowledged_only_when_it_is_in_the_log(ats, is_held):
    log, connection, _ = run([motion(at) for at in ats], is_held=is_held)
    assert sorted(log.kept) == sorted(set(ats))
    assert set(connection.acked) == set(range(1, len(ats) + 1))
    assert all(at in connection.acked[mid] for mid, at in enumerate(ats, 1))


@given(times)
def test_held_readings_are_kept_in_order_of_event_time(ats):
    log, _, _ = run([motion(at) for at in ats], is_held=True)
    assert log.kept == sorted(set(ats))


@given(st.lists(st.one_of(st.integers(0, 40), st.none()), min_size=1, max_size=60))
def test_driven_readings_stand_between_the_ticks_they_came_between(steps):
    """A None is a tick a minute after the last."""
    frames, expected, log_ms, seen, pending = [tick(1)], [(T0 + 1, True, [])], T0 + 1, set(), []
    for step in steps:
        if step is not None:
            frames.append(motion(step))
            pending += [step] if step not in seen else []
            seen.add(step)
            continue
        frames.append(tick(log_ms - T0 + 60_000))
        expected += [(log_ms, False, pending)] if pending else []
        log_ms, pending = log_ms + 60_000, []
        expected.append((log_ms, True, []))
    expected += [(log_ms, False, pending)] if pending else []
    log, _, _ = run(frames, is_driven=True)
    assert log.entries == expected


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_log_time_never_goes_back_and_every_tick_is_answered(ats):
    log, _, ticks = run([tick(at + 1) for at in ats], is_driven=True)
    assert [told.tick for told in ticks] == [at + 1 for at in ats]
    entered = [log_ms for log_ms, _, _ in log.entries]
    assert entered == sorted(set(entered))


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), min_size=1, max_size=40))
def test_held_ticks_come_behind_every_held_reading(steps):
    frames = [tick(at) if is_tick else motion(at) for is_tick, at in steps]
    log, _, _ = run(frames, is_held=True, is_driven=True)
    kinds = [is_tick for _, is_tick, _ in log.entries]
    assert kinds == sorted(kinds)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=20))
def test_any_bytes_are_parked_or_read_and_always_acknowledged(payloads):
    frames = [(topic, payload) for payload in payloads for topic in (PIR, CLOCK_TOPIC)]
    _, connection, _ = run([tick(1), *frames], is_driven=True)
    assert len(connection.acked) == len(frames) + 1
