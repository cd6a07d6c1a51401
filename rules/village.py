"""Many homes of one village in the dark at once are one fault of network, server or grid; judges no home."""

import msgspec

from core.ids import FindingId, HomeId
from core.localtime import MINUTE_MS, zone
from core.text import Bilingual
from registry.homes import DeviceRole, Home
from rules.findings import Evidence, Finding, FindingKind, Priority, finding_id
from rules.sentences import clock, fact
from rules.state import HomeState

TOGETHER_MS = 5 * MINUTE_MS
BLIND_HOMES = 3
DARK_HOMES = 2
"""So many homes without mains within five minutes are the grid, not a fuse."""

HOMES_TOLD = 20
"""As many are named as evidence; the console lists the homes that are blind."""

AREA_PREFIX = "area:"
BLIND, MAINS = "blind", "mains"

HELD = {
    BLIND: frozenset({FindingKind.DEVICE_SILENT, FindingKind.HOME_BLIND}),
    MAINS: frozenset({FindingKind.POWER_OUT}),
}
"""What a home's own findings say of the same fault; they are told, and name the incident that explains them."""


class Onset(msgspec.Struct, array_like=True, frozen=True):
    """When a home was struck: some time between its last word and the next one that did not come."""

    home_id: HomeId
    from_ms: int
    until_ms: int


class Incident(msgspec.Struct):
    """One infrastructure finding that holds, and the homes that it still explains."""

    finding: Finding
    from_ms: int
    until_ms: int
    homes: list[HomeId]


class Village(msgspec.Struct):
    """The homes that are in the dark, by "what area", and the incidents under way; plain data, in the snapshot."""

    onsets: dict[str, list[Onset]] = {}
    incidents: dict[str, Incident] = {}

    def follow(self, home: Home, before: tuple[bool, bool], state: HomeState, at_ms: int) -> tuple[Finding, ...]:
        """Take in that a home went dark or came back; return what that makes of its village."""
        found: tuple[Finding, ...] = ()
        for what, was, now in zip((BLIND, MAINS), before, troubles_of(state), strict=True):
            if was == now:
                continue
            key = f"{what} {village_of(home)}"
            found += self._struck(key, home, state, at_ms) if now else self._recovered(key, home, at_ms)
        return found

    def held(self, finding: Finding, home: Home) -> Finding:
        """Return a home's own finding with the incident that explains it; a cut of the grid rings once."""
        for what, kinds in HELD.items():
            if finding.kind not in kinds or finding.is_cleared:
                continue
            incident = self.incidents.get(f"{what} {village_of(home)}")
            if incident is not None and home.id in incident.homes:
                priority = Priority.P3 if what == MAINS else finding.priority
                return msgspec.structs.replace(finding, held_by=incident.finding.id, priority=priority)
        return finding

    def forget(self, home_id: HomeId) -> None:
        """Leave out a home that is watched over no more."""
        for key, onsets in list(self.onsets.items()):
            self.onsets[key] = [one for one in onsets if one.home_id != home_id]
        for incident in self.incidents.values():
            incident.homes = [one for one in incident.homes if one != home_id]

    def _struck(self, key: str, home: Home, state: HomeState, at_ms: int) -> tuple[Finding, ...]:
        onset = _onset_of(key, home, state, at_ms)
        incident = self.incidents.get(key)
        if incident is not None and _is_together(onset, incident):
            incident.homes.append(home.id)
            return ()
        onsets = self.onsets.setdefault(key, [])
        onsets.append(onset)
        together = [other for other in onsets if _is_together(onset, other)]
        if incident is not None or len(together) < (BLIND_HOMES if key.startswith(BLIND) else DARK_HOMES):
            return ()
        self.onsets[key] = [other for other in onsets if other not in together]
        finding = _finding_of(key, together, home, at_ms)
        begin_ms, end_ms = min(one.from_ms for one in together), max(one.until_ms for one in together)
        self.incidents[key] = Incident(finding, begin_ms, end_ms, [one.home_id for one in together])
        return (finding,)

    def _recovered(self, key: str, home: Home, at_ms: int) -> tuple[Finding, ...]:
        left = [one for one in self.onsets.get(key, ()) if one.home_id != home.id]
        self.onsets[key] = left
        if not left:
            del self.onsets[key]
        incident = self.incidents.get(key)
        if incident is None or home.id not in incident.homes:
            return ()
        incident.homes.remove(home.id)
        if len(incident.homes) > 1:
            return ()
        del self.incidents[key]  # whoever is left has a fault of their own
        told = incident.finding
        return (
            msgspec.structs.replace(
                told,
                id=end_of(told),
                at_ms=at_ms,
                evidence=(),
                sentence=Bilingual("大范围故障已恢复", "the infrastructure works again"),
                is_cleared=True,
                takes_back=told.id,
                clears_alert=True,
            ),
        )


