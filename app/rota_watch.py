"""Looks for gaps of the duty rota and tells each once; remembers what was told across restarts."""

import msgspec

from alerts.canary import CANARY_HOME
from alerts.service_findings import gap_finding, gap_sentence
from app.desk_service import DeskService
from core.text import Bilingual
from registry.homes import ContactRole
from registry.rota_gaps import Gap, gaps_ahead, told
from store.truth.database import Truth

LOOK_EVERY_MS = 60_000
"""A minute late is nothing against the day that a gap is found ahead."""

_KNOWN = "rota_gaps"
_GAPS = msgspec.json.Decoder(tuple[Gap, ...])


class RotaWatch:
    """Used by one thread at a time (the desk's)."""

    def __init__(self, truth: Truth, desk: DeskService) -> None:
        self._truth = truth
        self._desk = desk
        self.gaps = 0
        self._notices: list[str] = []

    def look(self, now_ms: int) -> None:
        """Tell gaps that are new and gaps that are over; blocking."""
        with self._truth.view() as unit:
            rota = unit.rota.current()
            bad_numbers = {one.phone for one in rota.staff if unit.numbers.get(one.phone).is_bounced}
            blob = unit.cursors.blob(_KNOWN)
            has_desk = any(line.role is ContactRole.DUTY for line in rota.lines)
            unattended = 0 if has_desk else unit.rota.homes_without_duty(but=CANARY_HOME)
        known = () if blob is None else _GAPS.decode(blob)
        seen = told(known, gaps_ahead(rota, now_ms, bad_numbers))
        gaps = [str(gap_sentence(gap, rota.zone_name)) for gap in seen.known]
        self.gaps, self._notices = len(gaps), [*([str(_nobody(unattended))] if unattended else []), *gaps]
        if seen.known == known:
            return
        findings = [gap_finding(gap, rota.zone_name, now_ms=now_ms) for gap in seen.new]
        findings += [gap_finding(gap, rota.zone_name, now_ms=now_ms, is_over=True) for gap in seen.over]
        # told before remembered: a kill between the two tells them again, and a finding is taken once
        self._desk.take_findings(findings)
        with self._truth.transaction() as unit:
            unit.cursors.set_blob(_KNOWN, msgspec.json.encode(seen.known))

    def notices(self) -> list[str]:
        """Return that there is no rota, and the gaps that are known, for the board."""
        return list(self._notices)


def _nobody(homes: int) -> Bilingual:
    return Bilingual(
        f"{homes}户无人值班：没有值班表，也没有登记的值班电话；按 docs/operations.md 的“Duty rota”写 rota.toml 并导入："
        "shouwang rota import rota.toml",
        f"{homes} homes have nobody on duty: there is no rota of the duty desk and no registered duty contact; write "
        "rota.toml as docs/operations.md shows under Duty rota, then: shouwang rota import rota.toml",
    )
