"""The log shows local time with its offset, in the zone of the settings; the command line says its release."""

import logging

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.cli.options import settings_of
from app.log_lines import LocalLines, log_in_zone
from core.errors import DurabilityError


@pytest.fixture
def handler():
    """The handler that the command line sets up."""
    handler = logging.StreamHandler()
    handler.setFormatter(LocalLines())
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def line(handler):
    record = logging.LogRecord("app.auditor", logging.WARNING, "", 0, "late", None, None)
    record.created = 1_795_983_156.9  # 2026-11-29 20:12:36 UTC
    return handler.format(record)


def test_a_line_has_the_local_time_and_its_offset(handler):
    assert line(handler) == "2026-11-30 04:12:36+08:00 WARNING app.auditor: late"


def test_the_settings_zone_is_the_logs_once_they_were_read(handler, tmp_path):
    (tmp_path / "s.toml").write_text('zone = "Europe/Berlin"\n')
    settings_of(tmp_path / "s.toml", None)
    assert line(handler).startswith("2026-11-29 21:12:36+01:00 WARNING")


def test_a_disk_that_kept_nothing_is_told_in_its_own_words_and_any_other_fault_with_its_trace(handler):
    def told(error):
        fault = (type(error), error, None)
        return handler.format(logging.LogRecord("app.rounds", logging.ERROR, "", 0, "a look failed", None, fault))

    assert told(DurabilityError("t.sqlite: full. Remedy: free room")).endswith(
        "a look failed\n    t.sqlite: full. Remedy: free room"
    )
    assert "ValueError: unforeseen" in told(ValueError("unforeseen"))


def test_the_lines_of_others_stay_as_they_are(handler):
    handler.setFormatter(logging.Formatter("%(message)s"))
    log_in_zone("Europe/Berlin")
    assert line(handler) == "late"


def test_the_release_is_told_before_any_command():
    told = CliRunner().invoke(app, ["--version"])
    assert (told.exit_code, told.stdout.split()[0]) == (0, "shouwang")
    assert told.stdout.split()[1][0].isdigit()
