"""From a condition that holds to a finding with its evidence, and back when it no longer holds; judges nothing."""

from typing import NamedTuple

import msgspec

from core.ids import DeviceId
from core.text import Bilingual
from rules.findings import Evidence, Finding, FindingKind, Priority, finding_id
from rules.state import Sign, Watch
from rules.wording import clearing_sentence, fact_of, sentence_of, sign_text


class Due(NamedTuple):
    """A condition and the exact instant at which it becomes a finding; they sort by that instant."""

    at_ms: int
    priority: Priority
    kind: FindingKind
    since_ms: int
    detail: str = ""  # tells two of one kind in one home apart
    device_id: DeviceId | None = None

    @property
    def key(self) -> str:
        """What is open at most once in a home."""
        return open_key(self.kind, self.detail)


def open_key(kind: FindingKind, detail: str = "") -> str:
    """Return the key under which a finding stays open."""
    return f"{kind}:{detail}"


def report(watch: Watch, due: Due, *, stays_open: bool = True) -> Finding:
    """Return the finding of a condition that holds, and remember it as open until `clear`."""
    home = watch.home
    fact = Evidence(due.since_ms, due.device_id, "fact", fact_of(watch, due.kind, due.since_ms, due.device_id))
    finding = Finding(
        id=finding_id(home.id, due.kind, due.since_ms, due.detail),
        home_id=home.id,
        kind=due.kind,
        priority=due.priority,
        at_ms=due.at_ms,
        since_ms=due.since_ms,
        evidence=(fact, *(_evidence(watch, sign) for sign in reversed(watch.state.signs))),
        sentence=sentence_of(watch, due.kind, due.at_ms, due.since_ms, due.device_id),
    )
    if stays_open:
        watch.state.open[due.key] = finding
    return finding


def clear(watch: Watch, key: str, at_ms: int, sign: Sign | None = None, *, clears_alert: bool = False) -> Finding:
    """Return an open finding again as one that no longer holds; it is forgotten. KeyError when it is not open."""
    return cleared(watch, watch.state.open.pop(key), at_ms, sign, clears_alert=clears_alert)


def cleared(
    watch: Watch, finding: Finding, at_ms: int, sign: Sign | None = None, *, clears_alert: bool = False
) -> Finding:
    """Return the finding as cleared on the log's clock, with the sign that cleared it first among its evidence."""
    proof = () if sign is None else (_evidence(watch, sign),)
    return msgspec.structs.replace(
        finding,
        at_ms=at_ms,
        is_cleared=True,
        clears_alert=clears_alert,
        evidence=(*proof, *finding.evidence),
        sentence=clearing_sentence(watch, finding.kind, at_ms, None if sign is None else sign.device_id),
    )


def _evidence(watch: Watch, sign: Sign) -> Evidence:
    text: Bilingual = sign_text(watch, sign)
    return Evidence(sign.at_ms, sign.device_id, sign.grade.value, text)
