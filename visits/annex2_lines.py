"""A filled annex 2 line by line in the order of the paper; what a page, a PDF and a sheet print alike."""

from collections.abc import Iterator
from datetime import date

import msgspec

from core.text import Bilingual
from visits import annex2
from visits.annex2 import Annex2


class Line(msgspec.Struct, frozen=True):
    """One label with what stands beside it; `value` is a person's own words where the form asks for words."""

    section: Bilingual
    label: Bilingual
    value: str


VISIT_PART = Bilingual("一、探访情况", "1. The visit")
CARE_PART = Bilingual("二、关爱服务情况", "2. The care given")


def lines_of(form: Annex2, *, number: int, on: date, care_number: int = 0) -> tuple[Line, ...]:
    """Return every line of the form; `number` and `care_number` 0 print nothing (not given yet)."""
    return (*_visit_lines(form, number, on), *_care_lines(form, care_number))


def _visit_lines(form: Annex2, number: int, on: date) -> Iterator[Line]:
    yield Line(VISIT_PART, annex2.NUMBER_LABEL, str(number or ""))
    yield Line(VISIT_PART, annex2.DATE_LABEL, on.isoformat())
    yield Line(VISIT_PART, annex2.METHOD_LABEL, annex2.method_words(form).zh)
    for field in annex2.FORM_FIELDS:
        yield Line(field.section, field.label, annex2.answer_of(form, field).zh)
    asked = "、".join(annex2.NEED_WORDS[need].zh for need in annex2.Need if need in form.needs)
    yield Line(VISIT_PART, annex2.NEEDS_LABEL, "；".join(part for part in (asked, form.needs_text) if part))
    yield Line(VISIT_PART, annex2.ADVICE_LABEL, form.advice)
    yield Line(VISIT_PART, annex2.VISITOR_LABEL, form.visitor_signature)
    signed = annex2.SIGNATURE_WORDS[form.visited_signature].zh
    note = f"（{form.visited_signature_note}）" if form.visited_signature_note else ""
    yield Line(VISIT_PART, annex2.VISITED_LABEL, f"{signed}{note}")
    yield Line(VISIT_PART, annex2.RECORDER_LABEL, form.recorder_signature)
    yield Line(VISIT_PART, annex2.FILLED_ON_LABEL, form.filled_on.isoformat() if form.filled_on else "")


def _care_lines(form: Annex2, care_number: int) -> Iterator[Line]:
    care = form.care
    yield Line(CARE_PART, annex2.CARE_NUMBER_LABEL, str(care_number or ""))
    yield Line(CARE_PART, annex2.CARE_DATE_LABEL, care.on.isoformat() if care else "")
    yield Line(CARE_PART, annex2.CARE_TEXT_LABEL, care.text if care else "")
    yield Line(CARE_PART, annex2.CARE_SIGNATURE_LABEL, care.signature if care else "")
    yield Line(CARE_PART, annex2.SATISFACTION_LABEL, care.satisfaction if care else "")
