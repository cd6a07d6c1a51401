"""Annex 1 laid out like the original, box for box, with 孤寡 added where the form forgets it."""

from datetime import date

from app.paper.layout import Cell, Form, boxes, heading, label
from registry import annex1_words as words
from registry.annex1 import HOUSEHOLD_ROWS, Annex1, Economy, Helper, HouseholdMember, Place
from registry.people import Capacity, Category, Tier

COLUMNS = 16
WIDTHS = (1.0,) * COLUMNS
COPIES = ("乡镇（街道）存档", "村（社区）存档")
"""此表一式两份 (R33)."""

_HOUSEHOLD_SPANS = (1, 2, 1, 4, 2, 2, 2, 2)
_BLANK_DATE = "　　年　　月　　日"


def annex1_form(form: Annex1) -> Form:
    """Return the printed form of one person, both copies."""
    return Form(
        title=words.TITLE.zh,
        opening=f"建档日期：{_day(form.filed_on)}",
        widths=WIDTHS,
        rows=(*_person_rows(form), *_household_rows(form), *_living_rows(form), *_help_rows(form)),
        note=f"备注：{words.COPIES_NOTE.zh}（“孤寡”为系统按方案正文补上。）",
        copies=COPIES,
    )


def _person_rows(form: Annex1) -> tuple[tuple[Cell, ...], ...]:
    return (
        (heading(words.SECTIONS[0].zh, columns=COLUMNS),),
        (
            label("姓名", columns=2),
            _value(form.name, "姓名", columns=2),
            label("性别"),
            _value(_said(form.sex), "性别"),
            label("居民身份证号码", columns=2),
            _value(form.id_number, "居民身份证号码", columns=4),
            label("联系电话", columns=2),
            _value(_phone(form.phone), "联系电话", columns=2),
        ),
        (
            label("紧急联系人", columns=2),
            _value(form.emergency.name, "紧急联系人", columns=2),
            label("性别"),
            _value(_said(form.emergency.sex), "紧急联系人性别"),
            label("联系电话", columns=2),
            _value(_phone(form.emergency.phone), "紧急联系人电话", columns=8),
        ),
        (label("户籍地址", columns=2), _value(_place(form.registered), "户籍地址", columns=14)),
        (label("居住地址", columns=2), _value(_place(form.residence), "居住地址", columns=14)),
        (label("健康状况", columns=2, rows=2), _value(f"能力程度：{_capacity(form.capacity)}", "能力程度", columns=14)),
        (_value(f"曾患病史：{form.illness}", "曾患病史", columns=14),),
        (label("经济情况", columns=2, rows=3), _value(_economy(form.economy), "经济情况", columns=14)),
        (_value(f"月可支配收入：{_yuan(form.disposable_income_yuan)}", "月可支配收入", columns=14),),
        (_value(f"经济来源：{form.income_source}", "经济来源", columns=14),),
        (label("对象类别", columns=2, rows=2), _value(_categories(form), "对象类别", columns=14)),
        (_value(_tier(form.tier), "重点/一般", columns=14),),
    )


def _household_rows(form: Annex1) -> tuple[tuple[Cell, ...], ...]:
    titles = ("序号", *(one.zh for one in words.HOUSEHOLD_LABELS))
    count = max(HOUSEHOLD_ROWS, len(form.household))
    members = (*form.household, *(HouseholdMember() for _ in range(count - len(form.household))))
    return (
        (heading(words.SECTIONS[1].zh, columns=COLUMNS),),
        tuple(label(title, columns=span) for title, span in zip(titles, _HOUSEHOLD_SPANS, strict=True)),
        *(_household_row(number, member, titles) for number, member in enumerate(members, 1)),
    )


def _household_row(number: int, member: HouseholdMember, titles: tuple[str, ...]) -> tuple[Cell, ...]:
    cells = zip(words.household_cells(member), titles[1:], _HOUSEHOLD_SPANS[1:], strict=True)
    return (
        label("户主" if number == 1 else str(number), columns=_HOUSEHOLD_SPANS[0]),
        *(_value(_said(cell), f"家庭成员{number} {title}", columns=span) for cell, title, span in cells),
    )


