"""Reads the TwiML a service answers with, as a phone network would; knows the verbs this service may use, no others."""

from xml.etree import ElementTree as ET

import msgspec


class ScriptError(ValueError):
    """Not TwiML, or a verb this network does not know."""


class Verb(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do on an answered call: "say", "gather", "redirect" or "hangup"."""

    name: str
    said: tuple[str, ...] = ()
    action: str = ""  # where a key or a redirect goes
    key_wait_s: float = 5.0  # Twilio's own default


def read_script(text: str) -> list[Verb]:
    """Return the verbs in order; raises ScriptError."""
    try:
        root = ET.fromstring(text)  # noqa: S314 - it reads the answer of the service it plays the network for
    except ET.ParseError as error:
        raise ScriptError(f"this is not XML: {error}") from error
    if root.tag != "Response":
        raise ScriptError(f"TwiML begins with Response, not {root.tag}")
    return [_verb(element) for element in root if element.tag != "Pause"]


def _verb(element: ET.Element) -> Verb:
    match element.tag:
        case "Say":
            return Verb(name="say", said=(_text(element),))
        case "Gather":
            said = tuple(_text(inner) for inner in element if inner.tag == "Say")
            wait_s = float(element.get("timeout", "5"))
            return Verb(name="gather", said=said, action=element.get("action", ""), key_wait_s=wait_s)
        case "Redirect":
            return Verb(name="redirect", action=_text(element))
        case "Hangup":
            return Verb(name="hangup")
        case other:
            raise ScriptError(f"this network does not know the verb {other}")


def _text(element: ET.Element) -> str:
    return (element.text or "").strip()
