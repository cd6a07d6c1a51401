"""What a signal that pages is called, and the words of one whose clock cannot be relied on."""

import msgspec

from core.events import Metric
from core.ids import DeviceId
from core.localtime import from_ms
from core.text import Bilingual
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.sentences import clock, device_words, fact
from rules.sign_words import signal_words
from rules.watch import View


def kind_of(detail: str) -> FindingKind:
    """Return the kind of what is told under a detail, "metric device"."""
    if detail.startswith(Metric.WET):
        return FindingKind.WATER_RUNNING
    return FindingKind.FALL if detail.startswith(Metric.DEVICE_ALERT) else FindingKind.EMERGENCY


def worded(told: Deadline, view: View, *, is_doubtful: bool) -> Deadline:
    """Return a signal in its own words; where `is_doubtful`, both what it states and that its clock may be wrong."""
    metric, _, device_id = told.detail.partition(" ")
    is_fall = told.what is FindingKind.FALL
    device, since = view.devices.get(DeviceId(device_id)), clock(told.since_ms, view.tz)
    who = Bilingual("一个已移除的设备", "a device that was removed") if device is None else device_words(device)
    what = signal_words(metric)
    if not is_doubtful:
        sentence = Bilingual(f"{since}{who.zh}报告有人跌倒", f"{who.en} reports a fall at {since}")
        if not is_fall:
            sentence = Bilingual(f"{since}收到{what.zh}信号：{who.zh}", f"{what.en} at {since}: {who.en}")
        return msgspec.structs.replace(told, sentence=sentence)
    stated = from_ms(told.since_ms, view.tz).strftime("%Y-%m-%d %H:%M")  # with its year: it may be last year's
    sentence = Bilingual(
        f"{who.zh}报告{what.zh}，设备称是{stated}发出的；也可能是其时钟有误，刚刚发出",
        f"{who.en} reports {what.en}, given at {stated} as it states, or just now by a clock that is wrong",
    )
    doubt = fact(
        told.due_ms,
        f"刚刚收到的信号注明时间{stated}：或是当时发出、现在才送到，或是设备时钟有误；请先当作刚刚发出，并校正设备时钟",
        f"the signal that came now states {stated}: it was given then and comes only now, or the device's clock is "
        "wrong; take it for one of now, and set the clock",
    )
    return msgspec.structs.replace(told, sentence=sentence, facts=(*told.facts, doubt))
