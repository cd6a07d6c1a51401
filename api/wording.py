"""The console's words for codes, in both languages; refuses to leave a code without words (a test walks them)."""

from collections.abc import Mapping
from typing import Any

from alerts.attempts import SHOWN
from alerts.model import AlertState, AttemptState, CallPurpose, Outcome
from alerts.outcome_words import OUTCOME_WORDS
from alerts.service_subjects import subject_of
from alerts.story import SHOWN_TEXT_WORDS, SHOWN_WORDS
from api.home_views import Presence
from api.ledger_wording import LEDGER_WORDS
from api.views import DueStatus
from core.park_words import PARK_WORDS
from core.text import Bilingual
from registry.devices import InboxState
from registry.homes import ContactRole, DeviceRole, SuspensionReason
from registry.people import Tier
from rules.grading import Grade
from rules.home_mode import HomeMode
from rules.kind_words import KIND_WORDS
from visits.annex2 import VisitKind
from visits.model import ContactClass, Met, Obligation, Visit

WORDS: dict[str, Mapping[Any, Bilingual]] = {
    **LEDGER_WORDS,
    "priority": {
        "P0": Bilingual("危及生命", "life hazard"),
        "P1": Bilingual("疑似失能", "suspected incapacity"),
        "P2": Bilingual("财产或生活隐患", "hazard of property or welfare"),
        "P3": Bilingual("技术问题", "technical"),
    },
    "state": {
        AlertState.OPEN: Bilingual("新报警", "open"),
        AlertState.ASKING_RESIDENT: Bilingual("正在询问老人", "asking the resident"),
        AlertState.CALLING_CONTACTS: Bilingual("正在呼叫联系人", "calling contacts"),
        AlertState.ACKNOWLEDGED: Bilingual("已接警，未确认平安", "acknowledged, not yet safe"),
        AlertState.CLOSED: Bilingual("已结束", "closed"),
        AlertState.WITHDRAWN: Bilingual("已撤回", "withdrawn"),
    },
    "kind": KIND_WORDS,
    "attempt": {
        SHOWN: SHOWN_WORDS,
        AttemptState.NEW: Bilingual("等待呼叫", "waiting"),
        AttemptState.CLAIMED: Bilingual("正在发出", "being sent"),
        AttemptState.SUBMITTED: Bilingual("已发出", "sent"),
        AttemptState.UNKNOWN: Bilingual("结果不明，正在查询", "outcome unknown, being looked up"),
        AttemptState.RINGING: Bilingual("振铃中", "ringing"),
        AttemptState.ANSWERED: Bilingual("通话中", "answered"),
        AttemptState.ACKED: Bilingual("已按键接警", "pressed a key and took it"),
        AttemptState.DECLINED: Bilingual("不能前往", "cannot go"),
        AttemptState.DELIVERED: Bilingual("已送达", "delivered"),
        AttemptState.NO_ANSWER: Bilingual("无人接听", "no answer"),
        AttemptState.BUSY: Bilingual("忙线", "busy"),
        AttemptState.FAILED: Bilingual("失败", "failed"),
        AttemptState.CANCELED: Bilingual("已取消", "cancelled"),
    },
    "outcome": OUTCOME_WORDS,
    "role": {
        "resident": Bilingual("老人本人", "resident"),
        ContactRole.FAMILY: Bilingual("家属", "family"),
        ContactRole.NEIGHBOUR: Bilingual("邻居", "neighbour"),
        ContactRole.GRID_WORKER: Bilingual("网格员", "grid worker"),
        ContactRole.DUTY: Bilingual("值班员", "duty desk"),
        ContactRole.SUPERVISOR: Bilingual("主管", "supervisor"),
    },
    "channel": {
        "": Bilingual("未定", "not chosen yet"),
        "console": Bilingual("值班台", "duty board"),
        "twilio_voice": Bilingual("语音电话", "voice call"),
        "twilio_sms": Bilingual("短信", "text message"),
        "aliyun_voice": Bilingual("境内语音电话", "mainland voice call"),
        "aliyun_sms": Bilingual("境内短信", "mainland text message"),
        "webhook": Bilingual("对接系统", "other system"),
        "apprise": Bilingual("群消息", "group message"),
    },
    "presence": {
        Presence.HOME: Bilingual("在家", "home"),
        Presence.AWAY: Bilingual("外出", "away"),
        Presence.UNKNOWN: Bilingual("不明", "unknown"),
    },
    "mode": {
        HomeMode.HOME: Bilingual("在家", "home"),
        HomeMode.AWAY: Bilingual("外出", "away"),
        HomeMode.ASLEEP: Bilingual("可能睡着", "probably asleep"),
        HomeMode.VISITOR: Bilingual("可能有访客", "perhaps a visitor"),
        HomeMode.SUSPENDED: Bilingual("暂停看护", "suspended"),
        HomeMode.OFFLINE: Bilingual("失察", "offline: cannot be seen"),
        HomeMode.DEGRADED: Bilingual("设备异常", "degraded: a device is silent or at fault"),
        HomeMode.TEST: Bilingual("设备测试中", "under test"),
    },
    "reason": {
        SuspensionReason.HOSPITAL: Bilingual("住院", "in hospital"),
        SuspensionReason.WITH_FAMILY: Bilingual("在子女家", "with family"),
        SuspensionReason.HOLIDAY: Bilingual("外出度假", "on holiday"),
        SuspensionReason.MOVED: Bilingual("已搬走", "moved away"),
        SuspensionReason.DIED: Bilingual("已去世", "died"),
        SuspensionReason.OTHER: Bilingual("其他原因", "another reason"),
    },
    "grade": {
        Grade.A: Bilingual("动手", "a hand did it"),
        Grade.B: Bilingual("走动", "somebody moved"),
        Grade.C: Bilingual("轻微动静", "moved, perhaps in bed"),
        Grade.D: Bilingual("旁证", "a hint"),
        Grade.NONE: Bilingual("无", "nothing"),
    },
    "device": {
        DeviceRole.INTERIOR_MOTION: Bilingual("活动传感器", "motion sensor"),
        DeviceRole.BED_MOTION: Bilingual("床边传感器", "bed sensor"),
        DeviceRole.BATHROOM_MOTION: Bilingual("卫生间传感器", "bathroom motion"),
        DeviceRole.OUTSIDE_DOOR: Bilingual("大门门磁", "front door contact"),
        DeviceRole.OUTSIDE_DOOR_MOTION: Bilingual("门口活动传感器", "entryway motion"),
        DeviceRole.INTERIOR_DOOR: Bilingual("室内门磁", "inside door contact"),
        DeviceRole.WATER_METER: Bilingual("水表", "water meter"),
        DeviceRole.POWER_METER: Bilingual("电表", "electricity meter"),
        DeviceRole.APPLIANCE: Bilingual("电器插座", "appliance plug"),
        DeviceRole.LEAK: Bilingual("漏水传感器", "leak sensor"),
        DeviceRole.SMOKE_GAS_CO: Bilingual("烟感、燃气", "smoke, gas, CO"),
        DeviceRole.SOS_BUTTON: Bilingual("求助按钮", "SOS button"),
        DeviceRole.CLIMATE: Bilingual("温湿度计", "thermometer"),
        DeviceRole.GATEWAY: Bilingual("网关", "gateway"),
    },
    "parked": PARK_WORDS,
    "inbox": {
        InboxState.WAITING: Bilingual("待认领", "waiting"),
        InboxState.ADOPTED: Bilingual("已认领", "adopted"),
        InboxState.REJECTED: Bilingual("已拒收", "rejected"),
    },
    "tier": {
        Tier.KEY: Bilingual("重点对象", "key person"),
        Tier.GENERAL: Bilingual("一般对象", "general"),
    },
    "contact_class": {
        ContactClass.C1_HOME: Bilingual("上门见面", "home visit"),
        ContactClass.C2_PHONE: Bilingual("电话通话", "phone conversation"),
        ContactClass.C3_VIDEO: Bilingual("视频通话", "video conversation"),
        ContactClass.C4A_REMOTE_CONFIRMED_CALL: Bilingual("远程确认（按键）", "remote, confirmed by key"),
        ContactClass.C4B_REMOTE_CONFIRMED_MONTH: Bilingual("远程监测（整月）", "remote, a monitored month"),
        ContactClass.C5_REMOTE_RAW: Bilingual("自动监测、处置或其他方式", "monitoring, handling or other means"),
        ContactClass.C6_ATTEMPT: Bilingual("未联系上", "attempt only"),
        ContactClass.C7_COLLATERAL: Bilingual("他人转告", "word from somebody else"),
    },
    "obligation": {
        Obligation.KEY_HALFMONTH: Bilingual("重点对象每半月上门", "key: home visit each half month"),
        Obligation.GEN_MONTH: Bilingual("一般对象每月探访", "general: a contact each month"),
        Obligation.SPECIAL: Bilingual("特殊时段增加探访", "special period: a contact more"),
        Obligation.LEDGER_6M: Bilingual("半年更新登记表", "half-yearly update of annex 1"),
        Obligation.FOLLOW_UP: Bilingual("跟踪回访", "follow-up"),
        Obligation.MONTHLY_RATE: Bilingual("月探访率", "monthly rate"),
    },
    "due": {
        DueStatus.SATISFIED: Bilingual("已完成", "done"),
        DueStatus.OPEN: Bilingual("待完成", "still to do"),
        DueStatus.OVERDUE: Bilingual("逾期", "overdue"),
        DueStatus.NOT_REQUIRED: Bilingual("不计", "not required"),
    },
}

