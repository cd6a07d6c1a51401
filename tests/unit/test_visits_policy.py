"""The counting table: complete, explained, and refused with file, line and remedy when it is not."""

from importlib import resources
from itertools import product

import pytest
from visits_kit import POLICY

from core.errors import ConfigurationError
from visits.model import ContactClass, Obligation
from visits.policy import NEVER_COUNTS, Switches, parse_policy, with_switches

TEXT = resources.files("visits").joinpath("policy_v1.toml").read_text("utf-8")


@pytest.mark.parametrize(("contact_class", "obligation"), list(product(ContactClass, Obligation)))
def test_every_class_has_an_answer_for_every_obligation_with_clause_and_both_languages(contact_class, obligation):
    _, clause, why = POLICY.answer(contact_class, obligation)
    assert clause
    assert why.zh
    assert why.en


def test_only_a_home_visit_satisfies_a_key_persons_half_month():
    counting = {cls for cls in ContactClass if POLICY.answer(cls, Obligation.KEY_HALFMONTH)[0]}
    assert counting == {ContactClass.C1_HOME}


def test_the_general_month_takes_visits_calls_video_and_the_confirmed_call_by_default():
    counting = {cls.value for cls in ContactClass if POLICY.answer(cls, Obligation.GEN_MONTH)[0]}
    assert counting == {"C1", "C2", "C3", "C4a"}


def test_a_switch_changes_the_answer_its_reason_and_the_stamp():
    switched = with_switches(POLICY, Switches(remote_counts_for_general=False, remote_month_counts=True))
    counts, _, why = switched.answer(ContactClass.C4A_REMOTE_CONFIRMED_CALL, Obligation.GEN_MONTH)
    assert not counts
    assert "switched off" in why.en
    assert switched.answer(ContactClass.C4B_REMOTE_CONFIRMED_MONTH, Obligation.GEN_MONTH)[0]
    assert switched.stamp != POLICY.stamp


@pytest.mark.parametrize("switches", [Switches(True, True), Switches(True, False), Switches(False, True)])
def test_no_switch_lets_monitoring_pay_for_a_home_visit_or_counts_who_was_not_reached(switches):
    policy = with_switches(POLICY, switches)
    for contact_class in ContactClass:
        key_counts, _, _ = policy.answer(contact_class, Obligation.KEY_HALFMONTH)
        assert key_counts == (contact_class is ContactClass.C1_HOME)
        if contact_class in NEVER_COUNTS:
            assert not policy.answer(contact_class, Obligation.GEN_MONTH)[0]


def line_of(text: str, needle: str, occurrence: int = 0) -> int:
    return [number for number, line in enumerate(text.splitlines(), 1) if needle in line][occurrence]


def refusal(text: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as refused:
        parse_policy(text, where="town.toml")
    assert refused.value.remedy
    return refused.value


def test_a_slip_in_the_syntax_is_refused_with_its_line():
    broken = TEXT.replace("month_min_days = 15", "month_min_days = = 15")
    assert refusal(broken).where == f"town.toml, line {line_of(broken, 'month_min_days = =')}"


def test_a_wrong_type_in_a_rule_is_refused_with_the_line_of_that_rule():
    head, _, tail = TEXT.partition('class = "C2"')
    broken = head + 'class = "C2"' + tail.replace("counts = false", 'counts = "no"', 1)
    line = line_of(broken, '"no"')
    assert refusal(broken).where == f"town.toml, line {line}"


def test_an_unknown_class_is_refused_with_its_line():
    broken = TEXT.replace('class = "C7"', 'class = "C8"', 1)
    assert refusal(broken).where == f"town.toml, line {line_of(broken, 'C8')}"


def test_an_unknown_key_is_refused():
    assert "extra" in refusal("extra = 1\n" + TEXT).what


def test_a_wrong_switch_value_is_refused_with_its_line():
    broken = TEXT.replace("remote_month_counts = false ", "remote_month_counts = 3 ", 1)
    assert refusal(broken).where == f"town.toml, line {line_of(broken, 'remote_month_counts = 3')}"


def test_a_policy_that_lets_a_telephone_call_pay_for_a_home_visit_is_refused():
    head, _, tail = TEXT.partition('class = "C2"')
    broken = head + 'class = "C2"' + tail.replace("counts = false", "counts = true", 1)
    assert "visit at home" in refusal(broken).what


def test_a_policy_that_counts_an_unanswered_call_is_refused():
    head, _, tail = TEXT.rpartition('class = "C6"')
    broken = head + 'class = "C6"' + tail.replace("counts = false", "counts = true", 1)
    assert "may never count" in refusal(broken).what


def test_a_missing_pair_and_a_pair_given_twice_are_refused():
    rules = TEXT.split("\n[[rule]]")
    assert "has no answer" in refusal("\n[[rule]]".join(rules[:-1])).what
    assert "answered twice" in refusal("\n[[rule]]".join([*rules, rules[-1]])).what


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('switch = "remote_month_counts"', 'switch = "remote_years"', "unknown switch"),
        ('off_en = "the town has switched off remote contacts for general people"', "", "does not say why"),
        ('clause = "四(二)"', 'clause = ""', "lacks its clause"),
        ("review_within_h = 72", "review_within_h = 0", "above 0"),
        ("halfmonth_min_days = 8", "halfmonth_min_days = 14", "February"),
    ],
)
def test_what_would_leave_a_gap_is_refused_in_words(old, new, word):
    assert old in TEXT
    assert word in refusal(TEXT.replace(old, new, 1)).what
