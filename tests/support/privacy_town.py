"""A data directory with two neighbours, one of whose names stands wherever a name can stand; and two officers."""

from datetime import date

import msgspec
from annex2_kit import home_form
from ledger_kit import CHILD, FORM, id_number
from visits_kit import POLICY, ZONE, at

from app.accounts import LocalAccounts
from app.files import DataFiles
from app.ledger_book import LedgerBook
from app.privacy.erasure import Eraser
from app.register import Register, Who
from app.returning import Returning
from core.clock import ManualClock
from core.events import Metric, Reading
from core.ids import DeviceId
from core.localtime import DAY_MS
from core.log import LogEntry, ParkedMessage, ParkReason
from registry.access import Grant, Role
from registry.annex1 import HouseholdMember
from registry.commands import Activate, EndService, SetContacts
from registry.homes import Device, DeviceRole, Home
from registry.identity import Sex
from registry.readiness import NumberState
from store.definitions import DefinitionFile
from store.duckdb_series import DuckDbSeries
from store.journal import Journal
from visits.recording import Entry
from visits.returns import ReturnStep

BARE_PHONE = "13800001234"
ZHANG = Who("account:zhang", f"王秀英本人说的，电话{BARE_PHONE}")
GRID, VILLAGE = "shuren/qiaotou/g3", "shuren/qiaotou"
PASSWORD = "correct horse battery"
QIAN, SUN = "account:qian", "account:sun"
TRACES = ("王秀英", BARE_PHONE, FORM.id_number, "3组12号", "高血压")
NEIGHBOUR = msgspec.structs.replace(
    FORM,
    name="赵德福",
    sex=Sex.MALE,
    phone="+8613800009999",
    id_number=id_number("51222219370601003"),
    illness="糖尿病",
    household=(HouseholdMember(name="王秀英", id_number=FORM.id_number),),
)


class PrivacyTown:
    """王秀英 is `wang`, her neighbour 赵德福 (whose form names her) is `zhao`; qian and sun are privacy officers."""

    def __init__(self, folder, now="2024-02-03T12:00") -> None:
        self.files = DataFiles(folder)
        self.clock = ManualClock(at(now))
        self.open()
        self.wang, self.zhao = self._serve(FORM), self._serve(NEIGHBOUR)
        self.home_id = self._equip()
        accounts = LocalAccounts(self.truth)
        for name, role in (("qian", Role.PRIVACY), ("sun", Role.PRIVACY), ("clerk", Role.TOWN)):
            accounts.create(name, PASSWORD)
            accounts.grant(name, [Grant(role)], "cli:root")

    def open(self) -> None:
        self.truth = self.files.open_truth()
        self.register = Register(self.truth, self.clock, "Asia/Shanghai")
        self.book = LedgerBook(self.truth, self.clock, POLICY, ZONE)
        self.returning = Returning(self.book)

    @property
    def eraser(self) -> Eraser:
        return Eraser(self.truth, self.files, self.clock, "Asia/Shanghai")

    def live(self) -> None:
        """Visit both, hand in the village's return, let sensors speak and lists be printed: names are everywhere."""
        for person in (self.wang, self.zhao):
            form = home_form(advice=f"王秀英家，电话{BARE_PHONE}")
            given = {"visitor": "account:zhang", "is_registered_visitor": True, "form": form}
            draft = self.book.record(Entry(person_id=person, started_at_ms=at("2024-02-03T09:00"), **given), QIAN)
            self.book.sign(draft.id, "account:zhang")
        self.clock.advance_to_ms(at("2024-02-15T12:00"))
        row, _ = self.returning.draft("2024-02", VILLAGE, "account:zhang")
        row = self.returning.step(row.id, ReturnStep.SIGN, by="account:zhang")
        self.returning.step(row.id, ReturnStep.RECEIVE, by="account:boss", text="2024-031")
        with self.truth.transaction() as unit:
            unit.numbers.put(FORM.phone, NumberState(answered_at_ms=1))
        self._speak()
        sheet = self.files.sheets / "2024-02-15" / "shuren_qiaotou.pdf"
        sheet.parent.mkdir(parents=True)
        sheet.write_bytes("王秀英".encode())

    def end_service(self, on="2024-02-16") -> None:
        self.clock.advance_to_ms(at(f"{on}T12:00"))
        filed = self.register.read(self.wang, "account:zhang")
        ending = EndService(on=date.fromisoformat(on))
        self.register.change(self.wang, ending, filed.entry.version, ZHANG)
        self.clock.advance_to_ms(self.clock.now_ms() + DAY_MS)  # its last day is a day of service

    def close(self) -> None:
        self.truth.close()

    def _serve(self, form):
        filed = self.register.create(form, GRID, ZHANG)
        known = self.register.change(filed.person.id, SetContacts(first_contact=CHILD), filed.entry.version, ZHANG)
        return self.register.change(
            known.person.id, Activate(on=date(2024, 2, 1)), known.entry.version, ZHANG
        ).person.id

    def _equip(self):
        with self.truth.transaction() as unit:
            wang = unit.people.person(self.wang)
            assert wang is not None
            device = Device(
                id=DeviceId("d1"), home_id=wang.home_id, address="zigbee2mqtt/d1", role=DeviceRole.INTERIOR_MOTION
            )
            unit.people.put_home(Home(id=wang.home_id, person_id=self.wang, area=GRID, devices=(device,)))
            return wang.home_id

    def _speak(self) -> None:
        now_ms = self.clock.now_ms()
        readings = [Reading(self.home_id, DeviceId("d1"), Metric.MOTION, True, now_ms, now_ms, 1)]
        journal = Journal(self.files.journal)
        told = (
            ("zigbee2mqtt/王秀英的门", b'{"contact":true}'),
            ("box/1", '{"name":"王秀英"}'.encode()),
            ("box/2", b'{"name":"\\u738b\\u79c0\\u82f1"}'),
            ("box/3", '{"name":"赵德福"}'.encode()),
        )
        parked = [
            ParkedMessage(
                received_at_ms=now_ms, topic=topic, payload=payload, reason=ParkReason.UNKNOWN_TOPIC, detail=""
            )
            for topic, payload in told
        ]
        journal.append(readings, parked, log_time_ms=now_ms)
        journal.close()
        series = DuckDbSeries(self.files.series)
        series.write([LogEntry(1, now_ms, tuple(readings), False)])
        series.close()
        definitions = DefinitionFile(self.files.definitions)
        definitions.save({"a": ("zigbee2mqtt/bridge/devices", '[{"friendly_name":"王秀英的门"}]'.encode())})
        definitions.save({"b": ("homie/box/$name", b"box")})
        definitions.close()
