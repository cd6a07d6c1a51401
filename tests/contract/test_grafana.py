"""The dashboard that ships asks for nothing but what we write, and every panel of it shows something."""

import json
import re
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from influx_engine import TOKEN, influx_engine
from rules_walk import reading

from core.events import LIVENESS_METRICS, TEXT_METRICS, Flag, Metric
from core.localtime import HOUR_MS, MINUTE_MS
from core.log import LogEntry
from store.influx_ledger import InfluxLedger
from store.influx_lines import FIELDS, MEASUREMENTS, SERVICE_FIELDS, SERVICE_MEASUREMENT, TAGS
from store.influx_series import InfluxSeries, InfluxTarget

GRAFANA = Path(__file__).parents[2] / "docker" / "grafana"
DASHBOARD = json.loads((GRAFANA / "dashboards" / "shouwang.json").read_text("utf-8"))
SOURCE = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "shouwang.yml").read_text("utf-8"))["datasources"][
    0
]
QUERIES = [(panel["title"], target["query"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]
BEGIN_MS = 1_772_400_000_000
BOOLS = {
    metric
    for metric in Metric
    if metric not in TEXT_METRICS
    and metric
    not in {
        Metric.WATER_TOTAL_L,
        Metric.WATER_FLOW_L_H,
        Metric.POWER_W,
        Metric.ENERGY_TOTAL_WH,
        Metric.TEMPERATURE_C,
        Metric.BATTERY_PERCENT,
    }
}


def names_of(query: str) -> tuple[set[str], set[str], set[str]]:
    """Return (measurements, other names, metrics) that a query speaks of; what it names itself is left out."""
    own = set(re.findall(r'AS "([^"]+)"', query))
    measurements = set(re.findall(r'FROM "(\w+)"', query))
    names = set(re.findall(r'"([^"]+)"', query)) - own - measurements
    metrics = set(re.findall(r"\"metric\" = '(\w+)'", query))
    for alternatives in re.findall(r'"metric" =~ /\^\(([\w|]+)\)\$/', query):
        metrics |= set(alternatives.split("|"))
    return measurements, names, metrics


@pytest.mark.parametrize(("title", "query"), QUERIES)
def test_every_measurement_tag_field_and_metric_of_a_query_is_one_that_we_write(title, query):
    measurements, names, metrics = names_of(query)
    assert len(measurements) == 1
    (measurement,) = measurements
    if measurement == SERVICE_MEASUREMENT:
        assert names <= set(SERVICE_FIELDS)
    else:
        assert measurement in MEASUREMENTS
        assert names <= set(TAGS) | set(FIELDS)
    assert metrics <= {metric.value for metric in Metric}


def test_every_panel_asks_the_source_that_is_provisioned_and_says_its_title_in_both_languages():
    for panel in DASHBOARD["panels"]:
        assert panel["datasource"]["uid"] == SOURCE["uid"]
        assert re.match(r"[\u4e00-\u9fff]+ [A-Z]", panel["title"])
    assert SOURCE["jsonData"]["version"] == "InfluxQL"
    assert not re.search(r"Token (?!\$)", SOURCE["secureJsonData"]["httpHeaderValue1"])


def test_no_tag_can_hold_a_name_a_number_or_an_address():
    assert TAGS == ("home", "device", "metric")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grafana")
    with influx_engine(folder) as engine:
        engine.query("CREATE DATABASE readings")
        target = InfluxTarget(url=engine.url, token=TOKEN, org="o", bucket="readings")
        with closing(InfluxSeries(target, InfluxLedger(folder / "influx.sqlite"))) as sink:
            sink.write([LogEntry(1, BEGIN_MS, tuple(lived_hours()))])
            for minute in range(5):
                figures = dict.fromkeys(SERVICE_FIELDS, 0.5)
                sink.note(figures, BEGIN_MS + minute * MINUTE_MS)
            assert sink.ledger.parked_count() == (0, 0)
        yield engine


def lived_hours():
    """Yield three hours in which every metric is told, also late and by a wrong clock."""
    for number in range(180):
        at_ms = BEGIN_MS + number * MINUTE_MS
        flags = int(Flag.LATE) if number % 3 == 1 else int(Flag.SKEWED) if number % 3 == 2 else 0
        for metric in Metric:
            value = "low battery" if metric in TEXT_METRICS else number % 2 == 0 if metric in BOOLS else float(number)
            yield reading(metric.value, metric, value, at_ms, seq=number, flags=flags)


def asked_of_the_engine(query: str) -> str:
    """Return a query as Grafana sends it for one home and these hours."""
    within = f"time >= {BEGIN_MS}ms and time <= {BEGIN_MS + 3 * HOUR_MS}ms"
    return query.replace("$timeFilter", within).replace("$__interval", "1m").replace("$home", "(h1)")


@pytest.mark.parametrize(("title", "query"), QUERIES)
def test_the_real_engine_answers_every_query_with_something(engine, title, query):
    series = engine.query(asked_of_the_engine(query), "readings")
    values = [value for one in series for row in one["values"] for value in row[1:]]
    assert any(value is False or value not in {None, 0} for value in values), title


def test_the_list_of_homes_is_what_is_written(engine):
    (variable,) = DASHBOARD["templating"]["list"]
    (series,) = engine.query(variable["query"], "readings")
    assert series["values"] == [["home", "h1"]]


def test_the_engine_has_no_field_and_no_tag_that_the_schema_does_not_name(engine):
    for measurement in MEASUREMENTS:
        fields = dict(engine.query(f'SHOW FIELD KEYS FROM "{measurement}"', "readings")[0]["values"])
        tags = [row[0] for row in engine.query(f'SHOW TAG KEYS FROM "{measurement}"', "readings")[0]["values"]]
        assert fields.items() <= FIELDS.items()
        assert sorted(tags) == sorted(TAGS)
    assert {metric.value for metric in LIVENESS_METRICS} <= {
        row[1] for row in engine.query('SHOW TAG VALUES FROM "liveness" WITH KEY = "metric"', "readings")[0]["values"]
    }
