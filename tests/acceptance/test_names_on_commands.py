"""In whose name a command writes: what is about somebody bears an account's name, and no other name is taken."""

import re

import pytest
from command_line import HOME, printed

from alerts.model import AlertState
from app.accounts import LocalAccounts
from app.cli.options import settings_of
from app.cli.records import desk_on
from app.files import DataFiles
from core.errors import ConfigurationError
from core.ids import HomeId
from core.text import Bilingual
from rules.findings import Finding, FindingKind, Priority, finding_id

NOBODY = "there is no account ghost.*shouwang account add"
UNSAID = "bears the name of who answers for it.*--as ACCOUNT"
VISIT = ("visits", "record", "p-h0123", "--kind", "phone", "--at", "2024-02-03 10:00")
TOLD = [
    VISIT,
    ("visits", "sign", "v1"),
    ("visits", "approve", "v1"),
    ("visits", "merge", "v1", "v2", "--reason", "x"),
    ("follow-ups", "open", "p-h0123", "--kind", "hazard", "--what", "屋顶漏雨"),
    ("follow-ups", "step", "f1", "--step", "close", "--text", "已修"),
    ("standing", "tell", "p-h0123", "--kind", "refused", "--on", "2024-02-03", "--purpose", "sensors"),
    ("contacts", "confirm", "c1"),
]
TECHNICAL = [
    ("devices", "allow", "care/*"),
    ("devices", "reject", "care/h0123/x"),
    ("devices", "credentials", "issue", "care/h0123"),
    ("special", "add", "storm", "--from", "2026-07-01", "--until", "2026-07-02", "--level", "red"),
    ("silence", "add", "--home", "h0123", "--until", "2099-01-01 10:00", "--reason", "x"),
    ("silence", "end", "s1"),
]


@pytest.fixture
def data(tmp_path):
    (tmp_path / "home.toml").write_text(HOME, encoding="utf-8")
    printed("registry", "add", str(tmp_path / "home.toml"), data_dir=tmp_path)
    truth = DataFiles(tmp_path).open_truth()
    for name in ("li", "wang"):
        LocalAccounts(truth).create(name, f"a password of {name}")
    truth.close()
    return tmp_path


@pytest.mark.parametrize("words", [*TOLD, *TECHNICAL], ids=" ".join)
def test_nothing_is_written_in_the_name_of_somebody_who_is_no_account(data, words):
    with pytest.raises(ConfigurationError, match=NOBODY):
        printed(*words, "--as", "ghost", data_dir=data)


@pytest.mark.parametrize("words", TOLD, ids=" ".join)
def test_what_is_about_somebody_is_not_written_without_an_account(data, words):
    with pytest.raises(ConfigurationError, match=UNSAID):
        printed(*words, data_dir=data)


def test_what_is_technical_is_the_operators_own(data, monkeypatch):
    monkeypatch.setenv("LOGNAME", "ops")
    printed("devices", "allow", "care/*", data_dir=data)
    printed("devices", "allow", "care/h0123/*", "--as", "li", data_dir=data)
    lines = printed("devices", "allowed", data_dir=data).splitlines()
    assert {line.split()[1] for line in lines[:-1]} == {"cli:ops", "account:li"}


def test_a_visit_of_the_machines_account_counts_for_nobody_and_an_accounts_for_its_person(data):
    with pytest.raises(ConfigurationError, match=UNSAID):
        printed(*VISIT, data_dir=data)
    assert "0 records to sign" in printed("visits", "unsigned", data_dir=data)
    printed(*VISIT, "--as", "li", data_dir=data)
    truth = DataFiles(data).open_truth()
    with truth.view() as unit:
        (visit,) = unit.visits.list()
    truth.close()
    assert (visit.visitor, visit.is_registered_visitor) == ("account:li", True)


