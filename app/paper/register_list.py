"""The electronic ledger as a list (R18): one row a person, one column for each field of annex 1, in its order."""

from collections.abc import Iterable
from datetime import date

from app.paper.listing import Sheet
from registry.annex1_words import FIELDS, answers
from registry.areas import AreaTree
from registry.entries import Filed, is_ended, is_waiting

TITLE = "电子台账"
_HEADER = ("编号", "村（社区）与网格", "状态", "版本", "核实日期")


def register_list(people: Iterable[Filed], areas: AreaTree, on: date) -> Sheet:
    """Return the ledger as it stands on a day."""
    return Sheet(
        TITLE,
        (*_HEADER, *(field.label.zh for field in FIELDS)),
        [
            (
                filed.person.id,
                areas.full_name(filed.person.area),
                _state(filed, on),
                filed.entry.version,
                filed.entry.verified_on,
                *(answer.zh for _, answer in answers(filed.form(on))),
            )
            for filed in people
        ],
    )


def _state(filed: Filed, on: date) -> str:
    if is_ended(filed.person, on):
        return "已结束"
    return "待启用" if is_waiting(filed.person) else "服务中"