def _living_rows(form: Annex1) -> tuple[tuple[Cell, ...], ...]:
    pension = f"有领取养老保险，每月{_amount(form.pension_yuan)}元"
    drawn = boxes(((pension, form.has_pension is True), ("无养老保险", form.has_pension is False)))
    benefits = f"享受社会救助和社会福利补贴项目：{form.benefits}，每月补贴{_amount(form.benefits_yuan)}元"
    plain = (
        ("饮水是否安全", _said(form.is_water_safe)),
        ("生活用电是否安全", _said(form.is_electricity_safe)),
        ("住房是否安全", _said(form.is_housing_safe)),
        ("家庭每月收入（元）", _said(form.household_income_yuan)),
    )
    return (
        (heading(words.SECTIONS[2].zh, columns=COLUMNS),),
        *((label(title, columns=4), _value(value, title, columns=12)) for title, value in plain),
        (
            label("家庭每月领取养老保险、社会救助和社会福利补贴等情况", columns=4, rows=2),
            _value(drawn, "养老保险", columns=12),
        ),
        (_value(benefits, "社会救助和福利补贴", columns=12),),
    )


def _help_rows(form: Annex1) -> tuple[tuple[Cell, ...], ...]:
    helpers = boxes((words.HELPER_WORDS[one].zh, one in form.helpers) for one in Helper)
    signed = f"工作人员签字：{form.signed_by}　　{_day(form.signed_on)}"
    return (
        (heading(words.SECTIONS[3].zh, columns=COLUMNS),),
        (
            label("帮扶单位（组织）", columns=3),
            _value(helpers, "帮扶单位", columns=9),
            label("帮扶责任人", columns=2),
            _value(form.helper_in_charge, "帮扶责任人", columns=2),
        ),
        (Cell(text=f"帮扶措施：{form.help_measures}\n\n{signed}", columns=COLUMNS, lines=4, where="帮扶措施"),),
    )


def _value(text: str, where: str, *, columns: int = 1) -> Cell:
    return Cell(text=text, columns=columns, where=where)


def _said(value: object) -> str:
    return words.said_answer(value).zh


def _day(day: date | None) -> str:
    return _BLANK_DATE if day is None else f"{day.year} 年 {day.month} 月 {day.day} 日"


def _place(place: Place) -> str:
    county, town, village = place.county or "　　", place.town or "　　", place.village or "　　"
    return f"{county} 区（县）　{town} 乡镇（街道）　{village} 村（社区）　{place.detail}"


def _capacity(capacity: Capacity | None) -> str:
    return boxes((words.CAPACITY_WORDS[one].zh, one is capacity) for one in Capacity)


def _economy(economy: frozenset[Economy]) -> str:
    allowance = [words.ECONOMY_WORDS[one].zh for one in (Economy.MINIMUM, Economy.MARGINAL) if one in economy]
    said = f"低保、低保边缘（{'、'.join(allowance)}）" if allowance else "低保、低保边缘"
    return boxes((("特困人员", Economy.DESTITUTE in economy), (said, bool(allowance))))


def _categories(form: Annex1) -> str:
    certificate = form.disability_certificate or "＿＿＿＿＿＿"

    def said(one: Category) -> str:
        text = words.CATEGORY_WORDS[one].zh
        return f"{text}（残疾证号：{certificate}）" if one is Category.SEVERELY_DISABLED else text

    return boxes((said(one), one in form.categories) for one in Category)


def _tier(tier: Tier | None) -> str:
    return boxes((words.TIER_WORDS[one].zh, one is tier) for one in Tier)


def _phone(number: str) -> str:
    return number.removeprefix("+86")  # as people write it here


def _yuan(amount: int | None) -> str:
    return "" if amount is None else f"{amount} 元"


def _amount(amount: int | None) -> str:
    return "　　" if amount is None else f" {amount} "
