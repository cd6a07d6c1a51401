"""The InfluxDB copy on InfluxDB's bad days, against a server that plays them, and against the real engine."""

from contextlib import closing
from itertools import pairwise

import pytest
from influx_engine import TOKEN, influx_engine
from influx_script import InfluxScript
from rules_walk import reading

from core.clock import ManualClock
from core.errors import ConfigurationError
from core.events import Metric
from core.log import LogEntry
from store.influx_ledger import InfluxLedger
from store.influx_series import LONGEST_RETRY_MS, InfluxSeries, InfluxTarget
from store.series_port import RetryLaterError

BEGIN_MS = 1_700_000_000_000
ENTRIES = [LogEntry(n, n, (reading(f"d{n}", Metric.MOTION, True, BEGIN_MS + n, seq=n),)) for n in range(1, 6)]
MANY = LogEntry(1, 1, tuple(reading(f"d{n}", Metric.MOTION, True, BEGIN_MS + n, seq=n) for n in range(2_000)))


@pytest.fixture
def sink(server, tmp_path):
    with closing(sink_on(server.url, tmp_path)) as sink:
        yield sink


def sink_on(url, tmp_path, **more):
    target = InfluxTarget(**({"url": url, "token": TOKEN, "org": "o", "bucket": "b"} | more))
    return InfluxSeries(target, InfluxLedger(tmp_path / "influx.sqlite"), clock=ManualClock(BEGIN_MS))


def test_lines_arrive_once_and_the_cursor_survives_a_restart(server, sink, tmp_path):
    sink.write(ENTRIES[:3])
    sink.write(ENTRIES)
    assert len(server.taken) == 5
    with closing(sink_on(server.url, tmp_path)) as again:
        assert again.cursor() == 5


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_cannot_take_it_now_moves_no_cursor_and_is_asked_again_when_it_says(server, sink, status):
    server.status, server.retry_after = status, "7"
    with pytest.raises(RetryLaterError) as caught:
        sink.write(ENTRIES)
    assert caught.value.retry_after_ms == 7_000
    assert sink.cursor() == 0
    server.status = 204
    sink.write(ENTRIES)
    assert (sink.cursor(), len(server.taken)) == (5, 5)


def test_a_pause_given_as_a_date_is_kept_too_and_an_absurd_one_is_cut(server, sink):
    server.status, server.retry_after = 503, "Tue, 14 Nov 2023 22:13:29 GMT"  # nine seconds after the clock's time
    with pytest.raises(RetryLaterError) as caught:
        sink.write(ENTRIES)
    assert caught.value.retry_after_ms == 9_000
    server.retry_after = "86400"
    with pytest.raises(RetryLaterError) as caught:
        sink.write(ENTRIES)
    assert caught.value.retry_after_ms == LONGEST_RETRY_MS


def test_pauses_double_up_to_a_limit_and_begin_anew_after_an_answer(server, sink):
    server.status = 503
    pauses = []
    for _ in range(14):
        with pytest.raises(RetryLaterError) as caught:
            sink.write(ENTRIES)
        pauses.append(caught.value.retry_after_ms)
    assert 800 <= pauses[0] <= 1_000
    assert all(before < after for before, after in pairwise(pauses[:9]))
    assert 0.8 * LONGEST_RETRY_MS <= pauses[-1] <= LONGEST_RETRY_MS
    server.statuses, server.status = [204], 503
    sink.write(ENTRIES[:1])
    with pytest.raises(RetryLaterError) as caught:
        sink.write(ENTRIES)
    assert caught.value.retry_after_ms <= 1_000


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_token_or_bucket_stops_and_says_what_to_do(server, sink, status):
    server.status = status
    with pytest.raises(ConfigurationError, match="influx_token"):
        sink.write(ENTRIES)
    assert sink.cursor() == 0
    assert server.requests == 1


def test_an_error_never_shows_the_token(server, sink):
    server.status = 401
    with pytest.raises(ConfigurationError) as caught:
        sink.write(ENTRIES)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_one_bad_line_is_parked_alone_and_the_rest_is_taken(server, sink, status):
    server.bad, server.bad_status = "device=d3,", status
    sink.write(ENTRIES)
    assert {line.split("device=")[1][:2] for line in server.taken} == {"d1", "d2", "d4", "d5"}
    (parked,) = sink.ledger.parked(10)
    assert parked.status == status
    assert "device=d3," in parked.line
    assert (sink.cursor(), sink.ledger.parked_count()) == (5, (1, 1))


def test_a_bad_line_among_two_thousand_is_found_in_some_dozen_requests(server, sink):
    server.bad = "device=d1234,"
    sink.write([MANY])
    assert sink.ledger.parked_count() == (1, 1)
    assert len(set(server.taken)) == 1_999
    assert server.requests <= 30


