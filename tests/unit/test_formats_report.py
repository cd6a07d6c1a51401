"""What `shouwang formats report` prints: the conventions, each device's yield, and every leftover."""

import gzip
import json

from shared_data import shared_file
from typer.testing import CliRunner

from app.cli import app
from core.errors import ConfigurationError
from ingest.formats.conventions import SPOKEN


def report(*words: object):
    return CliRunner().invoke(app, ["formats", "report", *map(str, words)])


def test_without_a_file_every_convention_is_named_with_its_topics_and_addresses():
    shown = report().stdout
    assert all(one.name in shown and one.address in shown and one.filters[0] in shown for one in SPOKEN)


def test_the_vendors_definitions_and_dumps_leave_nothing_unexplained():
    done = report(
        "--brief",
        shared_file("data/vendor/z2m_exposes_relevant.jsonl.gz"),
        shared_file("data/vendor/shelly_fixtures.jsonl.gz"),
    )
    assert done.exit_code == 0
    assert "995 read, 983 yield something" in done.stdout
    assert "30 read, 10 yield something" in done.stdout
    assert done.stdout.count("unexplained: 0") == 2


def test_a_bridges_own_list_is_reported_device_by_device(tmp_path):
    exposes = [
        {"type": "binary", "property": "contact", "access": 1},
        {"type": "numeric", "property": "energy", "access": 1},
        {"type": "enum", "property": "led", "access": 3},
    ]
    path = tmp_path / "devices.json"
    path.write_text(json.dumps([{"friendly_name": "h1/door", "definition": {"model": "M1", "exposes": exposes}}]))
    assert "h1/door M1: contact→open, energy→energy_total (no unit)  (past: setting 1)" in report(path).stdout


def test_a_leftover_is_named_and_ends_with_exit_code_1(tmp_path):
    path = tmp_path / "new.jsonl.gz"
    new = {"vendor": "V", "model": "M", "exposes": [{"type": "binary", "property": "leak_rope", "access": 1}]}
    path.write_bytes(gzip.compress(json.dumps(new).encode()))
    done = report("--brief", path)
    assert done.exit_code == 1
    assert "V M: nothing  (past: unexplained 1)  UNEXPLAINED leak_rope" in done.stdout


def test_a_file_that_is_none_of_these_is_an_error_with_its_line(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('\n{"a": 1}\n')
    done = report(path)
    assert isinstance(done.exception, ConfigurationError)
    assert f"{path}, line 2" in str(done.exception)
