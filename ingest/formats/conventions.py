"""Every convention that we speak, in the order they are asked; each topic belongs to one, or to none."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from core.log import ParkReason
from ingest.formats import alink, home_assistant, homie, native, shelly, tasmota, zigbee2mqtt
from ingest.formats.alink import Alink
from ingest.formats.announced import MAX_ANNOUNCED, Announced
from ingest.formats.home_assistant import HomeAssistant
from ingest.formats.homie import Homie
from ingest.formats.learned import Learned
from ingest.formats.meaning import Installed, Records
from ingest.formats.native import Native
from ingest.formats.shelly import Shelly
from ingest.formats.tasmota import Tasmota
from ingest.formats.zigbee2mqtt import Zigbee2Mqtt
from ingest.raw import MAX_PAYLOAD_BYTES, Message, RawReading, UnreadableError


class Spoken(NamedTuple):
    """One convention in a line each: what to subscribe to, how its devices are addressed, where units come from."""

    name: str
    filters: tuple[str, ...]
    address: str
    units: str


SPOKEN = (
    Spoken("native, SenML packs", native.FILTERS, "care/<home>/<device>", "the metric's name; SenML's own"),
    Spoken("Zigbee2MQTT", zigbee2mqtt.FILTERS, "zigbee2mqtt/<friendly name>[/<property>]", "bridge/devices"),
    Spoken("Homie 5 and 4", homie.FILTERS, "homie/<device>[/<node>]", "$description; $unit"),
    Spoken(
        "Home Assistant discovery",
        home_assistant.FILTERS,
        "homeassistant/<device identifier>[/<unique id>]",
        "unit_of_measurement; further topics as the configs name them",
    ),
    Spoken("Tasmota", tasmota.FILTERS, "tasmota/<topic>[/<switch, counter or Zigbee name>]", "fixed; install record"),
    Spoken("Shelly Gen2 and later", shelly.FILTERS, "shelly/<topic prefix>[/<component:id>]", "fixed; BTHome objects"),
    Spoken("Aliyun Alink", alink.FILTERS, "alink/<product key>/<device name>[/<property>]", "install record"),
)
FILTERS: tuple[str, ...] = tuple(one for spoken in SPOKEN for one in spoken.filters)
"""What to subscribe to, so that every convention is heard."""


class Convention(Protocol):
    """One way to speak. Its definitions are its only state: the same messages in order give the same readings."""

    def speaks(self, topic: str) -> bool:
        """Return whether the topic belongs to this convention."""
        ...

    def decode(self, message: Message) -> tuple[RawReading, ...]:
        """Return the readings of one message, perhaps none. Raises UnreadableError and nothing else."""
        ...


class Conventions:
    """All of them behind one door; used by one thread."""

    def __init__(self, records: Records, topics: Sequence[str] = ("#",), max_announced: int = MAX_ANNOUNCED) -> None:
        """`topics` are the filters that somebody listens to: what discovery names beside them is `announced`."""
        installed = Installed(records)
        self.learned = Learned()
        self.announced = Announced(topics, max_announced)
        self.zigbee2mqtt = Zigbee2Mqtt(installed, self.learned)
        self.homie = Homie(installed, self.learned)
        self.shelly = Shelly(installed, self.learned)
        self.home_assistant = HomeAssistant(installed, self.learned, self.announced)
        self._by_root: dict[str, Convention] = {
            "care": Native(installed),
            zigbee2mqtt.BASE: self.zigbee2mqtt,
            homie.ROOT: self.homie,
            home_assistant.PREFIX: self.home_assistant,
        }
        # A topic whose shape is a maker's own comes before what discovery says of it; a mere ending comes after.
        self._others = (Tasmota(installed, self.learned), self.home_assistant, self.shelly, Alink(installed))

    def decode(self, message: Message) -> tuple[RawReading, ...]:
        """Return the readings of one message, perhaps none; raises UnreadableError and nothing else."""
        if len(message.payload) > MAX_PAYLOAD_BYTES:
            detail = f"{len(message.payload)} bytes; the limit is {MAX_PAYLOAD_BYTES}"
            raise UnreadableError(ParkReason.TOO_LARGE, detail)
        topic = message.topic
        convention = self._by_root.get(topic.partition("/")[0])
        if convention is not None and convention.speaks(topic):
            return convention.decode(message)
        for other in self._others:
            if other.speaks(topic):
                return other.decode(message)
        raise UnreadableError(ParkReason.UNKNOWN_TOPIC, "no convention that we speak uses this topic")
