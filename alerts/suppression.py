"""Why somebody was not told: a value with a reason, an end and what would end it; every one is in an alert's story."""

from enum import StrEnum

import msgspec

from core.text import Bilingual
from rules.findings import FindingKind, Priority


class SuppressionKind(StrEnum):
    """The five reasons for not telling somebody now."""

    SILENCE = "silence"  # a person asked for it, for a while
    INCIDENT = "incident"  # the fault of a whole village explains it
    ANSWERED = "answered"  # a human has told how the person is, in this very silence
    THROTTLE = "throttle"  # this number has been rung or written to often enough
    QUIET_HOURS = "quiet_hours"  # it is technical and waits for the morning


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was not done. `by`: a contact, or "silence:", "incident:" or "answer:" and an id."""

    kind: SuppressionKind
    by: str
    reason: Bilingual
    until_ms: int | None  # None: nobody knows; `ends_with` says what it takes
    ends_with: Bilingual


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A finding of an alert that nobody is told of for now. It carries no words: those stand sealed in the story."""

    finding_kind: FindingKind
    priority: Priority
    by: str
    until_ms: int | None  # of a silence; None: looked at again every RECHECK_MS


RECHECK_MS = 600_000
"""A held alert is judged again at least every ten minutes, so that a lost word of the incident's end loses nobody."""
