"""Who may do what where: a role in an area; decides, and says no where nothing allows it."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from core.text import Bilingual
from registry.areas import is_within


class Role(StrEnum):
    """What somebody is in an area."""

    GRID = "grid"  # 网格员
    VILLAGE = "village"  # 村（社区）
    TOWN = "town"  # 镇民政办
    DUTY = "duty"  # 值班
    AUDITOR = "auditor"  # sees that things were done, not whom they are about
    PRIVACY = "privacy"  # 个人信息保护负责人 (PIPL 52)


class Deed(StrEnum):
    """What is done with the register, and with homes and alerts."""

    WATCH = "watch"  # homes and alerts: see them, take an alert, close it, look up its numbers
    REVIEW = "review"  # sign the contact that an alert made
    SEE = "see"  # masked
    REVEAL = "reveal"  # in clear, with a reason
    CHANGE = "change"
    DECIDE = "decide"  # tier, begin and end of service, what contradicts
    GATHER = "gather"  # take a list in
    AUDIT = "audit"  # look at the chain
    SIGN_RETURN = "sign_return"  # a month's return, for its village
    RECEIVE_RETURN = "receive_return"  # the same, for the town: receive it, send it back, reopen it
    PRIVACY = "privacy"  # the report, a person's copy of everything, erasure, holds, keys


ROLE_WORDS = {
    Role.GRID: Bilingual("网格员", "grid worker"),
    Role.VILLAGE: Bilingual("村（社区）", "village"),
    Role.TOWN: Bilingual("镇民政办", "town"),
    Role.DUTY: Bilingual("值班", "duty desk"),
    Role.AUDITOR: Bilingual("审计员", "auditor"),
    Role.PRIVACY: Bilingual("个人信息保护负责人", "privacy officer"),
}

DEED_WORDS = {
    Deed.WATCH: Bilingual("查看住户和处理报警", "seeing homes and handling alerts"),
    Deed.REVIEW: Bilingual("复核报警产生的联系", "signing the contact of an alert"),
    Deed.SEE: Bilingual("查看登记信息", "seeing the register"),
    Deed.REVEAL: Bilingual("查看完整个人信息", "seeing personal data in clear"),
    Deed.CHANGE: Bilingual("修改登记和探访记录", "changing the register and its records"),
    Deed.DECIDE: Bilingual("认定对象、开始或终止服务、裁定矛盾", "deciding on tier, service and contradictions"),
    Deed.GATHER: Bilingual("导入名单", "taking lists in"),
    Deed.AUDIT: Bilingual("查看审计记录", "looking at the audit chain"),
    Deed.SIGN_RETURN: Bilingual("代表村签署月报", "signing a return for its village"),
    Deed.RECEIVE_RETURN: Bilingual("代表镇签收、退回或重开月报", "receiving a return for the town"),
    Deed.PRIVACY: Bilingual("履行个人信息保护职责", "the duties of the privacy officer"),
}

_WATCHES = frozenset({Deed.WATCH, Deed.REVIEW, Deed.SEE})
_KEEPS = _WATCHES | {Deed.REVEAL, Deed.CHANGE}

ALLOWED = {
    Role.GRID: _KEEPS,
    Role.VILLAGE: _KEEPS | {Deed.DECIDE, Deed.SIGN_RETURN},
    Role.TOWN: _KEEPS | {Deed.DECIDE, Deed.GATHER, Deed.AUDIT, Deed.RECEIVE_RETURN},
    Role.DUTY: _WATCHES,
    Role.AUDITOR: frozenset({Deed.AUDIT}),
    Role.PRIVACY: frozenset({Deed.AUDIT, Deed.PRIVACY}),
}
"""A village supervises its own (R9); lists come from the county's offices and are the town's to take.

A return has two hands: the village that signs it and the town that receives it. The duty desk watches over homes and
keeps no register; like every role it holds in an area, for a desk of everywhere in all of them.
"""


class Grant(msgspec.Struct, frozen=True):
    """A role in an area and all below it; area "" is everywhere."""

    role: Role
    area: str = ""


def may(grants: Sequence[Grant], deed: Deed, area: str | None = None) -> bool:
    """Return whether somebody may do a deed in an area (None: one that is bound to none).

    Who has no grant at all may do everything: an installation without roles works as before roles came.
    """
    return not grants or any(
        deed in ALLOWED[grant.role] and (area is None or is_within(area, grant.area)) for grant in grants
    )


def is_granted(grants: Sequence[Grant], deed: Deed, area: str | None = None) -> bool:
    """Return whether a role allows a deed by name: without roles nobody may do it, for it cannot be undone."""
    return bool(grants) and may(grants, deed, area)


def reach(grants: Sequence[Grant], deed: Deed, area: str = "") -> Sequence[str]:
    """Return the widest areas at or below an area in which somebody may do a deed; empty: in none."""
    if may(grants, deed, area):
        return (area,)
    found = {grant.area for grant in grants if deed in ALLOWED[grant.role] and is_within(grant.area, area)}
    return sorted(one for one in found if not any(is_within(one, other) for other in found - {one}))
