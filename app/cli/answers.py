"""Answers of annex 2 as typed on the command line: codes or the form's words; a wrong one is told which there are."""

import re
from typing import Any

import msgspec

from core.errors import ConfigurationError
from core.text import Bilingual
from visits.annex2 import (
    EXTRA_FIELDS,
    FORM_FIELDS,
    KIND_WORDS,
    NEED_WORDS,
    SIGNATURE_WORDS,
    Annex2,
)

_NOT_TYPED = frozenset({"care"})
_MANY = "needs"

OPTIONS: dict[str, dict[str, Bilingual]] = {
    **{field.name: field.options for field in (*FORM_FIELDS, *EXTRA_FIELDS)},
    "kind": {code.value: words for code, words in KIND_WORDS.items()},
    _MANY: {code.value: words for code, words in NEED_WORDS.items()},
    "visited_signature": {code.value: words for code, words in SIGNATURE_WORDS.items()},
}
"""The answers of each question that has a list of them."""

_LABELS = {field.label.zh: field.name for field in (*FORM_FIELDS, *EXTRA_FIELDS)}


def answered(form: Annex2, answers: list[str]) -> Annex2:
    """Return the form with what was typed ("gas=safe", "gas=安全", "燃气安全=安全"); raises ConfigurationError."""
    given: dict[str, Any] = msgspec.to_builtins(form)
    for answer in answers:
        typed, is_given, value = answer.partition("=")
        name = _LABELS.get(typed.strip(), typed.strip())
        if not is_given or name not in Annex2.__struct_fields__ or name in _NOT_TYPED:
            names = ", ".join(one for one in Annex2.__struct_fields__ if one not in _NOT_TYPED)
            raise ConfigurationError(
                f"{answer!r} is no answer", where="--set", remedy=f"write it as gas=safe; questions: {names}"
            )
        given[name] = [_code(name, part) for part in _parts(value)] if name == _MANY else _code(name, value)
    try:
        return msgspec.convert(given, Annex2, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigurationError(str(error), where="--set", remedy="write a day as 2024-02-03, yes as true") from error


def _parts(value: str) -> list[str]:
    return [part for part in re.split("[,，、]", value) if part.strip()]


def _code(name: str, value: str) -> str:
    options = OPTIONS.get(name)
    text = value.strip()
    if options is None:
        return value
    for code, words in options.items():
        if text in {str(code), words.zh, words.en}:
            return str(code)
    known = ", ".join(f"{code} {words.zh}" for code, words in options.items())
    raise ConfigurationError(f"{name}: {value!r} is none of its answers", where="--set", remedy=f"use one of {known}")
