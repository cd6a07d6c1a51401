"""A parked message as people see it, on a page or a terminal."""

SHOWN_BYTES = 4_096
"""Of one on its own page: a sensor's message whole, the beginning of a bridge's list; the rest stays in the journal."""


def shown_payload(payload: bytes) -> tuple[str, bool]:
    """Return a payload as text where it is text that can be shown, otherwise in hexadecimal; and which it is."""
    text = payload.decode("utf-8", "replace").rstrip("\ufffd")  # a character may have been cut in half
    is_text = "\ufffd" not in text and all(char.isprintable() or char in "\t\r\n" for char in text)
    return (text, True) if is_text else (payload.hex(" "), False)
