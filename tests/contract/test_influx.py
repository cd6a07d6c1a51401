"""The InfluxDB copy against a server that answers as InfluxDB does, and keeps what it was sent."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rules_walk import reading

from core.errors import ConfigurationError
from core.events import Metric
from core.log import LogEntry
from store.influx_series import InfluxSeries
from store.series_port import RetryLaterError

LINE = re.compile(r"(readings|liveness),home=[^ ,]+,device=[^ ,]+,metric=[a-z_]+ [^ ]+ \d{19}")


class Server(ThreadingHTTPServer):
    """Takes line protocol; refuses a batch that holds `bad`, or everything with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.bad, self.taken = 204, None, []


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        lines = self.rfile.read(int(self.headers["Content-Length"])).decode().splitlines()
        server = self.server
        status = server.status
        if status == 204 and (
            any(not LINE.fullmatch(line) for line in lines) or any(server.bad and server.bad in line for line in lines)
        ):
            status = 400
        if status == 204:
            server.taken += lines
        self.send_response(status)
        if status != 204:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object):
        """Say nothing."""


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sink(server, tmp_path):
    sink = sink_on(server, tmp_path)
    yield sink
    sink.close()


def sink_on(server, tmp_path):
    return InfluxSeries(
        url=f"http://127.0.0.1:{server.server_port}",
        token="t",
        org="o",
        bucket="b",
        cursor_file=tmp_path / "cursor",
        parked_file=tmp_path / "parked",
    )


ENTRIES = [LogEntry(n, n, (reading(f"d{n}", Metric.MOTION, True, 1_700_000_000_000 + n, seq=n),)) for n in range(1, 6)]


def test_lines_arrive_once_and_the_cursor_survives_a_restart(server, sink, tmp_path):
    sink.write(ENTRIES[:3])
    sink.write(ENTRIES)
    assert len(server.taken) == 5
    again = sink_on(server, tmp_path)
    assert again.cursor() == 5
    again.close()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_cannot_take_it_now_moves_no_cursor(server, sink, status):
    server.status = status
    with pytest.raises(RetryLaterError) as caught:
        sink.write(ENTRIES)
    assert caught.value.retry_after_ms == 7_000
    assert sink.cursor() == 0


@pytest.mark.parametrize("status", [401, 404])
def test_a_wrong_token_or_bucket_stops_and_says_what_to_do(server, sink, status):
    server.status = status
    with pytest.raises(ConfigurationError, match="influx_token"):
        sink.write(ENTRIES)
    assert sink.cursor() == 0


def test_one_bad_line_is_parked_alone_and_the_rest_is_taken(server, sink, tmp_path):
    server.bad = "device=d3"
    sink.write(ENTRIES)
    assert {line.split("device=")[1][:2] for line in server.taken} == {"d1", "d2", "d4", "d5"}
    parked = (tmp_path / "parked").read_text("utf-8").splitlines()
    assert len(parked) == 1
    assert "d3" in parked[0]
    assert sink.cursor() == 5


def test_nobody_listening_is_a_reason_to_try_again(tmp_path):
    server = Server()
    server.server_close()
    sink = sink_on(server, tmp_path)
    with pytest.raises(RetryLaterError):
        sink.write(ENTRIES)
    sink.close()
