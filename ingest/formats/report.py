"""What a vendor's definition or dump yields, property by property, and why the rest is none; reads, stores nothing."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import cast

import msgspec

from core.log import ParkReason
from ingest.formats.json_body import JsonObject, inner_list, inner_object, inner_text
from ingest.formats.learned import Learned
from ingest.formats.meaning import Installed
from ingest.formats.shelly import Shelly
from ingest.formats.shelly_components import UNREAD, is_read, kind_of
from ingest.formats.zigbee2mqtt_exposes import Expose, Property, Verdict, properties_of
from ingest.raw import Message, UnreadableError

_DEVICE = "report"
_ANSWERS = re.compile(r"(config|getdeviceinfo|listmethods|getcomponents|shelly\.json|_success|_failure)$")
_STATED = "needs a word of the install record"


class Yielded(msgspec.Struct, frozen=True):
    """One definition or dump: what is read, what is read past and for which reason, what nobody can explain."""

    name: str
    read: tuple[str, ...] = ()
    past: dict[str, str] = {}  # property -> reason
    unexplained: tuple[str, ...] = ()

    def reasons(self) -> Counter[str]:
        """Return how many properties are read past for each reason."""
        return Counter(self.past.values())


def yielded(record: JsonObject) -> Yielded:
    """Return what one line of a vendor file yields; raises UnreadableError when it is neither kind that we know."""
    if isinstance(record.get("exposes"), list):
        return _of_zigbee(record)
    if isinstance(record.get("src"), str) and "payload" in record:
        return _of_shelly(inner_text(record, "src"), inner_object(record, "payload"))
    raise UnreadableError(ParkReason.UNDECODABLE, "neither Zigbee2MQTT exposes nor a Shelly dump")


def _of_zigbee(record: JsonObject) -> Yielded:
    try:
        exposes = msgspec.convert(record["exposes"], list[Expose])
    except (msgspec.ValidationError, RecursionError) as error:
        raise UnreadableError(ParkReason.UNDECODABLE, f"exposes: {error}") from error
    properties = properties_of(exposes)
    return Yielded(
        name=f"{inner_text(record, 'vendor')} {inner_text(record, 'model')}".strip(),
        read=tuple(_shown(one) for one in properties if one.is_read),
        past={one.name: one.verdict.value for one in properties if not one.is_read},
        unexplained=tuple(one.name for one in properties if one.verdict is Verdict.UNEXPLAINED),
    )


def _shown(one: Property) -> str:
    note = "" if one.verdict is Verdict.READ else f" ({one.verdict.value})"
    return f"{one.name}→{one.metric.value}{note}"


def _of_shelly(source: str, payload: JsonObject) -> Yielded:
    if "gen1" in source or "settings" in payload:
        return Yielded(source, past={"*": "Gen1: speaks other topics, not those of Gen2 and later"})
    components = dict(_components(source, payload))
    if not components:
        is_known = _ANSWERS.search(source.lower()) is not None
        past = dict.fromkeys(payload, "settings and answers" if is_known else "")
        return Yielded(source, past=past, unexplained=() if is_known else tuple(payload))
    shelly = Shelly(Installed(lambda _address: {}), Learned())
    read: list[str] = []
    past: dict[str, str] = {}
    for one in _described(payload):
        shelly.decode(_message(_DEVICE + "/rpc", {"src": _DEVICE, "result": {"components": [one]}}))
    for name, status in components.items():
        if not is_read(name):
            past[name] = UNREAD.get(kind_of(name), "")
            continue
        try:
            found = shelly.decode(_message(f"{_DEVICE}/status/{name}", status))
        except UnreadableError as error:
            past[name] = _STATED if error.reason is ParkReason.UNKNOWN_MEANING else error.detail
            continue
        read += [f"{name}→{one.metric.value}" for one in found]
        if not found:
            past[name] = _STATED if kind_of(name) == "input" else "nothing measured"
    return Yielded(source, tuple(read), past, tuple(name for name, reason in past.items() if not reason))


def _components(source: str, payload: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield each component's status, from a whole status, a list of components or one component's answer."""
    alone = source.rpartition("/")[2].lower()
    if alone.endswith(".getstatus") and alone != "shelly.getstatus":
        yield f"{alone.removesuffix('.getstatus')}:{payload.get('id', 0)}", payload
        return
    status = inner_object(payload, "status") or (payload if alone == "shelly.getstatus" else {})
    for name, one in status.items():
        yield name, cast("JsonObject", one) if isinstance(one, dict) else {}
    for one in _described(payload):
        yield inner_text(one, "key"), inner_object(one, "status")


def _described(payload: JsonObject) -> Iterable[JsonObject]:
    return [cast("JsonObject", one) for one in inner_list(payload, "components") if isinstance(one, dict)]


def _message(topic: str, body: object) -> Message:
    return Message(topic, msgspec.json.encode(body), retain=False, received_at_ms=0)
