"""Messages by a real committer into a real journal, and behind it the keeper of what was parked; no broker between."""

import threading

from ingest_kit import Gate

from app.device_inbox import DeviceInbox
from app.devices import DeviceDesk
from app.directory import RegistryDirectory
from app.parked_keeper import ParkedKeeper
from core.clock import ManualClock
from core.errors import BusyError
from core.ids import HomeId
from ingest.admission import DEDUPE_KEYS, Admission
from ingest.committer import Committer
from ingest.lanes import Batch, Lanes
from ingest.rereading import batch_of
from registry.devices import Adoption
from registry.homes import DeviceRole, Home
from store.cipher import FieldCipher
from store.journal import Journal
from store.parked import ParkedFile
from store.truth.database import Truth

NOW_MS = 1_790_000_000_000
WAIT_S = 30
PIR = "zigbee2mqtt/h1/pir"


class Wire:
    """Stands where a connection stands; tells that a message was acknowledged."""

    def __init__(self) -> None:
        self.acked = threading.Semaphore(0)

    def ack(self, packet_ids) -> bool:
        self.acked.release()
        return bool(packet_ids)


class BusyAtTimes:
    """The registry as ingest sees it: another program can hold the database, while others read it."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self.is_busy = False

    def view(self):
        if self.is_busy:
            raise BusyError("another program holds the database")
        return self._truth.view()


class Intake:
    """One home without devices, and everything from a frame to the registry."""

    def __init__(self, folder, now_ms: int = NOW_MS, look_again_s: float = 0.0) -> None:
        self.clock = ManualClock(now_ms)
        self.truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        with self.truth.transaction() as unit:
            if unit.people.home(HomeId("h1")) is None:
                unit.people.put_home(Home(id=HomeId("h1"), person_id=None, area="shuren/qiaotou"))
        self.journal = Journal(folder / "journal.sqlite")
        self.gate = Gate(self.journal)
        self.journal_path = folder / "journal.sqlite"
        self.parked = ParkedFile(self.journal_path)
        known = self.journal.recent_readings(DEDUPE_KEYS)
        self.registry = BusyAtTimes(self.truth)
        self.admission = Admission(RegistryDirectory(self.registry, look_again_s=look_again_s), known)
        self.desk = DeviceDesk(self.truth, self.clock)
        self._lanes = Lanes()
        self._lane = self._lanes.add(10_000)
        nothing = lambda _given: None  # noqa: E731
        self._committer = Committer(
            self._lanes, self.admission, self.gate, self.clock, on_committed=nothing, on_tick=nothing, linger_ms=0
        )
        self._thread = threading.Thread(target=self._committer.run, daemon=True)
        self._thread.start()
        self.keeper = self.new_keeper()

    def new_keeper(self, settle_wait_s: float = WAIT_S, **limits: int) -> ParkedKeeper:
        """Return another keeper of the same messages; `limits` are those of its inbox."""
        inbox = DeviceInbox(self.truth, self.parked, self.admission.conventions.learned.identities, **limits)
        return ParkedKeeper(self.truth, self.parked, inbox, self.put, self.clock, settle_wait_s=settle_wait_s)

    def put(self, messages, on_settled) -> None:
        self._lane.put(batch_of(messages, on_settled))

    def hear(self, topic: str, payload: bytes, *, at_ms: int | None = None, retain: bool = False) -> None:
        """Take a message in and return once it is durable."""
        wire = Wire()
        received_ms = self.clock.now_ms() if at_ms is None else at_ms
        self._lane.put(Batch(wire, received_ms, [(1, topic, payload, retain)]))
        assert wire.acked.acquire(timeout=WAIT_S)

    def readings(self):
        return [reading for entry in self.journal.read(0, 100_000) for reading in entry.readings]

    def close(self) -> None:
        self._lanes.close()
        self._thread.join(WAIT_S)
        self.keeper.close()
        self.truth.close()
        self.journal.close()


def adoption(address=PIR, role=DeviceRole.INTERIOR_MOTION, **more):
    return Adoption(address=address, role=role, is_unheard=True, **more)  # many here are adopted before they speak