RESIDENT_KEYS = {"1": Bilingual("我平安", "I am well")}

CONTACT_KEYS = {
    "1": Bilingual("我去看", "I am going"),
    "2": Bilingual("我去不了", "I cannot"),
    "3": Bilingual("已与本人通话，平安", "I spoke to them, they are well"),
}


SERVICE_KEYS = {"1": Bilingual("我来处理", "I deal with it"), "2": Bilingual("我处理不了", "I cannot")}

_KEYS = {
    CallPurpose.ASK_RESIDENT: RESIDENT_KEYS,
    CallPurpose.ASK_CONTACT: CONTACT_KEYS,
    CallPurpose.ASK_SERVICE: SERVICE_KEYS,
}


def said(group: str, code: str) -> Bilingual:
    """Return the words for a code; a code nobody worded is shown as it is."""
    return WORDS[group].get(code, Bilingual(code, code))


def class_words(visit: Visit) -> Bilingual:
    """Return the words of a record's class; what only stands as an attempt though it met the person says just that."""
    if visit.contact_class is not ContactClass.C6_ATTEMPT or visit.met is not Met.PERSON:
        return said("contact_class", visit.contact_class)
    if not visit.is_registered_visitor:
        return Bilingual("据报已联系到本人，探访人员未登记", "contact reported, the visitor is not registered")
    if visit.form is not None and visit.form.kind is VisitKind.HOME:
        return Bilingual("据报已上门见到本人，记录表未填完", "home visit reported, form incomplete")
    return Bilingual("据报已联系到本人，记录表未填完", "contact reported, form incomplete")


