"""The console's words for codes, in both languages; refuses to leave a code without words (a test walks them)."""

from alerts.model import AlertState, AttemptState, CallPurpose, Outcome
from api.views import DueStatus, Presence
from core.text import Bilingual
from registry.homes import ContactRole
from registry.people import Tier
from rules.findings import FindingKind
from visits.model import ContactClass, Obligation

WORDS: dict[str, dict[str, Bilingual]] = {
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
    "kind": {
        FindingKind.INACTIVITY: Bilingual("长时间无活动", "no sign of life"),
        FindingKind.NO_RETURN: Bilingual("外出未归", "has not come back"),
        FindingKind.CAME_IN_SILENT: Bilingual("进门后无动静", "came in, then silent"),
        FindingKind.WATER_RUNNING: Bilingual("持续用水", "water keeps running"),
        FindingKind.DOOR_LEFT_OPEN: Bilingual("门未关", "door left open"),
        FindingKind.POWER_OUT: Bilingual("停电", "power out"),
        FindingKind.DEVICE_SILENT: Bilingual("设备失联", "device silent"),
        FindingKind.SENSOR_FAULT: Bilingual("传感器故障", "sensor fault"),
        FindingKind.BATTERY_LOW: Bilingual("电量低", "battery low"),
        FindingKind.ROUTINE_CHANGED: Bilingual("作息变化", "routine changed"),
        FindingKind.HOME_BLIND: Bilingual("住所失察", "home is blind"),
        FindingKind.WATER_BURST: Bilingual("疑似爆管", "burst pipe"),
        FindingKind.SLOW_LEAK: Bilingual("疑似慢漏", "slow leak"),
        FindingKind.HIGH_WATER: Bilingual("用水过多", "high water use"),
        FindingKind.LOW_WATER: Bilingual("用水过少", "low water use"),
        FindingKind.NIGHT_OUT: Bilingual("夜间外出", "out at night"),
        FindingKind.BATHROOM_SILENCE: Bilingual("卫生间久无动静", "silence in the bathroom"),
        FindingKind.STOVE_ON: Bilingual("灶具未关", "stove left on"),
        FindingKind.HEATER_ON: Bilingual("夜间大功率电器", "heater at night"),
        FindingKind.COLD_HOME: Bilingual("室温过低", "cold home"),
        FindingKind.HOT_HOME: Bilingual("室温过高", "hot home"),
        FindingKind.LOW_ACTIVITY: Bilingual("活动减少", "low activity"),
        FindingKind.NIGHT_TOILET: Bilingual("夜间如厕增多", "toilet at night"),
        FindingKind.METER_FAULT: Bilingual("水表异常", "water meter fault"),
        FindingKind.INFRASTRUCTURE: Bilingual("大范围故障", "infrastructure fault"),
        FindingKind.EMERGENCY: Bilingual("紧急报警", "emergency"),
        FindingKind.CONTACT_UNREACHABLE: Bilingual("联系人失联", "no reachable contact"),
        FindingKind.ROTA_GAP: Bilingual("值班表空档", "rota gap"),
        FindingKind.CANARY_SILENT: Bilingual("测试报警未接通", "test alarm failed"),
    },
    "attempt": {
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
    "outcome": {
        Outcome.WELL_CONFIRMED_BY_RESIDENT: Bilingual("本人确认平安", "the resident said they are well"),
        Outcome.WELL_SPOKEN_TO: Bilingual("已通话，平安", "spoken to, well"),
        Outcome.SEEN_WELL: Bilingual("已见面，平安", "seen, well"),
        Outcome.HELPED_AT_HOME: Bilingual("已上门帮助", "helped at home"),
        Outcome.TAKEN_TO_HOSPITAL: Bilingual("已送医", "taken to hospital"),
        Outcome.FOUND_DEAD: Bilingual("发现已去世", "found dead"),
        Outcome.AWAY_CONFIRMED: Bilingual("确认外出", "confirmed away"),
        Outcome.HAZARD_REMOVED: Bilingual("隐患已排除", "hazard removed"),
        Outcome.TECHNICAL_FIXED: Bilingual("技术问题已修复", "technical fault fixed"),
        Outcome.FALSE_SENSOR_FAULT: Bilingual("误报：设备故障", "false: sensor fault"),
        Outcome.FALSE_ROUTINE_CHANGED: Bilingual("误报：作息改变", "false: routine changed"),
        Outcome.FALSE_VISITOR: Bilingual("误报：有访客", "false: a visitor"),
        Outcome.FALSE_OTHER: Bilingual("误报：其他", "false: other"),
    },
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
        "console": Bilingual("人工拨打", "rung by hand"),
        "twilio_voice": Bilingual("语音电话", "voice call"),
        "twilio_sms": Bilingual("短信", "text message"),
    },
    "presence": {
        Presence.HOME: Bilingual("在家", "home"),
        Presence.AWAY: Bilingual("外出", "away"),
        Presence.UNKNOWN: Bilingual("不明", "unknown"),
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
        ContactClass.C5_REMOTE_RAW: Bilingual("自动监测", "automatic monitoring"),
        ContactClass.C6_ATTEMPT: Bilingual("未联系上", "attempt only"),
        ContactClass.C7_COLLATERAL: Bilingual("他人转告", "word from somebody else"),
    },
    "obligation": {
        Obligation.KEY_HALFMONTH: Bilingual("重点对象每半月上门", "key: home visit each half month"),
        Obligation.GEN_MONTH: Bilingual("一般对象每月探访", "general: a contact each month"),
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


def said(group: str, code: str) -> Bilingual:
    """Return the words for a code; a code nobody worded is shown as it is."""
    return WORDS[group].get(code, Bilingual(code, code))


def keys_of(purpose: CallPurpose) -> dict[str, Bilingual]:
    """Return what each key means in a script; 0 (repeat) is left out, a clerk repeats by speaking."""
    return RESIDENT_KEYS if purpose is CallPurpose.ASK_RESIDENT else CONTACT_KEYS


def key_said(purpose: CallPurpose | None, digits: str) -> Bilingual:
    """Return what a pressed key meant, or the key itself when it means nothing."""
    known = keys_of(purpose) if purpose else {}
    return known.get(digits, Bilingual(f"按键 {digits}", f"key {digits}"))
