"""Why a message was parked, in words for both readers; the remedy with it."""

from core.log import ParkReason
from core.text import Bilingual

PARK_WORDS: dict[str, Bilingual] = {
    ParkReason.UNDECODABLE: Bilingual("无法解析", "cannot be decoded"),
    ParkReason.UNKNOWN_TOPIC: Bilingual("主题不识别", "no convention speaks on this topic"),
    ParkReason.UNKNOWN_DEVICE: Bilingual("设备未登记", "the device is not registered"),
    ParkReason.REJECTED_DEVICE: Bilingual("设备已拒收", "the device was rejected"),
    ParkReason.UNKNOWN_UNIT: Bilingual("单位不明", "nobody stated the unit"),
    ParkReason.UNKNOWN_MEANING: Bilingual("含义不明", "nobody stated the meaning"),
    ParkReason.ABSURD_VALUE: Bilingual("数值不合理", "the value cannot be true"),
    ParkReason.ABSURD_TIME: Bilingual("时间不合理", "the time cannot be true"),
    ParkReason.TOO_LARGE: Bilingual("消息过大", "the message is too large"),
}

PARK_REMEDIES: dict[str, Bilingual] = {
    ParkReason.UNDECODABLE: Bilingual(
        "检查设备固件与格式；指标的名称见 docs/operations.md 词汇 Vocabulary",
        "check the device's firmware and format; the names of metrics are in docs/operations.md, Vocabulary",
    ),
    ParkReason.UNKNOWN_TOPIC: Bilingual(
        "检查主题前缀，或在 mqtt_topics 中增加", "check the topic's prefix, or add it to mqtt_topics"
    ),
    ParkReason.UNKNOWN_DEVICE: Bilingual(
        "在待认领设备中认领或拒收", "adopt or reject the device in the devices' inbox"
    ),
    ParkReason.REJECTED_DEVICE: Bilingual("无需处理；可重新认领", "nothing to do; it can still be adopted"),
    ParkReason.UNKNOWN_UNIT: Bilingual("在安装记录中写明单位", "write the unit into the install record"),
    ParkReason.UNKNOWN_MEANING: Bilingual("在安装记录中写明含义", "write the meaning into the install record"),
    ParkReason.ABSURD_VALUE: Bilingual("检查传感器与倍率", "check the sensor and its multiplier"),
    ParkReason.ABSURD_TIME: Bilingual("校正设备时钟", "set the device's clock"),
    ParkReason.TOO_LARGE: Bilingual("传感器不会发送这么大的消息", "no sensor sends messages as large"),
}
