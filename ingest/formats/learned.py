"""Messages that say how others are to be read, noted as they come, so that somebody can keep them over a restart."""

from ingest.raw import Message
from registry.devices import MAX_TEXT_CHARS, Identity

Changes = dict[str, tuple[str, bytes]]
"""By key: topic and payload of a definition; an empty payload says that it is gone."""


MAX_IDENTITIES = 200_000
"""Devices that say what they are: a county's homes with twenty each."""


class Learned:
    """What was learned since it was last taken; a definition that says the same again is no change."""

    def __init__(self) -> None:
        self.identities: dict[str, Identity] = {}  # by address; read by other threads, one device at a time
        self._known: dict[str, int] = {}  # as many as the conventions themselves remember
        self._changes: Changes = {}

    def note(self, message: Message, key: str = "") -> None:
        """Note a definition; `key` where one topic carries the definitions of several devices."""
        key = key or message.topic
        digest = hash(message.payload)
        if message.payload and self._known.get(key) == digest:
            return
        if message.payload:
            self._known[key] = digest
        else:
            self._known.pop(key, None)
        self._changes[key] = (message.topic, message.payload)

    def introduce(self, address: str, model: object, maker: object, firmware: object) -> None:
        """Note what a device says of itself; what is no text, or is left out, says nothing."""
        told = [text.strip()[:MAX_TEXT_CHARS] if isinstance(text, str) else "" for text in (model, maker, firmware)]
        if any(told) and (address in self.identities or len(self.identities) < MAX_IDENTITIES):
            self.identities[address] = Identity(*told)

    def take(self) -> Changes:
        """Return what is new and forget that it is."""
        taken, self._changes = self._changes, {}
        return taken
