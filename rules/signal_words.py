"""What a signal that pages is called, and the words of one whose clock cannot be relied on."""

import msgspec

from core.events import Metric
from core.ids import DeviceId
from core.localtime import from_ms
from core.text import Bilingual
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.sentences import clock, device_words, fact
from rules.watch import View

_SIGNALS = {
    Metric.SOS: Bilingual("求助", "a call for help"),
    Metric.SMOKE: Bilingual("烟雾报警", "smoke"),
    Metric.GAS: Bilingual("燃气报警", "gas"),
    Metric.CO: Bilingual("一氧化碳报警", "carbon monoxide"),
    Metric.WET: Bilingual("漏水", "a leak"),
    Metric.DEVICE_ALERT: Bilingual("有人跌倒", "a fall"),
}


def kind_of(detail: str) -> FindingKind:
    """Return the kind of what is told under a detail, "metric device"."""
    if detail.startswith(Metric.WET):
        return FindingKind.WATER_RUNNING
    return FindingKind.FALL if detail.startswith(Metric.DEVICE_ALERT) else FindingKind.EMERGENCY


def worded(told: Deadline, view: View, *, is_doubtful: bool) -> Deadline:
    """Return a signal in its own words; where `is_doubtful`, both what it states and that its clock may be wrong."""
    metric, _, device_id = told.detail.partition(" ")
    is_fall = told.what is FindingKind.FALL
    if not is_fall and not is_doubtful:
        return told  # the words of its kind
    device, since = view.devices.get(DeviceId(device_id)), clock(told.since_ms, view.tz)
    who = Bilingual("一个已移除的设备", "a device that was removed") if device is None else device_words(device)
    if not is_doubtful:
        return msgspec.structs.replace(
            told, sentence=Bilingual(f"{since}{who.zh}报告有人跌倒", f"{who.en} reports a fall at {since}")
        )
    what = _SIGNALS[Metric(metric)]
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
