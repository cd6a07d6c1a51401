"""A readable line for everything that happens in a simulation: time, home, what; Chinese and English."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from alerts.model import TraceLine
from core.ids import AlertId
from core.localtime import from_ms
from store.truth.database import Truth

EVIDENCE_SHOWN = 3
MARKS = {
    "opened": "🔔",
    "finding_joined": "🔔",
    "calling": "📞",
    "key_pressed": "🔢",
    "acknowledged": "🤝",
    "closed": "✅",
    "withdrawn": "↩ ",
    "visit_logged": "📒",
}


class Feed:
    """Prints the stories of alerts as they are written."""

    def __init__(self, truth: Truth, tz: ZoneInfo, show: Callable[[str], None]) -> None:
        self._truth = truth
        self._tz = tz
        self._show = show
        self._homes: dict[AlertId, str] = {}

    def tell(self, lines: Sequence[TraceLine]) -> None:
        """Show story lines; an opened alert with the evidence it rests on."""
        for line in lines:
            at = from_ms(line.at_ms, self._tz).strftime("%m-%d %H:%M:%S")
            self._show(f"{at}  {self._home(line.alert_id):<6} {MARKS.get(line.what, '  ')} {line.text}")
            if line.what == "opened":
                self._show_evidence(line.alert_id)

    def _home(self, alert_id: AlertId) -> str:
        if alert_id not in self._homes:
            with self._truth.view() as unit:
                alert = unit.alerts.get(alert_id)
            self._homes[alert_id] = str(alert.home_id) if alert is not None else "?"
        return self._homes[alert_id]

    def _show_evidence(self, alert_id: AlertId) -> None:
        with self._truth.view() as unit:
            evidence = [one for finding in unit.alerts.findings(alert_id) for one in finding.evidence]
        for one in evidence[-EVIDENCE_SHOWN:]:
            self._show(f"{'':<24} 依据 evidence: {one.text}")