@pytest.fixture
def alert(data):
    truth = DataFiles(data).open_truth()
    home, kind = HomeId("h0123"), FindingKind.INACTIVITY
    found = Finding(
        id=finding_id(home, kind, 0),
        home_id=home,
        kind=kind,
        priority=Priority.P1,
        at_ms=0,
        since_ms=0,
        evidence=(),
        sentence=Bilingual("久未活动", "silent for long"),
    )
    desk_on(truth, settings_of(None, data)).take_findings([found])
    with truth.view() as unit:
        (one,) = unit.alerts.list(None, 10)
    truth.close()
    return one.id


def test_an_alert_that_an_sos_has_joined_is_not_taken_or_closed_by_who_has_not_read_of_it(data, alert):
    truth = DataFiles(data).open_truth()
    home, kind = HomeId("h0123"), FindingKind.EMERGENCY
    words = Bilingual("按了求助按钮", "the SOS button was pressed")
    pressed = Finding(
        id=finding_id(home, kind, 1),
        home_id=home,
        kind=kind,
        priority=Priority.P0,
        at_ms=1,
        since_ms=1,
        evidence=(),
        sentence=words,
    )
    desk_on(truth, settings_of(None, data)).take_findings([pressed])
    truth.close()
    for command in (("ack", alert), ("close", alert, "--outcome", "seen_well")):
        with pytest.raises(ConfigurationError, match=r"more has been found since.*--seen \d+"):
            printed("alerts", *command, "--as", "li", data_dir=data)
    version = re.search(r"  v(\d+)  h0123", printed("alerts", "list", data_dir=data))[1]
    assert "closed" in printed(
        "alerts", "close", alert, "--outcome", "seen_well", "--seen", version, "--as", "li", data_dir=data
    )


@pytest.mark.parametrize(("named", "told"), [((), UNSAID), (("--as", "ghost"), NOBODY)])
def test_an_alert_is_taken_and_closed_by_accounts_alone(data, alert, named, told):
    with pytest.raises(ConfigurationError, match=told):
        printed("alerts", "ack", alert, *named, data_dir=data)
    with pytest.raises(ConfigurationError, match=told):
        printed("alerts", "close", alert, "--outcome", "seen_well", *named, data_dir=data)


def test_an_alert_that_somebody_has_taken_is_taken_over_only_when_that_is_said(data, alert):
    ack = ("alerts", "ack", alert, "--as")
    assert "owner account:li" in printed(*ack, "li", data_dir=data)
    assert "owner account:li" in printed(*ack, "li", data_dir=data)
    with pytest.raises(ConfigurationError, match=r"account:li was first.*--take-over"):
        printed(*ack, "wang", data_dir=data)
    assert "owner account:li" in printed("alerts", "list", data_dir=data)
    taken = printed(*ack, "wang", "--take-over", data_dir=data)
    assert f"is {AlertState.ACKNOWLEDGED}, owner account:wang, taken over from account:li" in taken


def test_an_alert_that_somebody_has_taken_is_closed_by_another_only_when_that_is_said(data, alert):
    printed("alerts", "ack", alert, "--as", "li", data_dir=data)
    close = ("alerts", "close", alert, "--outcome", "false_other", "--as")
    with pytest.raises(ConfigurationError, match=r"account:li was first.*--take-over"):
        printed(*close, "wang", data_dir=data)
    assert "owner account:li" in printed("alerts", "list", data_dir=data)
    assert "is closed with false_other" in printed(*close, "wang", "--take-over", data_dir=data)


def test_what_a_relative_has_taken_is_closed_by_the_account_that_they_report_to(data, alert):
    truth = DataFiles(data).open_truth()
    desk_on(truth, settings_of(None, data)).acknowledge(alert, "contact:wang", 1)
    truth.close()
    close = ("alerts", "close", alert, "--outcome", "seen_well", "--as", "li")
    assert "is closed with seen_well" in printed(*close, data_dir=data)


def test_whoever_closes_an_alert_is_told_what_still_holds(data, alert):
    told = printed("alerts", "close", alert, "--outcome", "seen_well", "--as", "li", data_dir=data)
    assert "is closed with seen_well" in told
    assert "  仍成立：久未活动 / still holds: silent for long\n" in told
