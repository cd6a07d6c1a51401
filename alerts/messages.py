"""What is said on the phone and what a digit means; no name, address or diagnosis is ever said or sent."""

from collections.abc import Mapping

from alerts.attempts import CallNews
from alerts.model import AttemptState, CallPurpose
from core.text import Bilingual
from rules.findings import FindingKind

SMS_ALERT = "alert@1"
SMS_BUNDLE = "bundle@1"

KIND_WORDS = {
    FindingKind.INACTIVITY: Bilingual("长时间没有活动", "no activity for a long time"),
    FindingKind.NO_RETURN: Bilingual("外出很久未回", "out for a long time"),
    FindingKind.CAME_IN_SILENT: Bilingual("进门后没有动静", "the door moved and then nothing"),
    FindingKind.WATER_RUNNING: Bilingual("家中漏水或水一直在流", "water leaks or runs on"),
    FindingKind.DOOR_LEFT_OPEN: Bilingual("大门一直开着", "the front door stands open"),
    FindingKind.POWER_OUT: Bilingual("家中停电", "no electricity"),
    FindingKind.DEVICE_SILENT: Bilingual("设备失联", "a device is silent"),
    FindingKind.SENSOR_FAULT: Bilingual("传感器故障", "a sensor is at fault"),
    FindingKind.BATTERY_LOW: Bilingual("设备电量低", "a battery is low"),
    FindingKind.ROUTINE_CHANGED: Bilingual("作息有明显变化", "the routine has changed"),
    FindingKind.HOME_BLIND: Bilingual("看不到家中情况", "we cannot see the home"),
    FindingKind.WATER_BURST: Bilingual("用水量异常大，可能爆管", "far too much water, perhaps a burst pipe"),
    FindingKind.SLOW_LEAK: Bilingual("可能慢漏水", "perhaps a slow leak"),
    FindingKind.HIGH_WATER: Bilingual("日用水量很大", "very much water in a day"),
    FindingKind.LOW_WATER: Bilingual("几乎没有用水", "hardly any water used"),
    FindingKind.NO_DOOR_OPENING: Bilingual("大门久未开", "front door not opened"),
    FindingKind.NIGHT_OUT: Bilingual("夜间外出未归", "out at night"),
    FindingKind.BATHROOM_SILENCE: Bilingual("进卫生间后久无动静", "no sign of life since the bathroom"),
    FindingKind.STOVE_ON: Bilingual("可能忘关灶具或电器", "perhaps a stove left on"),
    FindingKind.HEATER_ON: Bilingual("取暖电器整夜开着", "a heater on all night"),
    FindingKind.COLD_HOME: Bilingual("室温过低", "the home is too cold"),
    FindingKind.HOT_HOME: Bilingual("室温过高", "the home is too hot"),
    FindingKind.LOW_ACTIVITY: Bilingual("活动明显减少", "far less activity than usual"),
    FindingKind.NIGHT_TOILET: Bilingual("夜间如厕增多", "more visits to the toilet at night"),
    FindingKind.METER_FAULT: Bilingual("水表异常", "a water meter fault"),
    FindingKind.INFRASTRUCTURE: Bilingual("多户同时失联", "many homes silent at once"),
    FindingKind.FALL: Bilingual("设备报告有人跌倒", "a device reports a fall"),
    FindingKind.EMERGENCY: Bilingual("紧急报警", "an emergency signal"),
    FindingKind.CONTACT_UNREACHABLE: Bilingual("没有可拨通的联系人", "no contact who can be rung"),
    FindingKind.ROTA_GAP: Bilingual("值班表有空档", "a gap in the duty rota"),
    FindingKind.CANARY_SILENT: Bilingual("每日测试报警未接通", "the daily test alarm did not ring"),
    FindingKind.STORAGE_TROUBLE: Bilingual("数据存储有故障", "trouble with data storage"),
    FindingKind.SERVICE_DEAF: Bilingual("系统收不到任何住户的消息", "the service hears no home"),
}

_SCRIPTS = {
    CallPurpose.ASK_RESIDENT: Bilingual(
        "您好，这里是守望值班室。您还好吗？如果您一切都好，请按1。",
        "Hello, this is the Shouwang duty desk. If you are well, press 1.",
    ),
    CallPurpose.ASK_CONTACT: Bilingual(
        "您好，这里是守望值班室。您联系的老人家中有警报：{kind}。现在就去看望请按1；去不了请按2；已经和老人通话、一切都好请按3；重听请按0。",
        "This is the Shouwang duty desk. An alert at the home you look after: {kind}. "
        "I am going: 1. I cannot: 2. I spoke to them and they are well: 3. Repeat: 0.",
    ),
    CallPurpose.ASK_SERVICE: Bilingual(
        "您好，这里是守望系统。系统自身有故障：{kind}。请马上登录值班台查看。您来处理请按1；现在处理不了请按2；重听请按0。",
        "This is the Shouwang service. The service itself is in trouble: {kind}. Look at the duty board now. "
        "I see to it: 1. I cannot: 2. Repeat: 0.",
    ),
}

