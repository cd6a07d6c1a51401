"""Checks a filled annex 1 field by field and writes its numbers in one way; refuses it whole with every reason."""

from collections.abc import Callable, Iterator
from datetime import date

import msgspec

from core.errors import ShouwangError
from core.text import Bilingual
from registry.annex1 import MOST_HOUSEHOLD, Annex1, EmergencyContact, HouseholdMember
from registry.areas import AreaTree, is_village
from registry.identity import FieldError, Identity, read_identity
from registry.phones import to_e164

MOST_YUAN = 1_000_000
"""A month's income beyond a million is a slip of the comma."""

MOST_TEXT_CHARS = 500
"""The form's largest cell holds some two hundred characters."""

GRAVEST_GRADE, LIGHTEST_GRADE = 1, 4


class Problem(msgspec.Struct, frozen=True):
    """One field that cannot be taken: its name in the record, why and what to do."""

    field: str
    sentence: Bilingual


class FormError(ShouwangError):
    """A form that is refused, with every reason; carries no value."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.sentence}" for one in problems))
        self.problems = problems


def checked(form: Annex1, on: date) -> Annex1:
    """Return the form with texts trimmed, phones as E.164, identity numbers as printed; raises FormError."""
    problems: list[Problem] = []

    def taken(field: str, read: Callable[[str], str], text: str) -> str:
        try:
            return read(text)
        except FieldError as error:
            problems.append(Problem(field, error.sentence))
            return ""

    def identity(text: str) -> str:
        return read_identity(text, on).number if text.strip() else ""

    clean = _trimmed(form)
    emergency = clean.emergency
    result = msgspec.structs.replace(
        clean,
        id_number=taken("id_number", identity, clean.id_number),
        phone=taken("phone", to_e164, clean.phone),
        emergency=EmergencyContact(
            emergency.name.strip(), emergency.sex, taken("emergency.phone", to_e164, emergency.phone)
        ),
        household=tuple(
            msgspec.structs.replace(one, id_number=taken(f"household.{at}.id_number", identity, one.id_number))
            for at, one in enumerate(clean.household)
        ),
    )
    problems += _limits(result)
    if result.id_number:
        result = _with_sex(result, read_identity(result.id_number, on), problems)
    if problems:
        raise FormError(tuple(problems))
    return result


def birth_date_of(form: Annex1, on: date) -> date | None:
    """Return the birth date of a checked form's identity number, None without one."""
    return read_identity(form.id_number, on).birth_date if form.id_number else None


def _with_sex(form: Annex1, identity: Identity, problems: list[Problem]) -> Annex1:
    if form.sex is not None and form.sex is not identity.sex:
        zh, en = "性别与身份证号不符：请核对证件", "it does not fit the identity number: check the card"
        problems.append(Problem("sex", Bilingual(zh, en)))
    return msgspec.structs.replace(form, sex=identity.sex)


def _trimmed(form: Annex1) -> Annex1:
    texts = {
        field.name: getattr(form, field.name).strip()
        for field in msgspec.structs.fields(form)
        if type(getattr(form, field.name)) is str  # a choice is a str too, and must stay a choice
    }
    rows = tuple(
        msgspec.structs.replace(one, name=one.name.strip(), relation=one.relation.strip(), health=one.health.strip())
        for one in form.household
        if one != HouseholdMember()
    )
    return msgspec.structs.replace(form, **texts, household=rows)


def _limits(form: Annex1) -> Iterator[Problem]:
    if not form.name:
        yield Problem("name", Bilingual("没有姓名：请填写", "there is no name: write it"))
    for name in ("disposable_income_yuan", "household_income_yuan", "pension_yuan", "benefits_yuan"):
        value = getattr(form, name)
        if value is not None and not 0 <= value <= MOST_YUAN:
            yield Problem(name, Bilingual("金额不可能：请核对，单位为元", "an impossible amount: check it, in yuan"))
    if form.disability_grade is not None and not GRAVEST_GRADE <= form.disability_grade <= LIGHTEST_GRADE:
        yield Problem("disability_grade", Bilingual("残疾等级为1至4级", "a disability grade is 1 to 4"))
    if len(form.household) > MOST_HOUSEHOLD:
        yield Problem("household", Bilingual(f"家庭成员超过{MOST_HOUSEHOLD}人", f"more than {MOST_HOUSEHOLD} members"))
    for field in msgspec.structs.fields(form):
        value = getattr(form, field.name)
        if isinstance(value, str) and len(value) > MOST_TEXT_CHARS:
            yield Problem(
                field.name, Bilingual(f"超过{MOST_TEXT_CHARS}字", f"longer than {MOST_TEXT_CHARS} characters")
            )


def check_place(area: str, tree: AreaTree) -> None:
    """Refuse to file somebody outside a village: their visits would stand in no return. Raises FormError.

    Where areas are listed it must be one of them; where nobody listed any, a path of a village or grid.
    """
    is_listed = not tree.areas or area in tree.areas
    if not is_listed or not is_village("/".join(area.split("/")[:2])):
        words = Bilingual("须选已登记的村或网格", "choose a village or grid that is listed")
        raise FormError((Problem("area", words),))
