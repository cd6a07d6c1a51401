"""The counting policy as data: which contact counts for which duty, and why; refuses a file with a gap in it."""

import re
import tomllib
from functools import cached_property
from importlib import resources
from itertools import product
from typing import Any

import msgspec

from core.errors import ConfigurationError
from core.localtime import HOUR_MS, MINUTE_MS
from core.text import Bilingual
from visits.model import ContactClass, Obligation

BUILT_IN = "visits/policy_v1.toml"

NEVER_COUNTS = frozenset({ContactClass.C5_REMOTE_RAW, ContactClass.C6_ATTEMPT, ContactClass.C7_COLLATERAL})
"""Nobody met or spoke to the person: no switch and no edit may make these count."""

AT_HOME_ONLY = frozenset({Obligation.KEY_HALFMONTH, Obligation.LEDGER_6M})
"""No switch and no edit may let anything but a visit at home count for these."""

_SWITCH_WORDS = {
    "remote_counts_for_general": "远程确认计入一般对象",
    "remote_month_counts": "监测月计入",
}
_REMEDY = "compare with the built-in visits/policy_v1.toml"
_AT_LINE = re.compile(r"\(at line (\d+),")
_PATH = re.compile(r"`\$\.(\w+)(?:\[(\d+)\])?(?:\.(\w+))?")


