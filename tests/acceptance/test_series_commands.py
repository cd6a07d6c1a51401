"""`shouwang series` as an operator types it: what InfluxDB refused, and sending it again once that is mended."""

from contextlib import closing

import pytest
from influx_script import InfluxScript
from rules_walk import reading
from typer.testing import CliRunner

from app.cli import app
from core.events import Metric
from core.log import LogEntry
from store.influx_ledger import InfluxLedger
from store.influx_series import InfluxSeries, InfluxTarget


@pytest.fixture
def server():
    server = InfluxScript()
    yield server
    server.stop()


def shouwang(data, server, *words: str):
    told = {"SHOUWANG_INFLUX_URL": server.url, "SHOUWANG_INFLUX_TOKEN": "t", "SHOUWANG_INFLUX_BUCKET": "b"}
    return CliRunner().invoke(app, ["series", *words, "--data-dir", str(data)], env=told)


def test_a_refused_line_is_listed_with_its_reason_and_leaves_once_it_is_taken(server, tmp_path):
    assert shouwang(tmp_path, server, "parked").stdout.startswith("0 lines parked")
    server.bad = "device=odd,"
    target = InfluxTarget(url=server.url, token="t", org="", bucket="b")
    with closing(InfluxSeries(target, InfluxLedger(tmp_path / "influx.sqlite"))) as sink:
        sink.write([LogEntry(4, 1_772_400_000_000, (reading("odd", Metric.MOTION, True, 1_772_400_000_000),))])
    listed = shouwang(tmp_path, server, "parked").stdout
    assert "1 lines parked, 1 refused in all; InfluxDB has taken the journal up to 4" in listed
    assert "readings,home=h1,device=odd,metric=motion" in listed
    refused = shouwang(tmp_path, server, "retry")
    assert (refused.exit_code, refused.stdout) == (1, "0 lines taken, 1 refused again\n")
    server.bad = None
    taken = shouwang(tmp_path, server, "retry")
    assert (taken.exit_code, taken.stdout) == (0, "1 lines taken, 0 refused again\n")
    assert shouwang(tmp_path, server, "parked").stdout.startswith("0 lines parked, 1 refused in all")
