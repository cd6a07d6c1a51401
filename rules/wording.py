"""What findings say, one sentence in each language; names devices and hours, never a person."""

from core.events import Metric
from core.ids import DeviceId
from core.localtime import HOUR_MS, MINUTE_MS, from_ms, zone
from core.text import Bilingual
from registry.homes import DeviceRole
from rules.findings import FindingKind
from rules.state import Sign, Watch

_ROLES = {
    DeviceRole.INTERIOR_MOTION: ("室内活动传感器", "room motion sensor"),
    DeviceRole.BED_MOTION: ("卧床活动传感器", "bed motion sensor"),
    DeviceRole.BATHROOM_MOTION: ("卫生间活动传感器", "bathroom motion sensor"),
    DeviceRole.OUTSIDE_DOOR: ("入户门", "outside door"),
    DeviceRole.OUTSIDE_DOOR_MOTION: ("门厅活动传感器", "entryway motion sensor"),
    DeviceRole.INTERIOR_DOOR: ("室内门或柜门", "interior door"),
    DeviceRole.WATER_METER: ("水表", "water meter"),
    DeviceRole.POWER_METER: ("电表", "power meter"),
    DeviceRole.APPLIANCE: ("电器", "appliance"),
    DeviceRole.LEAK: ("水浸传感器", "leak sensor"),
    DeviceRole.SMOKE_GAS_CO: ("烟雾或燃气报警器", "smoke or gas alarm"),
    DeviceRole.SOS_BUTTON: ("求助按钮", "SOS button"),
    DeviceRole.CLIMATE: ("温湿度传感器", "climate sensor"),
    DeviceRole.GATEWAY: ("网关", "gateway"),
}

_SIGNS = {
    Metric.MOTION: ("有活动", "motion"),
    Metric.PRESENCE: ("有人", "presence"),
    Metric.OPEN: ("门开或关", "door moved"),
    Metric.SOS: ("按下求助", "pressed"),
    Metric.WATER_TOTAL_L: ("用水", "water drawn"),
    Metric.WATER_FLOW_L_H: ("用水", "water drawn"),
    Metric.POWER_W: ("开电器", "switched on"),
}

_SENTENCES = {
    FindingKind.INACTIVITY: (
        "自 {since} 起已 {lasted} 没有任何活动迹象",
        "No sign of life since {since}, for {lasted_en}",
    ),
    FindingKind.NO_RETURN: (
        "{since} 出门后已 {lasted} 未归",
        "Went out at {since} and has not come back for {lasted_en}",
    ),
    FindingKind.WATER_RUNNING: (
        "{device}自 {since} 起报告有水在流（{lasted}）",
        "Water at the {device_en} since {since}, for {lasted_en}",
    ),
    FindingKind.DOOR_LEFT_OPEN: (
        "{device}自 {since} 起敞开已 {lasted}",
        "The {device_en} has stood open since {since}, for {lasted_en}",
    ),
    FindingKind.POWER_OUT: (
        "{device}自 {since} 起停电已 {lasted}",
        "No mains power at the {device_en} since {since}, for {lasted_en}",
    ),
    FindingKind.DEVICE_SILENT: (
        "{device}自 {since} 起失联已 {lasted}",
        "Nothing heard from the {device_en} since {since}, for {lasted_en}",
    ),
    FindingKind.HOME_BLIND: (
        "全部设备自 {since} 起失联已 {lasted}，无法判断老人情况，请电话或上门确认",
        "No device heard since {since}, for {lasted_en}: nobody can say how the resident is; ring or call round",
    ),
    FindingKind.EMERGENCY: ("{device}于 {since} 发出紧急报警", "Emergency from the {device_en} at {since}"),
}

_FACTS = {
    FindingKind.INACTIVITY: ("最后一次活动迹象", "last sign of life"),
    FindingKind.NO_RETURN: ("出门", "went out"),
    FindingKind.WATER_RUNNING: ("水开始流", "water began to run"),
    FindingKind.DOOR_LEFT_OPEN: ("门打开", "door opened"),
    FindingKind.POWER_OUT: ("停电开始", "mains went off"),
    FindingKind.DEVICE_SILENT: ("最后一次收到", "last heard"),
    FindingKind.HOME_BLIND: ("最后一次收到任一设备", "last heard from any device"),
    FindingKind.EMERGENCY: ("报警", "alarm"),
}

