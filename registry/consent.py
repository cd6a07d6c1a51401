"""Consent, per purpose, each dated and withdrawable (PIPL 14, 15, 29; R4); refuses a signature that cannot be given."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import msgspec

from core.text import Bilingual
from registry.identity import FieldError


class Purpose(StrEnum):
    """What is asked for; each is asked and can be withdrawn by itself."""

    VISITING = "visiting"  # 探访
    SENSORS = "sensors"  # 传感器
    CALLS = "calls"  # 自动电话
    FAMILY_LIGHT = "family_light"  # 家属平安灯


PURPOSE_WORDS = {
    Purpose.VISITING: Bilingual("上门、电话探访", "visits and calls by people"),
    Purpose.SENSORS: Bilingual("家中传感器", "sensors at home"),
    Purpose.CALLS: Bilingual("自动电话询问", "automatic calls"),
    Purpose.FAMILY_LIGHT: Bilingual("向家属显示平安状态", "showing family that all is well"),
}


class ConsentState(StrEnum):
    """How one purpose stands on a day."""

    NOT_ASKED = "not_asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


STATE_WORDS = {
    ConsentState.NOT_ASKED: Bilingual("未询问", "not asked"),
    ConsentState.GIVEN: Bilingual("同意", "given"),
    ConsentState.REFUSED: Bilingual("拒绝", "refused"),
    ConsentState.WITHDRAWN: Bilingual("已撤回", "withdrawn"),
}


class LegalCapacity(StrEnum):
    """Civil capacity (Civil Code 21, 22), which is not the capacity of annex 1."""

    FULL = "full"
    LIMITED = "limited"
    NONE = "none"


CAPACITY_WORDS = {
    LegalCapacity.FULL: Bilingual("完全民事行为能力", "full civil capacity"),
    LegalCapacity.LIMITED: Bilingual("限制民事行为能力", "limited civil capacity"),
    LegalCapacity.NONE: Bilingual("无民事行为能力", "no civil capacity"),
}


class Guardian(msgspec.Struct, frozen=True, kw_only=True):
    """Who decides for a person without full civil capacity, and on what ground."""

    name: str
    phone: str = ""  # E.164
    relation: str = ""
    ground: str = ""  # a judgment, the law's order, an agreement
    since: date | None = None


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to one purpose; an answer is never changed, a later one stands in its place."""

    purpose: Purpose
    state: ConsentState
    on: date
    by_guardian: bool = False
    evidence: str = ""  # the signed form's place, or who witnessed
    recorded_by: str = ""


def state_of(consents: Sequence[Consent], purpose: Purpose, on: date) -> ConsentState:
    """Return how a purpose stands on a day: the last answer up to it."""
    answers = sorted((one for one in consents if one.purpose is purpose and one.on <= on), key=lambda one: one.on)
    return answers[-1].state if answers else ConsentState.NOT_ASKED  # of one day the last recorded holds


def with_consent(
    consents: tuple[Consent, ...], new: Consent, capacity: LegalCapacity, guardian: Guardian | None, today: date
) -> tuple[Consent, ...]:
    """Return the answers with one more; raises FieldError when nobody could give it so."""
    if new.state is ConsentState.NOT_ASKED:
        _refuse("这不是一个答复", "that is no answer", "写明同意、拒绝或撤回", "say given, refused or withdrawn")
    if new.on > today:
        _refuse("日期在将来", "the day is in the future", "写当面答复的日期", "write the day of the answer")
    if capacity is not LegalCapacity.FULL and not new.by_guardian:
        _refuse("本人不能独自答复", "the person cannot answer alone", "由监护人答复", "ask the guardian")
    if new.by_guardian and guardian is None:
        _refuse("没有登记监护人", "no guardian is recorded", "先登记监护人", "record the guardian first")
    known = [one for one in consents if one.purpose is new.purpose]
    if any(one.on > new.on for one in known):
        _refuse("之后已有答复", "there is a later answer", "写更晚的日期", "write a later day")
    if new.state is ConsentState.WITHDRAWN and state_of(consents, new.purpose, new.on) is not ConsentState.GIVEN:
        _refuse("没有可撤回的同意", "there is no consent to withdraw", "如未同意，请记为拒绝", "record a refusal")
    return (*consents, new)


def _refuse(zh: str, en: str, remedy_zh: str, remedy_en: str) -> None:
    raise FieldError(Bilingual(zh, en), Bilingual(remedy_zh, remedy_en))
