"""Annex 2 laid out like the original, box for box; 未评估 stands as a box of its own where nobody could see."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby

from app.paper.layout import Cell, Form, boxes, heading, label
from visits import annex2
from visits.annex2 import Annex2, Field, HouseholdChange, Illness, VisitKind

COLUMNS = 9
WIDTHS = (2.0, *(1.0 for _ in range(8)))
TITLE = "特殊困难老年人探访关爱服务记录表"
NOTE = "备注：此表一式三份，乡镇（街道）、村（社区）、服务人员所在单位各存档一份。"

_BLANK_DATE = "　　年　　月　　日"


def annex2_form(
    form: Annex2,
    *,
    town: str,
    number: int,
    on: date | None,
    name: str,
    care_number: int = 0,
    remark: str = "",
    who: Callable[[str], str] = str,
) -> Form:
    """Return the printed form of one visit, all three copies; `number` 0: no sequence number is given yet.

    `name` and `remark` (an alert's number, 补录) stand above the table: the form has no cell for whom it is about.
    `who` says who signed.
    """
    return Form(
        title=f"{town}{TITLE}",
        opening="　　".join(part for part in (f"老年人姓名：{name}", remark) if part),
        widths=WIDTHS,
        rows=(*_visit_rows(form, number, on, who), *_care_rows(form, care_number, who)),
        note=NOTE,
        copies=tuple(copy.zh for copy in annex2.PRINTED_COPIES),
    )


def _visit_rows(form: Annex2, number: int, on: date | None, who: Callable[[str], str]) -> tuple[tuple[Cell, ...], ...]:
    answered = _answer_rows(form)
    when = Cell(
        text=f"第 {number or '　'} 次\n开展探访\n{_day(on)}",
        rows=len(answered) + 4,
        is_label=True,
        where="第 次开展探访",
    )
    needs = "、".join(annex2.NEED_WORDS[need].zh for need in annex2.Need if need in form.needs)
    asked = "；".join(part for part in (needs, form.needs_text) if part)
    return (
        (heading("一、探访情况", columns=COLUMNS),),
        (when, label("探访方式", columns=2), Cell(text=_methods(form), columns=6, where="探访方式")),
        *answered,
        (Cell(text=f"老年人服务需求：{asked}", columns=8, lines=3, where="老年人服务需求"),),
        (Cell(text=f"实施关爱服务建议：{form.advice}", columns=8, lines=3, where="实施关爱服务建议"),),
        _signature_row(form, who),
    )


def _answer_rows(form: Annex2) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    for section, fields in groupby(annex2.FORM_FIELDS, key=lambda field: field.section.zh):
        group = tuple(fields)
        for position, field in enumerate(group):
            first = (label(section, columns=2, rows=len(group)),) if position == 0 else ()
            answer = Cell(text=_options(form, field), columns=4, where=field.label.zh)
            rows.append((*first, label(field.label.zh, columns=2), answer))
    return tuple(rows)


def _options(form: Annex2, field: Field) -> str:
    chosen = str(getattr(form, field.name))
    return boxes((_option(form, option, said.zh, chosen), option == chosen) for option, said in field.options.items())


def _option(form: Annex2, option: str, said: str, chosen: str) -> str:
    if option in {HouseholdChange.MORE, HouseholdChange.FEWER}:
        return f"{said} {form.household_count if option == chosen else '　'} 人"
    if option == Illness.SEVERE and said == "严重":
        return f"{said} 疾病名称：{form.illness_name if option == chosen else '　'}"
    return said


def _methods(form: Annex2) -> str:
    printed = (VisitKind.PHONE, VisitKind.HOME, VisitKind.VIDEO)
    is_other = form.kind not in printed
    other = annex2.method_words(form).zh if is_other else "其他"
    known = ((annex2.KIND_WORDS[kind].zh, kind is form.kind) for kind in printed)
    return boxes((*known, (other, is_other)))


def _signature_row(form: Annex2, who: Callable[[str], str]) -> tuple[Cell, ...]:
    signed = annex2.SIGNATURE_WORDS[form.visited_signature].zh
    if form.visited_signature is annex2.VisitedSignature.MISSING:
        signed = ""
    note = f"（{form.visited_signature_note}）" if form.visited_signature_note else ""
    said: Iterable[tuple[str, str]] = (
        ("探访人员\n（签字）", who(form.visitor_signature)),
        ("被探访人\n（签字）", f"{signed}{note}"),
        ("信息录入人\n（签字）", who(form.recorder_signature)),
    )
    signatures = (Cell(text=f"{hand}\n{by}", columns=2, lines=4, where=hand.replace("\n", "")) for hand, by in said)
    return (*signatures, Cell(text=_day(form.filled_on), columns=2, lines=4, where="年月日"))


def _care_rows(form: Annex2, care_number: int, who: Callable[[str], str]) -> tuple[tuple[Cell, ...], ...]:
    care = form.care
    text, signature, rated = (care.text, who(care.signature), care.satisfaction) if care else ("", "", "")
    on = _day(care.on if care else None)
    given = f"关爱服务情况：{text}\n\n服务人员签字（盖章）：{signature}　　{on}"
    when = Cell(text=f"第 {care_number or '　'} 次\n开展关爱\n{on}", rows=2, is_label=True, where="第 次开展关爱")
    return (
        (heading("二、关爱服务情况", columns=COLUMNS),),
        (when, Cell(text=given, columns=8, lines=6, where="关爱服务情况")),
        (Cell(text=f"老年人服务满意度评价：{rated}", columns=8, lines=2, where="老年人服务满意度评价"),),
    )


def _day(day: date | None) -> str:
    return _BLANK_DATE if day is None else f"{day.year} 年 {day.month} 月 {day.day} 日"
