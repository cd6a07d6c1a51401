"""A register over a truth database, with a clock that a test moves."""

from datetime import date

from ledger_kit import CHILD, FORM

from app.register import Register, Who
from core.clock import ManualClock
from core.localtime import DAY_MS
from registry.annex1 import Annex1
from registry.commands import Activate, SetContacts
from store.cipher import FieldCipher
from store.truth.database import Truth

NOW_MS = 1_709_000_000_000  # 2024-02-27 10:13:20 in Shanghai
ZHANG = Who("account:zhang", "入户调查")
GRID = "shuren/qiaotou/g3"


class RegisterRoom:
    """One data directory's register."""

    def __init__(self, folder) -> None:
        self.clock = ManualClock(NOW_MS)
        self.path = folder / "truth.sqlite"
        self.truth = Truth(self.path, FieldCipher(b"k" * 32))
        self.register = Register(self.truth, self.clock, "Asia/Shanghai")

    def file(self, form: Annex1 = FORM, area: str = GRID):
        return self.register.create(form, area, ZHANG)

    def do(self, filed, command, who: Who = ZHANG):
        return self.register.change(filed.person.id, command, filed.entry.version, who)

    def serve(self, form: Annex1 = FORM):
        """File somebody and begin service."""
        known = self.do(self.file(form), SetContacts(first_contact=CHILD))
        return self.do(known, Activate(on=date(2024, 2, 27)))

    def pass_days(self, days: int) -> None:
        self.clock.advance_to_ms(self.clock.now_ms() + days * DAY_MS)

    def actions(self, subject: str = "") -> list[str]:
        """Return what the chain says was done, the oldest first."""
        with self.truth.view() as unit:
            return [row.action for row in reversed(unit.audit.list(subject=subject, limit=1000))]

    def close(self) -> None:
        self.truth.close()
