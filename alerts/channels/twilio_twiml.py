"""What a phone is told to say and to listen for, as TwiML; it knows no words of its own."""

# pyright: reportUnknownMemberType=false
# (this part of the SDK has no types)

from collections.abc import Sequence

from twilio.twiml.voice_response import Gather, VoiceResponse

CHINESE = "zh-CN"
ENGLISH = "en-US"

VOICES = {CHINESE: "Polly.Zhiyu-Neural", ENGLISH: "Polly.Joanna-Neural"}

KEY_WAIT_S = 8
"""An older person needs time to take the phone from the ear and find the key."""

READINGS = 2
"""The script is read again once when no key came; a third time is only voicemail being recorded."""

Line = tuple[str, str]
"""(language, text)."""


def call_script(
    lines: Sequence[Line], gather_url: str, *, key_wait_s: int = KEY_WAIT_S, readings: int = READINGS
) -> str:
    """Return TwiML that reads the lines, waits for one key each time, and hangs up when none came."""
    response = VoiceResponse()
    for _ in range(readings):
        gather = Gather(num_digits=1, input="dtmf", timeout=key_wait_s, action=gather_url, method="POST")
        _say(gather, lines)
        response.append(gather)
    response.hangup()
    return str(response)


def message_script(lines: Sequence[Line], *, readings: int = READINGS) -> str:
    """Return TwiML that reads the lines and hangs up; it needs no callback, and no key can be pressed."""
    response = VoiceResponse()
    for number in range(readings):
        if number:
            response.pause(length=1)
        _say(response, lines)
    response.hangup()
    return str(response)


def farewell(*lines: Line) -> str:
    """Return TwiML that says the lines and hangs up."""
    response = VoiceResponse()
    _say(response, lines)
    response.hangup()
    return str(response)


def _say(verb: Gather | VoiceResponse, lines: Sequence[Line]) -> None:
    for language, text in lines:
        verb.say(_spoken(text), voice=VOICES.get(language), language=language)


def _spoken(text: str) -> str:
    # XML has no way to write control characters; one in a name would make the whole script unreadable
    return "".join(char for char in text if char.isprintable() or char in "\n\t")
