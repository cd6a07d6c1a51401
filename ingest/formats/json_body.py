"""JSON of strangers: an object, a list or a scalar; too deep, too large or not JSON at all is refused, never raised."""

from typing import cast

import msgspec

from core.log import ParkReason
from ingest.raw import UnreadableError

JsonObject = dict[str, object]

_decode = msgspec.json.Decoder().decode


def json_of(payload: bytes) -> object:
    """Return what the payload holds; raises UnreadableError(UNDECODABLE)."""
    try:
        return _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(ParkReason.UNDECODABLE, f"not JSON: {error}") from error
    except RecursionError as error:
        raise UnreadableError(ParkReason.UNDECODABLE, "JSON nested too deeply") from error


def object_of(payload: bytes) -> JsonObject:
    """Return the object that the payload holds; raises UnreadableError(UNDECODABLE)."""
    body = json_of(payload)
    if not isinstance(body, dict):
        raise UnreadableError(ParkReason.UNDECODABLE, "expected an object")
    return cast("JsonObject", body)


def inner_object(fields: JsonObject, name: str) -> JsonObject:
    """Return the object that a field holds, or an empty one."""
    value = fields.get(name)
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def inner_list(fields: JsonObject, name: str) -> list[object]:
    """Return the list that a field holds, or an empty one."""
    value = fields.get(name)
    return cast("list[object]", value) if isinstance(value, list) else []


def inner_text(fields: JsonObject, name: str) -> str:
    """Return the text that a field holds, or an empty one."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def text_of(payload: bytes) -> str:
    """Return a bare value's text; raises UnreadableError(UNDECODABLE)."""
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError(ParkReason.UNDECODABLE, "not UTF-8") from error
