"""Every deed on an account is a row of the chain, in the transaction that does it; no row holds a password."""

import asyncio

import pytest

from app.accounts import LocalAccounts
from core.errors import ConflictError
from registry.access import Grant, Role
from store.cipher import FieldCipher
from store.truth.database import Truth

ROOT = "cli:root"
FIRST, SECOND = "right horse battery", "other horse battery"


@pytest.fixture
def truth(tmp_path):
    truth = Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))
    yield truth
    truth.close()


def rows(truth, name="li"):
    with truth.view() as unit:
        return [(row.actor, row.action, row.detail) for row in reversed(unit.audit.list(subject=f"account:{name}"))]


def test_every_deed_on_an_account_is_a_row_and_says_who_did_it(truth):
    accounts = LocalAccounts(truth)
    accounts.create("li", FIRST, by=ROOT)
    accounts.create("li", SECOND, may_replace=True, by=ROOT)
    accounts.grant("li", [Grant(Role.DUTY)], ROOT)
    accounts.call("li", "李梅", ROOT)
    assert rows(truth) == [
        (ROOT, "account.added", ""),
        (ROOT, "account.password_set", ""),
        (ROOT, "account.granted", "duty in all"),
        (ROOT, "account.named", ""),
    ]


def test_a_password_set_for_a_name_that_nobody_has_adds_the_account(truth):
    LocalAccounts(truth).create("li", FIRST, may_replace=True, by=ROOT)
    assert rows(truth) == [(ROOT, "account.added", "")]


def test_what_the_program_adds_for_itself_is_the_services_own(truth):
    LocalAccounts(truth).create("demo", FIRST)
    assert rows(truth, "demo") == [("service", "account.added", "")]


def test_a_password_that_was_refused_leaves_no_row(truth):
    accounts = LocalAccounts(truth)
    accounts.create("li", FIRST, by=ROOT)
    for password, may_replace in ((SECOND, False), ("short", True)):
        with pytest.raises(ConflictError):
            accounts.create("li", password, may_replace=may_replace, by=ROOT)
    assert rows(truth) == [(ROOT, "account.added", "")]


def test_a_password_that_another_process_sets_is_newer_also_by_a_clock_that_was_set_back(truth, tmp_path):
    served, typed = LocalAccounts(truth), Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))
    try:
        at_terminal = LocalAccounts(typed)
        assert asyncio.run(served.password_set_ms("li")) == 0
        at_terminal.create("li", FIRST, by=ROOT)
        first = asyncio.run(served.password_set_ms("li"))
        with typed.transaction() as unit:
            unit.accounts.put("li", "another hash", first - 1_000)
        assert asyncio.run(served.password_set_ms("li")) > first > 0
    finally:
        typed.close()