_WITHOUT_KEYS = {
    CallPurpose.ASK_RESIDENT: Bilingual(
        "您好，这里是守望值班室。想确认您是否平安。这次通话按键无效。请{ring_back}，值班员也会再打给您。",
        "Hello, this is the Shouwang duty desk. Are you well? No key can be pressed in this call. "
        "Please {ring_back}; the desk will ring you too.",
    ),
    CallPurpose.ASK_CONTACT: Bilingual(
        "您好，这里是守望值班室。您联系的老人家中有警报：{kind}。这次通话按键无效，没有人会因此算作接警。请马上{ring_back}，由值班员确认。",
        "This is the Shouwang duty desk. An alert at the home you look after: {kind}. No key can be pressed in this "
        "call, and it counts as nobody's answer. {ring_back} now: the desk confirms.",
    ),
    CallPurpose.ASK_SERVICE: Bilingual(
        "您好，这里是守望系统。系统自身有故障：{kind}。这次通话按键无效。请马上登录值班台查看。",
        "This is the Shouwang service. The service itself is in trouble: {kind}. No key can be pressed in this call. "
        "Look at the duty board now.",
    ),
}

_TEMPLATES = {
    SMS_ALERT: "【守望】编号{number}的警报等待处理，请接听来电或回电值班室。",
    SMS_BUNDLE: "【守望】有{count}项设备或技术事项待处理，请登录值班台查看。",
}

_THANKS = {
    (CallPurpose.ASK_RESIDENT, "1"): Bilingual("好的，谢谢您，祝您平安。", "Thank you. Take care."),
    (CallPurpose.ASK_CONTACT, "1"): Bilingual(
        "谢谢。请尽快前往，到达后请告诉值班室。", "Thank you. Go now, and tell the desk what you find."
    ),
    (CallPurpose.ASK_CONTACT, "2"): Bilingual("明白，我们联系下一位。", "Understood, we ring the next person."),
    (CallPurpose.ASK_CONTACT, "33"): Bilingual("谢谢，已经记录。", "Thank you, it is on record."),
    (CallPurpose.ASK_SERVICE, "1"): Bilingual(
        "谢谢。处理完后请在值班台结案。", "Thank you. Close it on the board when it is dealt with."
    ),
    (CallPurpose.ASK_SERVICE, "2"): Bilingual("明白，我们联系下一位。", "Understood, we ring the next person."),
}

CONFIRM_SPOKEN = Bilingual(
    "如果您确实已和老人本人通话，请再按一次3。", "If you spoke to the person yourself, press 3 again."
)

MORE_FOUND = Bilingual("刚才又有新的情况，请再听一遍。", "More has been found just now, please listen again. ")
"""Said before a script that is read once more: the key that was pressed answered only what had been told."""

_KEY_PRESSED = Bilingual("按了键", "a key was pressed")
_KEYS = {
    (CallPurpose.ASK_RESIDENT, "1"): AttemptState.ACKED,
    (CallPurpose.ASK_CONTACT, "1"): AttemptState.ACKED,
    (CallPurpose.ASK_CONTACT, "2"): AttemptState.DECLINED,
    (CallPurpose.ASK_CONTACT, "33"): AttemptState.ACKED,
    (CallPurpose.ASK_SERVICE, "1"): AttemptState.ACKED,
    (CallPurpose.ASK_SERVICE, "2"): AttemptState.DECLINED,
}
"""A digit means one thing in one script; "33" is a 3 that was confirmed by a second one."""


def call_script(purpose: CallPurpose, kinds: tuple[FindingKind, ...]) -> Bilingual:
    """Return what a call reads out."""
    words = [KIND_WORDS[kind] for kind in kinds]
    kind = Bilingual("、".join(word.zh for word in words), ", ".join(word.en for word in words))
    script = _SCRIPTS[purpose]
    return Bilingual(script.zh.format(kind=kind.zh), script.en.format(kind=kind.en))


def call_variables(kinds: tuple[FindingKind, ...]) -> dict[str, str]:
    """Return what a provider's approved text is filled with."""
    return {"kind": "、".join(KIND_WORDS[kind].zh for kind in kinds)}


def script_without_keys(purpose: CallPurpose, kinds: tuple[FindingKind, ...], desk_number: str) -> Bilingual:
    """Return what a call says when the provider cannot reach us: no key can be pressed, they are asked to ring back."""
    words = [KIND_WORDS[kind] for kind in kinds]
    digits = " ".join(desk_number.removeprefix("+"))  # read out one by one
    zh_back, en_back = (f"回电 {digits}", f"ring {digits}") if digits else ("回电值班室", "ring the duty desk")
    script = _WITHOUT_KEYS[purpose]
    return Bilingual(
        script.zh.format(kind="、".join(word.zh for word in words), ring_back=zh_back),
        script.en.format(kind=", ".join(word.en for word in words), ring_back=en_back),
    )


def thanks_for(purpose: CallPurpose, digits: str) -> Bilingual | None:
    """Return what is said after a key, or None for a key that means nothing here: the script is read again."""
    return _THANKS.get((purpose, digits))


def key_news(
    purpose: CallPurpose, digits: str, at_ms: int, *, entered_by: str = "", told_version: int | None = None
) -> CallNews | None:
    """Return what a pressed key does to its attempt; None for a key that means nothing in this script.

    `entered_by` is the account that was told the key and entered it, where nobody pressed it in a call;
    `told_version` that of the alert which they heard or saw.
    """
    state = _KEYS.get((purpose, digits))
    if state is None:
        return None
    by_desk = Bilingual(f"值班台代按，帐号 {entered_by}", f"entered on the duty board by {entered_by}")
    detail = str(by_desk if entered_by else _KEY_PRESSED)
    return CallNews(
        state=state, at_ms=at_ms, digits=digits, detail=detail, entered_by=entered_by, told_version=told_version
    )


def sms_text(template: str, variables: Mapping[str, str]) -> str:
    """Return the text of an approved template; raises KeyError for a template that nobody approved."""
    return _TEMPLATES[template].format(**variables)