_CLEARINGS = {
    FindingKind.INACTIVITY: ("又有了活动迹象", "There is a sign of life again"),
    FindingKind.NO_RETURN: ("已回到家", "Back at home"),
    FindingKind.WATER_RUNNING: ("用水情况已解除", "The water no longer gives concern"),
    FindingKind.DOOR_LEFT_OPEN: ("门已关上", "The door is closed"),
    FindingKind.POWER_OUT: ("供电已恢复", "Mains power is back"),
    FindingKind.DEVICE_SILENT: ("设备恢复通信", "The device is heard again"),
    FindingKind.HOME_BLIND: ("恢复通信", "The home can be seen again"),
    FindingKind.EMERGENCY: ("报警器已停止报警", "The alarm has stopped sounding"),
}


def sentence_of(watch: Watch, kind: FindingKind, at_ms: int, since_ms: int, device_id: DeviceId | None) -> Bilingual:
    """Return the sentence of a finding; hours are the home's own."""
    device = device_name(watch, device_id)
    zh, en = lasting(at_ms - since_ms)
    words = {
        "since": local_hour(watch, since_ms),
        "lasted": zh,
        "lasted_en": en,
        "device": device.zh,
        "device_en": device.en,
    }
    said = _SENTENCES[kind]
    return Bilingual(said[0].format(**words), said[1].format(**words))


def fact_of(watch: Watch, kind: FindingKind, since_ms: int, device_id: DeviceId | None) -> Bilingual:
    """Return the line of evidence that says what a finding counts from."""
    zh, en = _FACTS[kind]
    hour = local_hour(watch, since_ms)
    device = device_name(watch, device_id)
    return Bilingual(f"{device.zh}：{zh}，{hour}", f"{device.en}: {en}, {hour}")


def clearing_sentence(watch: Watch, kind: FindingKind, at_ms: int, device_id: DeviceId | None) -> Bilingual:
    """Return the sentence that says a finding no longer holds."""
    zh, en = _CLEARINGS[kind]
    hour = local_hour(watch, at_ms)
    by = device_name(watch, device_id)
    return (
        Bilingual(f"{hour} {zh}", f"{en} at {hour}")
        if device_id is None
        else Bilingual(f"{hour} {zh}（{by.zh}）", f"{en} at {hour} ({by.en})")
    )


def sign_text(watch: Watch, sign: Sign) -> Bilingual:
    """Return a sign of life as a line of evidence: which device, what, when, how strong."""
    device = device_name(watch, sign.device_id)
    zh, en = _SIGNS.get(sign.metric, ("有信号", "signal"))
    hour = local_hour(watch, sign.at_ms)
    return Bilingual(
        f"{device.zh} {zh} {hour}（证据 {sign.grade.value}）", f"{device.en} {en} {hour} (grade {sign.grade.value})"
    )


def device_name(watch: Watch, device_id: DeviceId | None) -> Bilingual:
    """Return what a device is and where it hangs; the whole home for None."""
    device = None if device_id is None else watch.devices.get(device_id)
    if device is None:
        return Bilingual("家中", "home")
    zh, en = _ROLES[device.role]
    return Bilingual(f"{zh}（{device.room}）", f"{en} ({device.room})") if device.room else Bilingual(zh, en)


def local_hour(watch: Watch, at_ms: int) -> str:
    """Return month, day, hour and minute on the home's wall."""
    return from_ms(at_ms, zone(watch.home.zone_name)).strftime("%m-%d %H:%M")


def lasting(duration_ms: int) -> tuple[str, str]:
    """Return a duration in words of hours and minutes."""
    hours, rest_ms = divmod(max(0, duration_ms), HOUR_MS)
    minutes = rest_ms // MINUTE_MS
    if not hours:
        return f"{minutes} 分钟", f"{minutes} min"
    return (f"{hours} 小时 {minutes} 分钟", f"{hours} h {minutes} min") if minutes else (f"{hours} 小时", f"{hours} h")
