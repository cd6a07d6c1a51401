"""A village's sheet for the night when power and network are gone: who lives where, whom to ring, what is open."""

import msgspec

from app.paper.layout import Cell, Form, label

WIDTHS = (0.5, 1.1, 2.2, 1.5, 1.0, 2.0, 3.4, 2.6)
TITLES = (
    "序号",
    "姓名",
    "住址",
    "本人电话",
    "类别",
    "最近一次活动迹象",
    "联系人（先后、关系、电话）",
    "未结报警与隐患",
)
KEPT_NIGHTS = 7
"""A sheet is of use for a night or two; a week covers a holiday, and more would be an archive of personal data."""


class SheetPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the sheet, in words."""

    name: str
    address: str
    phone: str
    tier: str
    last_sign: str  # when and by which sensor; "看不到" and since when for a blind home
    contacts: tuple[str, ...]
    open_matters: tuple[str, ...]


def village_sheet(village: str, made_at: str, people: tuple[SheetPerson, ...]) -> Form:
    """Return the printed sheet of a village; `made_at` is local time, in words."""
    rows = tuple(_row(number, person) for number, person in enumerate(people, 1))
    empty = ((Cell(text="本村没有登记的服务对象", columns=len(WIDTHS), where="空表"),),)
    return Form(
        title=f"{village} 停电断网备用表",
        opening=f"打印截止 {made_at}，共 {len(people)} 人。此后发生的事不在表上。",
        widths=WIDTHS,
        rows=(tuple(label(title) for title in TITLES), *(rows or empty)),
        note="含个人信息：专人保管，用后收回销毁。危及生命时先拨 120 / 110 / 119。",
        copies=("村（社区）值班",),
        is_landscape=True,
    )


def _row(number: int, person: SheetPerson) -> tuple[Cell, ...]:
    said = (
        str(number),
        person.name,
        person.address,
        person.phone.removeprefix("+86"),
        person.tier,
        person.last_sign,
        "\n".join(person.contacts),
        "\n".join(person.open_matters),
    )
    return tuple(Cell(text=text, where=f"{number} {title}") for text, title in zip(said, TITLES, strict=True))
