"""The pages and the API over a real ledger of a few people, with a form as a browser and a program send it."""

from concurrent.futures import ThreadPoolExecutor

from annex2_kit import home_form
from api_console import Desk
from ledger_town import LedgerTown

from api.ledger_forms import FormIn
from app.ledger_console import LedgerConsole

SECRET = "0123456789abcdef"
HOME = {
    name: str(getattr(home_form(), name))
    for name in FormIn.model_fields
    if hasattr(home_form(), name) and name not in {"needs", "is_annex1_confirmed"}
}
VISIT = {**HOME, "person_id": "p1", "started_at": "2024-02-03T10:00", "met": "person"}


class LedgerOffice:
    """One application, in the time of its town."""

    def __init__(self, folder) -> None:
        self.town = LedgerTown(folder)
        self.threads = ThreadPoolExecutor(2)
        self.ledger = LedgerConsole(self.town.book, self.threads, weather_secret=SECRET)
        self.desk = Desk(clock=self.town.clock, ledger=self.ledger, **self.more_ports(folder))

    def more_ports(self, folder) -> dict[str, object]:  # noqa: ARG002 - some put files there
        """Return what stands beside the ledger."""
        return {}

    def close(self) -> None:
        self.threads.shutdown()
        self.town.truth.close()