def end_of(incident: Finding) -> FindingId:
    """Return the id of the finding that takes an incident back."""
    area = incident.home_id.removeprefix(AREA_PREFIX)
    key = next((f"{what} {area}" for what in (BLIND, MAINS) if incident.id == _id_of(incident, f"{what} {area}")), area)
    return _id_of(incident, f"{key} cleared")


def _id_of(incident: Finding, detail: str) -> FindingId:
    return finding_id(incident.home_id, incident.kind, incident.since_ms, detail)


def village_of(home: Home) -> str:
    """Return the village of a home: the first two parts of its area, e.g. "shuren/qiaotou"."""
    return "/".join(home.area.split("/")[:2])


def troubles_of(state: HomeState) -> tuple[bool, bool]:
    """Return whether the home is blind for a reason of its own, and whether it is without mains."""
    is_blind = state.is_blind if state.deaf.from_ms is None else state.deaf.was_blind
    return is_blind, state.mains.out_ms is not None


def _onset_of(key: str, home: Home, state: HomeState, at_ms: int) -> Onset:
    if key.startswith(MAINS):
        out_ms = state.mains.out_ms or at_ms
        return Onset(home.id, out_ms, out_ms)
    if state.offline_ms:
        gone_ms = min(state.offline_ms.values())
        return Onset(home.id, gone_ms, gone_ms)
    beating = [device for device in home.devices if device.heartbeat_ms]
    gateways = [device for device in beating if device.role is DeviceRole.GATEWAY]
    beat_ms = min((device.heartbeat_ms or 0 for device in gateways or beating), default=0)
    heard_ms = max(state.heard_ms.values(), default=state.started_ms)
    return Onset(home.id, heard_ms, heard_ms + beat_ms)


def _is_together(onset: Onset, other: Onset | Incident) -> bool:
    return other.from_ms <= onset.until_ms + TOGETHER_MS and onset.from_ms <= other.until_ms + TOGETHER_MS


def _finding_of(key: str, together: list[Onset], home: Home, at_ms: int) -> Finding:
    what, _, area = key.partition(" ")
    since_ms, tz, count = min(one.from_ms for one in together), zone(home.zone_name), len(together)
    since = clock(since_ms, tz)
    if what == MAINS:
        sentence = Bilingual(
            f"{area}有{count}户在5分钟内同时停电（{since}起）：可能是电网停电",
            f"{count} homes of {area} lost electricity within 5 minutes ({since}): probably the grid",
        )
    else:
        sentence = Bilingual(
            f"{area}有{count}户同时失联（{since}起）：可能是网络、平台或停电，这些住户目前都看不到",
            f"{count} homes of {area} fell silent together ({since}): network, server or grid; none can be seen",
        )
    evidence: tuple[Evidence, ...] = tuple(
        fact(
            one.from_ms, f"住户{one.home_id}：{clock(one.from_ms, tz)}", f"home {one.home_id}: {clock(one.from_ms, tz)}"
        )
        for one in together[:HOMES_TOLD]
    )
    area_id = HomeId(f"{AREA_PREFIX}{area}")
    return Finding(
        id=finding_id(area_id, FindingKind.INFRASTRUCTURE, since_ms, key),
        home_id=area_id,
        kind=FindingKind.INFRASTRUCTURE,
        priority=Priority.P2,
        at_ms=at_ms,
        since_ms=since_ms,
        evidence=evidence,
        sentence=sentence,
    )
