"""Every convention that we speak, in the order they are asked; each topic belongs to one, or to none."""

from typing import Protocol

from core.log import ParkReason
from ingest.formats import alink, home_assistant, homie, native, shelly, tasmota, zigbee2mqtt
from ingest.formats.alink import Alink
from ingest.formats.home_assistant import HomeAssistant
from ingest.formats.homie import Homie
from ingest.formats.meaning import Installed, Records
from ingest.formats.native import Native
from ingest.formats.shelly import Shelly
from ingest.formats.tasmota import Tasmota
from ingest.formats.zigbee2mqtt import Zigbee2Mqtt
from ingest.raw import MAX_PAYLOAD_BYTES, Message, RawReading, UnreadableError

_SPOKEN = (native, zigbee2mqtt, homie, home_assistant, tasmota, shelly, alink)
FILTERS: tuple[str, ...] = tuple(one for module in _SPOKEN for one in module.FILTERS)
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

    def __init__(self, records: Records) -> None:
        installed = Installed(records)
        self.zigbee2mqtt = Zigbee2Mqtt(installed)
        self.homie = Homie(installed)
        self.shelly = Shelly(installed)
        self.home_assistant = HomeAssistant(installed)
        self._by_root: dict[str, Convention] = {
            "care": Native(),
            zigbee2mqtt.BASE: self.zigbee2mqtt,
            homie.ROOT: self.homie,
            home_assistant.PREFIX: self.home_assistant,
        }
        # A topic whose shape is a maker's own comes before what discovery says of it; a mere ending comes after.
        self._others = (Tasmota(installed), self.home_assistant, self.shelly, Alink(installed))

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
