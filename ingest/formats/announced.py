"""Topics that devices announce and that no filter of ours covers: heard one by one, up to a limit."""

from collections.abc import Sequence

from paho.mqtt.client import topic_matches_sub

MAX_ANNOUNCED = 1_000
"""A town's boxes with topics of their own; a broker compares each message with every filter."""

MAX_TOPIC_CHARS = 300

_NOT_TO_BE_HEARD = ("$", "shouwang/")
"""The broker's own topics and the service's: whoever announces them would have us hear ourselves."""


class Announced:
    """What to listen to beside the filters. One thread changes it; `topics` may be read by any."""

    def __init__(self, filters: Sequence[str], limit: int = MAX_ANNOUNCED) -> None:
        self._filters = filters
        self._limit = limit
        self.topics: tuple[str, ...] = ()

    def hear(self, topic: str) -> str:
        """Listen to a topic from now on; return why that cannot be, empty when it is heard."""
        if topic in self.topics or any(topic_matches_sub(wanted, topic) for wanted in self._filters):
            return ""
        if len(topic) > MAX_TOPIC_CHARS or topic.startswith(_NOT_TO_BE_HEARD) or not topic or {"+", "#"} & {*topic}:
            return f"nobody listens to {topic:.100}: it is no topic of a device"
        if len(self.topics) >= self._limit:
            return (
                f"nobody listens to {topic:.100}: {self._limit} topics are announced already;"
                " add a filter for it to mqtt_topics"
            )
        self.topics = (*self.topics, topic)
        return ""

    def drop(self, topic: str) -> None:
        """Listen no more to a topic that no device announces any more."""
        if topic in self.topics:
            self.topics = tuple(one for one in self.topics if one != topic)
