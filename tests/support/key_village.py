"""A data directory with one person, written before each change of keys, and what must be readable after it."""

from ledger_kit import FORM
from register_kit import GRID, ZHANG

from app.files import DataFiles
from app.register import Register
from core.clock import ManualClock
from core.ids import ContactId
from registry.homes import Contact, ContactRole
from registry.readiness import NumberState
from store.truth.audit_file import verify_file

NOW_MS = 1_709_000_000_000
CHILD_PHONE = "+8613900000001"


class Village:
    """Somebody in the register, with a contact, a version and a number that is known to ring."""

    def __init__(self, folder) -> None:
        self.files = DataFiles(folder)
        truth = self.files.open_truth()
        self.person_id = Register(truth, ManualClock(NOW_MS), "Asia/Shanghai").create(FORM, GRID, ZHANG).person.id
        with truth.transaction() as unit:
            unit.people.put_contact(
                Contact(
                    id=ContactId("c1"),
                    person_id=self.person_id,
                    role=ContactRole.FAMILY,
                    order=1,
                    name="王小明",
                    phone=CHILD_PHONE,
                )
            )
            unit.numbers.put(CHILD_PHONE, NumberState(answered_at_ms=NOW_MS))
        truth.close()

    def key_id(self) -> str:
        return self.files.cipher().key_id

    def check_readable(self) -> None:
        """Everything is found and read as it was written, and the chain is whole."""
        truth = self.files.open_truth()
        with truth.view() as unit:
            person = unit.people.person(self.person_id)
            assert person is not None
            assert person.name == FORM.name
            found = unit.people.find_person_by_id_number(FORM.id_number)
            assert found is not None
            assert found.id == self.person_id
            assert [one.id for one in unit.people.find_contacts_by_phone(CHILD_PHONE)] == ["c1"]
            assert unit.numbers.get(CHILD_PHONE).answered_at_ms == NOW_MS
            versions = unit.entries.versions(self.person_id)
            assert [one.filed.person.name for one in versions] == [FORM.name]
            assert all(row.detail is not None for row in unit.audit.list())
        truth.close()
        assert verify_file(self.files.truth).broken_at is None
