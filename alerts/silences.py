"""Silences: somebody's word that of a home, an area or a kind nobody is told for a while; never of a life hazard."""

import msgspec

from core.errors import ConfigurationError, ConflictError
from core.localtime import DAY_MS, HOUR_MS
from rules.findings import FindingKind, Priority

LONGEST_HOME_MS = 14 * DAY_MS
"""One home: a stay in hospital or a rebuilt kitchen; whoever needs longer looks again after two weeks."""

LONGEST_MANY_MS = 24 * HOUR_MS
"""An area or everybody: announced work on the grid or the network is done within a day, or somebody looks again."""

REASON_MAX = 300


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """One silence. Of home and area at most one is given; neither means everybody and then needs kinds."""

    id: str
    home_id: str = ""
    area: str = ""  # the area and all below it
    kinds: tuple[FindingKind, ...] = ()  # empty: all kinds
    from_ms: int
    until_ms: int
    author: str
    reason: str
    ended_at_ms: int | None = None  # before its time
    ended_by: str = ""

    def is_active_at(self, at_ms: int) -> bool:
        """Return whether it holds at a moment; at `until_ms` it has ended."""
        return self.from_ms <= at_ms < self.until_ms and (self.ended_at_ms is None or at_ms < self.ended_at_ms)

    def is_about(self, home_id: str, area: str) -> bool:
        """Return whether it is for a home."""
        is_area = not self.area or area == self.area or area.startswith(f"{self.area}/")
        return self.home_id in {"", home_id} and is_area

    def quiets(self, kind: FindingKind, priority: Priority) -> bool:
        """Return whether nobody is told of such a finding; a life hazard always is."""
        return priority is not Priority.P0 and (not self.kinds or kind in self.kinds)


def checked(silence: Silence, now_ms: int) -> Silence:
    """Return a silence that may be taken; raises ConfigurationError naming the option and the remedy."""
    if silence.home_id and silence.area:
        _refuse("a home and an area at once", "--area", "name one of them")
    if not (silence.home_id or silence.area or silence.kinds):
        _refuse("a silence for everything everywhere", "--home", "name a home, an area or a kind of finding")
    if not silence.author.strip() or not silence.reason.strip():
        _refuse("a silence without author or reason", "--reason", "say who answers for it, and why")
    if len(silence.reason) > REASON_MAX:
        _refuse(f"a reason longer than {REASON_MAX} characters", "--reason", "say it in one sentence")
    if FindingKind.EMERGENCY in silence.kinds:
        _refuse("a life hazard cannot be silenced", "--finding", "repair or unregister the device instead")
    if silence.until_ms <= max(silence.from_ms, now_ms):
        _refuse("it would end before it begins", "--until", "name a later time")
    longest_ms = LONGEST_HOME_MS if silence.home_id else LONGEST_MANY_MS
    if silence.until_ms - silence.from_ms > longest_ms:
        what = "one home" if silence.home_id else "many homes"
        _refuse(
            f"longer than {longest_ms // HOUR_MS} h for {what}", "--until", "name an earlier end and look again then"
        )
    return silence


def ended(silence: Silence, who: str, now_ms: int) -> Silence:
    """Return the silence ended before its time; raises ConflictError when it is over already."""
    if silence.ended_at_ms is not None or now_ms >= silence.until_ms:
        raise ConflictError(f"the silence {silence.id} is over already")
    return msgspec.structs.replace(silence, ended_at_ms=now_ms, ended_by=who)


def _refuse(what: str, where: str, remedy: str) -> None:
    raise ConfigurationError(what, where=where, remedy=remedy)
