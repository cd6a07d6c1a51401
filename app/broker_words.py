"""What a nats-server has written into its folder: its port, why it does not start, how it ended; reads files only."""

import re
from pathlib import Path

from app.broker_users import LOG_FILE

STARTUP_FILE = "startup.log"
"""What it says before it has its own log, and when its runtime breaks."""

_LISTENING = re.compile(r"Listening for MQTT clients on mqtts?://\S+:(\d+)")


def listening_port(folder: Path) -> int | None:
    """Return the MQTT port on which it says that it listens."""
    found = _LISTENING.search(text_of(folder / LOG_FILE))
    return None if found is None else int(found[1])


def last_words(folder: Path) -> str:
    """Return its last fault, or its last line; for whoever starts it: a line may name a topic."""
    lines = _lines(folder)
    faults = [line for line in lines if "[FTL]" in line or "[ERR]" in line]
    return (faults or lines or ["it said nothing"])[-1]


def grave_word(folder: Path) -> str:
    """Return the first line of what ended it, which names no topic; empty when it could not say."""
    grave = (line for line in _lines(folder) if "[FTL]" in line or line.startswith(("panic:", "fatal error:")))
    return next(grave, "")


def text_of(path: Path) -> str:
    """Return what stands in a file, nothing where there is none."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _lines(folder: Path) -> list[str]:
    return (text_of(folder / LOG_FILE) + text_of(folder / STARTUP_FILE)).strip().splitlines()
