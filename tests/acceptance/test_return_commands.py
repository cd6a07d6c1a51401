"""The return's steps on the command line: of a named village, in the name of an account whose role allows them."""

import contextlib
import hashlib

import pytest
from command_line import printed
from pysqlite3 import dbapi2 as sqlite

from app.accounts import LocalAccounts
from app.files import DataFiles
from app.township import settle
from core.errors import ConfigurationError, ConflictError, ForbiddenError
from core.localtime import zone
from device_sim.township import Plan
from registry.access import Grant, Role
from visits.policy import built_in_policy


@pytest.fixture
def two_villages_at_return(tmp_path):
    truth = DataFiles(tmp_path).open_truth()
    settle(truth, Plan(people=20, villages=2, months=2, seed=4), built_in_policy(), zone("Asia/Shanghai"))
    for name in ("wang", "boss"):
        LocalAccounts(truth).create(name, f"a password of {name}")
    truth.close()
    return tmp_path


def states(folder):
    return [line.split("  ")[2] for line in printed("return", "2024-02", data_dir=folder).splitlines()]


@pytest.mark.parametrize("where", [(), ("--area", "shuren")])
def test_a_step_without_its_village_is_refused_with_the_villages_that_it_would_concern(two_villages_at_return, where):
    with pytest.raises(
        ConfigurationError,
        match=r"2 villages: 树人镇 \S+ shuren/v001、树人镇 \S+ shuren/v002.*name one: --area shuren/v001；.*--all-villages",
    ):
        printed("return", "2024-02", *where, "--step", "sign", "--as", "wang", data_dir=two_villages_at_return)
    assert set(states(two_villages_at_return)) == {"草稿 / draft"}


def test_a_step_for_all_villages_is_taken_when_it_is_asked_for(two_villages_at_return):
    folder = two_villages_at_return
    printed("return", "2024-02", "--all-villages", "--step", "sign", "--as", "wang", data_dir=folder)
    assert not any("draft" in state for state in states(folder))


def test_one_receipt_number_is_never_that_of_several_villages(two_villages_at_return):
    folder = two_villages_at_return
    every = ("return", "2024-02", "--all-villages", "--as", "wang", "--step")
    printed(*every, "sign", data_dir=folder)
    with pytest.raises(ConfigurationError, match="a receipt's number is one return's"):
        printed(*every, "receive", "--text", "树字1号", data_dir=folder)
    one = ("return", "2024-02", "--area", "shuren/v001", "--as", "boss", "--step")
    assert "镇已签收：树字1号" in printed(*one, "receive", "--text", "树字1号", data_dir=folder)


def test_an_account_without_roles_does_not_receive_on_the_command_line_what_it_signed(two_villages_at_return):
    one = ("return", "2024-02", "--area", "shuren/v001", "--as", "wang", "--step")
    printed(*one, "sign", data_dir=two_villages_at_return)
    with pytest.raises(ConflictError, match="村签署人不能"):
        printed(*one, "receive", "--text", "树字1号", data_dir=two_villages_at_return)


@pytest.mark.parametrize(("signatory", "told"), [((), "--as ACCOUNT"), (("--as", "root"), "there is no account root")])
def test_a_step_bears_the_name_of_an_account_of_the_service(two_villages_at_return, signatory, told):
    with pytest.raises(ConfigurationError, match=told):
        printed(
            "return",
            "2024-02",
            "--area",
            "shuren/v001",
            "--step",
            "sign",
            *signatory,
            data_dir=two_villages_at_return,
        )
    assert set(states(two_villages_at_return)) == {"草稿 / draft"}


@pytest.fixture
def with_roles(two_villages_at_return):
    truth = DataFiles(two_villages_at_return).open_truth()
    accounts = LocalAccounts(truth)
    for name, role, area in (("vil", Role.VILLAGE, "shuren/v001"), ("tow", Role.TOWN, ""), ("aud", Role.AUDITOR, "")):
        accounts.create(name, f"a password of {name}")
        accounts.grant(name, [Grant(role, area)], "cli:root")
    truth.close()
    return two_villages_at_return


@pytest.mark.parametrize(
    ("account", "where", "step"),
    [
        ("tow", ("--area", "shuren/v001"), ("--step", "sign")),
        ("vil", ("--area", "shuren/v002"), ("--step", "sign")),
        ("vil", ("--all-villages",), ("--step", "sign")),
        ("vil", ("--area", "shuren/v001"), ("--step", "receive", "--text", "1")),
        ("vil", ("--area", "shuren/v001"), ("--step", "reopen", "--text", "漏报")),
        ("aud", ("--area", "shuren/v001"), ()),
    ],
)
def test_a_return_on_the_command_line_asks_for_the_role_and_area_that_its_page_asks_for(
    with_roles, account, where, step
):
    with pytest.raises(ForbiddenError, match=r"您在此处无权.* / your role or area does not allow"):
        printed("return", "2024-02", *where, *step, "--as", account, data_dir=with_roles)
    truth = DataFiles(with_roles).open_truth()
    with truth.view() as unit:
        assert unit.returns.of_month("2024-02") == []
    truth.close()


def test_the_village_signs_its_return_on_the_command_line_and_the_town_receives_it(with_roles):
    one = ("return", "2024-02", "--area", "shuren/v001", "--step")
    printed(*one, "sign", "--as", "vil", data_dir=with_roles)
    assert "镇已签收：树字1号" in printed(*one, "receive", "--text", "树字1号", "--as", "tow", data_dir=with_roles)


def test_who_is_handed_a_return_on_the_command_line_stands_in_the_audit_chain(with_roles, tmp_path):
    out = tmp_path / "out"
    printed("return", "2024-02", "--area", "shuren/v001", "--as", "vil", "--out", str(out), data_dir=with_roles)
    truth = DataFiles(with_roles).open_truth()
    with truth.view() as unit:
        told = [(row.actor, row.detail) for row in unit.audit.list() if row.action == "printed.return"]
    truth.close()
    with contextlib.closing(sqlite.connect(DataFiles(with_roles).truth)) as database:
        chained = {digest for (digest,) in database.execute("SELECT digest FROM audit")}
    files = list(out.iterdir())
    assert sorted(told) == sorted(("account:vil", path.name) for path in files)
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in files} <= chained


def test_a_disk_that_takes_no_return_is_named_with_the_file_and_the_remedy(with_roles, tmp_path):
    (tmp_path / "out" / "return-2024-02-shuren-v001.json").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"shuren-v001.json: .*could not be written.*make room"):
        printed("return", "2024-02", "--area", "shuren/v001", "--out", str(tmp_path / "out"), data_dir=with_roles)