class Switches(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the plan leaves open ("等"), decided by the town."""

    remote_counts_for_general: bool = True
    remote_month_counts: bool = False


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One cell of the counting table."""

    contact_class: ContactClass = msgspec.field(name="class")
    obligation: Obligation
    counts: bool
    clause: str
    zh: str
    en: str
    switch: str = ""
    off_zh: str = ""
    off_en: str = ""


class CountingPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """The whole table with its limits; units stand in the names."""

    plan: str
    version: int
    review_within_h: int
    duplicate_within_min: int
    halfmonth_min_days: int
    month_min_days: int
    late_entry_days: int
    gap_warning_days: int
    switches: Switches
    rules: tuple[Rule, ...] = msgspec.field(name="rule")

    @cached_property
    def stamp(self) -> str:
        """What each evaluation keeps: plan, version and the switches that are on (policy B3, case 25)."""
        on = (name for name, is_on in msgspec.structs.asdict(self.switches).items() if is_on)
        return "+".join((f"{self.plan}@{self.version}", *on))

    @property
    def review_within_ms(self) -> int:
        """How soon after a remote contact staff must sign it, milliseconds."""
        return self.review_within_h * HOUR_MS

    @property
    def duplicate_within_ms(self) -> int:
        """How close two entries of one visit may lie, milliseconds."""
        return self.duplicate_within_min * MINUTE_MS

    def min_days(self, obligation: Obligation) -> int:
        """Return how many days of a window must be left for someone who joins in it to owe it."""
        return self.halfmonth_min_days if obligation is Obligation.KEY_HALFMONTH else self.month_min_days

    def answer(self, contact_class: ContactClass, obligation: Obligation) -> tuple[bool, str, Bilingual]:
        """Return whether the class counts for the duty, the clause, and the reason; switches are applied."""
        return self._answers[contact_class, obligation]

    @cached_property
    def _answers(self) -> dict[tuple[ContactClass, Obligation], tuple[bool, str, Bilingual]]:
        """Asked for each visit of a county: looked up, not searched for."""
        return {(rule.contact_class, rule.obligation): self._answer_of(rule) for rule in self.rules}

    def _answer_of(self, rule: Rule) -> tuple[bool, str, Bilingual]:
        if rule.switch and not getattr(self.switches, rule.switch):
            return False, rule.clause, Bilingual(rule.off_zh, rule.off_en)
        return rule.counts, rule.clause, Bilingual(rule.zh, rule.en)


def built_in_policy() -> CountingPolicy:
    """Return the policy that ships with the service."""
    return parse_policy(resources.files("visits").joinpath("policy_v1.toml").read_text("utf-8"), where=BUILT_IN)


def policy_words(stamp: str) -> str:
    """Return a policy's stamp in Chinese: the plan, its version, and what the town has switched on."""
    known, *switches = stamp.split("+")
    plan, _, version = known.partition("@")
    said = [_SWITCH_WORDS.get(name, name) for name in switches]
    return "；".join([f"{plan} 第{version}版" if version else plan, *said])


def with_switches(policy: CountingPolicy, switches: Switches) -> CountingPolicy:
    """Return the policy as the town has switched it; its stamp changes with it."""
    return msgspec.structs.replace(policy, switches=switches)


def parse_policy(text: str, *, where: str) -> CountingPolicy:
    """Return the policy of a TOML text; raises ConfigurationError naming file, line and remedy."""
    try:
        policy = msgspec.convert(tomllib.loads(text), CountingPolicy)
    except tomllib.TOMLDecodeError as error:
        line = _AT_LINE.search(str(error))
        raise _refused(str(error), where, int(line[1]) if line else len(text.splitlines())) from error
    except msgspec.ValidationError as error:
        raise _refused(str(error), where, _line_of(text, str(error))) from error
    _check_limits(policy, text, where)
    for index, rule in enumerate(policy.rules):
        if problem := _problem_of(rule):
            raise _refused(problem, where, _rule_line(text, index))
    _check_pairs(policy, text, where)
    return policy


def _problem_of(rule: Rule) -> str:
    cell = f"{rule.contact_class} for {rule.obligation}"
    may_count = rule.counts or bool(rule.switch)
    if may_count and rule.contact_class in NEVER_COUNTS:
        return f"{cell} may never count: nobody met or spoke to the person"
    if may_count and rule.obligation in AT_HOME_ONLY and rule.contact_class is not ContactClass.C1_HOME:
        return f"{cell} may never count: the plan demands a visit at home"
    if rule.switch and rule.switch not in Switches.__struct_fields__:
        return f"{cell} names an unknown switch {rule.switch!r}"
    if rule.switch and not (rule.off_zh and rule.off_en):
        return f"{cell} does not say why it does not count while {rule.switch} is off"
    if not (rule.clause and rule.zh and rule.en):
        return f"{cell} lacks its clause or its reason"
    return ""


def _check_pairs(policy: CountingPolicy, text: str, where: str) -> None:
    seen: set[tuple[ContactClass, Obligation]] = set()
    for index, rule in enumerate(policy.rules):
        cell = (rule.contact_class, rule.obligation)
        if cell in seen:
            raise _refused(f"{cell[0]} for {cell[1]} is answered twice", where, _rule_line(text, index))
        seen.add(cell)
    for contact_class, obligation in product(ContactClass, Obligation):
        if (contact_class, obligation) not in seen:
            raise _refused(f"{contact_class} for {obligation} has no answer", where, len(text.splitlines()))


def _check_limits(policy: CountingPolicy, text: str, where: str) -> None:
    for name, value in msgspec.structs.asdict(policy).items():
        if isinstance(value, int) and value <= 0:
            raise _refused(f"{name} must be above 0", where, _key_line(text, name))
    for name, longest in (("halfmonth_min_days", 13), ("month_min_days", 28)):  # February's
        if getattr(policy, name) > longest:
            raise _refused(f"{name} is longer than February's window", where, _key_line(text, name))


def _line_of(text: str, message: str) -> int:
    path = _PATH.search(message)
    if path is None:
        return 1
    key, index, field = path[1], path[2], path[3]
    if index is None:
        return _key_line(text, field or key)
    start = _rule_line(text, int(index))
    return _key_line(text, "class" if field is None else field, start)


def _key_line(text: str, key: str, after: int = 1) -> int:
    lines: list[Any] = text.splitlines()[after - 1 :]
    for number, line in enumerate(lines, after):
        if re.match(rf"\s*\[*{re.escape(key)}\b", line):
            return number
    return after


def _rule_line(text: str, index: int) -> int:
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith("[[rule]]")]
    return starts[index] if index < len(starts) else 1


def _refused(what: str, where: str, line: int) -> ConfigurationError:
    return ConfigurationError(what, where=f"{where}, line {line}", remedy=_REMEDY)