def keys_of(purpose: CallPurpose) -> dict[str, Bilingual]:
    """Return what each key means in a script; 0 (repeat) is left out, a clerk repeats by speaking."""
    return _KEYS[purpose]


def keys_in(home_id: str, purpose: CallPurpose) -> dict[str, Bilingual]:
    """Return what each key means in the call of an alert; of the service's own alerts there is nobody to speak to."""
    return keys_of(purpose) if subject_of(home_id) is None else SERVICE_KEYS


def outcome_said(home_id: str, outcome: Outcome) -> Bilingual:
    """Return the words for an outcome of an alert."""
    is_service_done = outcome is Outcome.TECHNICAL_FIXED and subject_of(home_id) is not None
    return Bilingual("已处理", "dealt with") if is_service_done else said("outcome", outcome)


def attempt_said(state: str, *, is_call: bool) -> Bilingual:
    """Return how an attempt stands; a text that only the board shows asks nobody to ring."""
    return SHOWN_TEXT_WORDS if state == SHOWN and not is_call else said("attempt", state)


def key_said(purpose: CallPurpose | None, digits: str) -> Bilingual:
    """Return what a pressed key meant, or the key itself when it means nothing."""
    known = keys_of(purpose) if purpose else {}
    return known.get(digits, Bilingual(f"按键 {digits}", f"key {digits}"))
