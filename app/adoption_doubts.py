"""What does not fit in an adoption that was taken all the same: a role unlike what was heard, a room nobody knows."""

from collections.abc import Sequence

from core.text import Bilingual
from registry.devices import is_of_kind, suggested_role
from registry.homes import Device, Home
from rules.sign_words import is_known_room, near_room


def doubts_of(device: Device, home: Home, metrics: Sequence[str]) -> list[Bilingual]:
    """Return what somebody should look at again; `metrics` are what the device has told of."""
    return [*_of_role(device, metrics), *_of_room(device, home)]


def _of_role(device: Device, metrics: Sequence[str]) -> list[Bilingual]:
    probable = suggested_role(metrics)
    if probable is None or is_of_kind(device.role, probable):
        return []
    told = ", ".join(metrics)
    return [
        Bilingual(
            f"注意：{device.id} 登记为 {device.role}，但它上报的是 {told}，更像 {probable}；如有误，请移除后重新接入",
            f"warning: {device.id} is taken for {device.role}, but it tells of {told}: probably {probable}; if that is "
            "wrong, remove it and adopt it again",
        )
    ]


def _of_room(device: Device, home: Home) -> list[Bilingual]:
    others = {one.room for one in home.devices if one.id != device.id}
    if not device.room or device.room in others or is_known_room(device.room):
        return []
    near = near_room(device.room)
    meant = (
        Bilingual(f"，是不是 {near.zh}（{near.en}）", f"; is {near.en} ({near.zh}) meant?")
        if near
        else Bilingual("", "")
    )
    return [
        Bilingual(
            f"注意：{device.room} 不是常用的房间名，将照原样显示，按房间判断的规则认不出它{meant.zh}",
            f"warning: {device.room} is no usual room: it is shown as written, and rules that ask for a room do not "
            f"know it{meant.en}",
        )
    ]
