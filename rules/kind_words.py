"""What each kind of finding is called, in the words of the duty desk; a test walks them, so that none is left out."""

from core.text import Bilingual
from rules.findings import FindingKind

KIND_WORDS: dict[str, Bilingual] = {
    FindingKind.INACTIVITY: Bilingual("长时间无活动", "no sign of life"),
    FindingKind.NO_RETURN: Bilingual("外出未归", "has not come back"),
    FindingKind.CAME_IN_SILENT: Bilingual("进门后无动静", "came in, then silent"),
    FindingKind.WATER_RUNNING: Bilingual("漏水或持续用水", "a leak, or water runs on"),  # a leak sensor's, too
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
    FindingKind.NO_DOOR_OPENING: Bilingual("大门久未开", "front door not opened"),
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
    FindingKind.FALL: Bilingual("疑似跌倒", "a fall is reported"),
    FindingKind.EMERGENCY: Bilingual("紧急报警", "emergency"),
    FindingKind.CONTACT_UNREACHABLE: Bilingual("联系人失联", "no reachable contact"),
    FindingKind.ROTA_GAP: Bilingual("值班表空档", "rota gap"),
    FindingKind.CANARY_SILENT: Bilingual("测试报警未接通", "test alarm failed"),
    FindingKind.STORAGE_TROUBLE: Bilingual("存储故障", "storage trouble"),
    FindingKind.SERVICE_DEAF: Bilingual("系统收不到消息", "service hears nothing"),
}