def test_an_outage_in_the_middle_of_the_search_moves_nothing_and_parks_nothing_twice(server, sink):
    server.bad, server.statuses = "device=d3,", [204, 503]
    server.statuses = [400, 503]
    with pytest.raises(RetryLaterError):
        sink.write(ENTRIES)
    assert (sink.cursor(), sink.ledger.parked_count()) == (0, (0, 0))
    sink.write(ENTRIES)
    assert (sink.cursor(), sink.ledger.parked_count()) == (5, (1, 1))


def test_parked_lines_are_sent_again_on_demand_and_kept_while_they_are_refused(server, sink):
    server.bad = "device=d3,"
    sink.write(ENTRIES)
    assert sink.retry_parked(10) == (0, 1)
    server.bad = None
    assert sink.retry_parked(10) == (1, 0)
    assert sink.ledger.parked_count() == (0, 1)
    assert len(server.taken) == 5


def test_nobody_listening_is_a_reason_to_try_again(tmp_path):
    server = InfluxScript()
    server.stop()
    with closing(sink_on(server.url, tmp_path)) as sink, pytest.raises(RetryLaterError):
        sink.write(ENTRIES)


def test_a_server_that_is_too_slow_is_a_reason_to_try_again_and_the_same_point_is_one_point(server, tmp_path):
    server.may_answer.clear()
    with closing(sink_on(server.url, tmp_path, timeout_ms=300)) as sink:
        with pytest.raises(RetryLaterError):
            sink.write(ENTRIES)
        assert sink.cursor() == 0
        server.may_answer.set()
        sink.write(ENTRIES)
        assert sink.cursor() == 5
    assert len(set(server.taken)) == 5


def test_a_connection_that_is_cut_before_the_answer_moves_no_cursor(server, sink):
    server.cuts = True
    with pytest.raises(RetryLaterError):
        sink.write(ENTRIES)
    assert sink.cursor() == 0
    server.cuts = False
    sink.write(ENTRIES)
    assert sink.cursor() == 5


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with influx_engine(tmp_path_factory.mktemp("influx")) as engine:
        yield engine


def test_the_real_engine_takes_two_thousand_lines_and_only_with_the_token(engine, tmp_path):
    engine.query("CREATE DATABASE taken")
    with closing(sink_on(engine.url, tmp_path, bucket="taken")) as sink:
        sink.write([MANY])
        sink.write([LogEntry(2, 2, MANY.readings)])
    assert engine.count("taken", "readings", "value_bool") == 2_000
    with closing(sink_on(engine.url, tmp_path, bucket="taken", token="wrong")) as sink:
        with pytest.raises(ConfigurationError, match="401"):
            sink.write([LogEntry(3, 3, MANY.readings)])
        with pytest.raises(ConfigurationError, match="401"):
            sink.readings("h1", 0, 1, 1)


def test_the_real_engine_has_no_such_bucket(engine, tmp_path):
    with closing(sink_on(engine.url, tmp_path, bucket="nobody")) as sink:
        with pytest.raises(ConfigurationError, match="404"):
            sink.write(ENTRIES)
        with pytest.raises(ConfigurationError, match="influx_bucket"):
            sink.readings("h1", 0, 1, 1)


def test_lines_whose_type_the_real_engine_refuses_are_parked_alone_with_its_words(engine, tmp_path):
    engine.query("CREATE DATABASE typed")
    week_ms = 7 * 86_400_000
    # in that week another program has written a text where we write a number; a field has one type in a week
    engine.write("typed", f'readings,home=h1,device=old,metric=motion flags="none" {BEGIN_MS}000000')
    odd = [reading("old", Metric.MOTION, True, BEGIN_MS + n, seq=n) for n in (1, 2)]
    new = [reading("new", Metric.MOTION, True, BEGIN_MS + week_ms + n, seq=n) for n in range(50)]
    with closing(sink_on(engine.url, tmp_path, bucket="typed")) as sink:
        sink.write([LogEntry(6, 6, (*new[:25], *odd, *new[25:]))])
        parked = sink.ledger.parked(10)
        assert ["device=old" in one.line and "conflict" in one.reason for one in parked] == [True, True]
        assert engine.count("typed", "readings", "seq") == 50
        assert sink.cursor() == 6


def test_the_real_engine_may_die_and_come_back_and_has_every_reading_once(tmp_path):
    folder = tmp_path / "engine"
    folder.mkdir()
    with influx_engine(folder) as engine:
        engine.query("CREATE DATABASE back")
        with closing(sink_on(engine.url, tmp_path, bucket="back")) as sink:
            sink.write(ENTRIES[:2])
            engine.kill_engine()
            with pytest.raises(RetryLaterError):  # nginx answers 502
                sink.write(ENTRIES)
            assert sink.cursor() == 2
            engine.start_engine()
            sink.write(ENTRIES)
        assert engine.count("back", "readings", "value_bool") == 5
