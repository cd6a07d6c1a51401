"""What is said of a home or device that cannot be heard: since when, from when that was counted, what goes with it."""

import msgspec

from core.ids import DeviceId
from rules import device_silence
from rules.deadlines import Deadline
from rules.sentences import clock, fact
from rules.watch import View


def explained_blindness(view: View, deadline: Deadline) -> Deadline:
    """Say when the home was last heard, and why it counts as blind from `since_ms`."""
    state, since = view.state, clock(deadline.since_ms, view.tz)
    heard_ms = max(state.heard_ms.values(), default=None)
    gone_ms = min(state.offline_ms.values(), default=None)
    beats = view.parameters.missed_heartbeats
    if heard_ms is None:
        last_zh, last_en = "从未收到过消息", "nothing was ever heard"
    else:
        last = clock(heard_ms, view.tz)
        last_zh, last_en = f"最后一次消息在{last}", f"last heard at {last}"
    if gone_ms is not None and gone_ms <= deadline.since_ms:
        why_zh, why_en = "网关报告离线", "the gateway's last will"
    else:
        why_zh, why_en = f"第{beats}次心跳未到", f"heartbeat {beats} missed"
    told = fact(
        deadline.since_ms if heard_ms is None else heard_ms,
        f"{last_zh}；自{since}起计为失察（{why_zh}）",
        f"{last_en}; counted as blind from {since} ({why_en})",
    )
    return msgspec.structs.replace(deadline, facts=(*deadline.facts, told))


def explained_silence(view: View, deadline: Deadline) -> Deadline:
    """Say of a device that is found silent what cannot be heard either; asked once it comes true, not at each look."""
    behind = device_silence.behind(view.state, view.home, view.devices[DeviceId(deadline.detail)])
    return msgspec.structs.replace(deadline, facts=(*behind, *deadline.facts))
