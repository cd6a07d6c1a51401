"""The chain vouches for what the ledger counts: whatever plain SQL changes, adds or removes is found and named."""

import hashlib
import shutil
from datetime import date

import pytest
from annex2_kit import home_form
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import filed, keep
from pysqlite3 import dbapi2 as sqlite
from standing_kit import in_hospital
from visits_kit import POLICY, at, key_person, visit

from core.hash_chain import FIRST_PREVIOUS, Link, linked
from core.ids import PersonId
from store.cipher import FieldCipher
from store.truth.audit_file import verify_file
from store.truth.database import Truth
from store.truth.privacy import Erasure, Hold
from store.truth.seals import SEALED_TABLES, columns_of
from visits.eligibility import Benefit, found
from visits.follow_ups import FollowUpKind, Step, opened, stepped
from visits.model import ContactClass
from visits.obligations import due
from visits.returns import ReturnStep, new_return
from visits.returns import stepped as returned
from visits.special import SpecialKind, SpecialPeriod

DAY, P1, VILLAGE = date(2024, 2, 3), PersonId("p1"), "shuren/qiaotou"


def fill(truth: Truth) -> None:
    """Write what every table of the ledger holds: some rows new, some changed since, one taken out again."""
    stay, person = in_hospital("2024-02-01", evidence="县医院证明"), key_person(area=f"{VILLAGE}/g1")
    with truth.transaction() as unit:
        unit.standing.add(stay)
        one = visit(
            ContactClass.C1_HOME, "2024-02-03T10:00", person, form=home_form(), area=person.area, signed_at_ms=5
        )
        unit.visits.put_all([one, visit(ContactClass.C6_ATTEMPT, "2024-02-04T10:00", person, area=person.area)])
        assert unit.visits.next_number(P1) == 1
        hazard = opened(FollowUpKind.HAZARD, P1, what="燃气管老化", source="account:li", on=DAY, area=person.area)
        unit.follow_ups.put(hazard)
        unit.eligibility.put(found(P1, Benefit.ELDERLY_ALLOWANCE, on=DAY, area=person.area, by="account:li"))
        unit.specials.put(SpecialPeriod(id="w1", kind=SpecialKind.WEATHER, from_date=DAY, until_date=DAY, level="red"))
        keep(unit, filed(1))
        unit.privacy.ask(Erasure(person_id=P1, asked_by="account:qian", asked_at_ms=1, reason="本人要求"))
        unit.privacy.hold(Hold(person_id=P1, by="account:qian", at_ms=1, reason="争议"))
    draft = new_return("2024-02", VILLAGE, by="account:li", at_ms=1)
    with truth.transaction() as unit:
        unit.follow_ups.put(stepped(hazard, Step.CLOSE, on=DAY, by="account:li", text="已更换"))
        unit.people.put_person(person)
        keep(unit, filed(2), why="核实")
        unit.privacy.ask(Erasure(person_id=PersonId("p2"), asked_by="account:qian", asked_at_ms=2, reason=""))
        assert unit.privacy.withdraw(PersonId("p2"))
        unit.privacy.hold(Hold(person_id=PersonId("p2"), by="account:qian", at_ms=2, reason="争议"))
        assert unit.privacy.lift(PersonId("p2"))
        unit.returns.put(draft)
        unit.returns.freeze(draft.id, b"{}")
        unit.returns.take(draft)
        unit.returns.release(draft.id)
        unit.returns.take(draft)
        unit.returns.put(returned(draft, ReturnStep.SIGN, at_ms=2, by="account:li"))
        owed = due("2024-02", [person], [one], date(2024, 3, 1), POLICY, facts=[stay])
        unit.evaluations.close("2024-02", [(VILLAGE, row) for row in owed], at_ms=at("2024-03-01T09:00"))
        unit.audit.append("account:li", "return.sign", draft.id, "", 9)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    path = tmp_path_factory.mktemp("ledger") / "truth.sqlite"
    truth = Truth(path, FieldCipher(b"k" * 32))
    fill(truth)
    truth.close()
    return path


def touched(ledger, *statements: tuple):
    """Return the verdict on a copy that somebody wrote into."""
    copy = ledger.with_name("copy.sqlite")
    shutil.copy(ledger, copy)
    connection = sqlite.connect(copy)
    for statement, values in statements:
        assert connection.execute(statement, values).rowcount == 1
    connection.commit()
    connection.close()
    return verify_file(copy)


def rows_of(ledger, name):
    connection = sqlite.connect(ledger)
    connection.row_factory = sqlite.Row
    rows = [dict(row) for row in connection.execute(f"SELECT rowid AS place, * FROM {name}")]  # noqa: S608
    connection.close()
    return rows


def row_id(name, row):
    return "/".join(str(row[column.name]) for column in SEALED_TABLES[name].primary_key.columns)


def other(data, value):
    """Draw another value of a column's shape."""
    if isinstance(value, int):
        return data.draw(st.integers(0, 2**40).filter(lambda n: n != value))
    if isinstance(value, bytes):
        return data.draw(st.binary(max_size=60).filter(lambda b: b != value))
    return data.draw(st.text(st.characters(codec="ascii"), max_size=12).filter(lambda t: t != value))


def test_a_filled_ledger_is_whole_and_every_counted_table_has_rows(ledger):
    assert verify_file(ledger).broken_at is None, verify_file(ledger).why
    assert all(rows_of(ledger, name) for name in SEALED_TABLES)


@pytest.mark.parametrize("name", SEALED_TABLES)
@settings(deadline=None)  # each example copies a file and walks its whole chain: a busy machine takes its time
@given(data=st.data())
def test_any_other_value_in_any_column_is_found_and_named(ledger, name, data):
    row = data.draw(st.sampled_from(rows_of(ledger, name)))
    key = {column.name for column in SEALED_TABLES[name].primary_key.columns}
    column = data.draw(st.sampled_from(sorted(one.name for one in columns_of(SEALED_TABLES[name]))))
    value = other(data, row[column])
    verdict = touched(ledger, (f"UPDATE {name} SET {column} = ? WHERE rowid = ?", (value, row["place"])))  # noqa: S608
    assert verdict.broken_at is not None
    assert f"table {name}, row {row_id(name, row)}" in verdict.why
    assert column in key or f"column {column}:" in verdict.why


@pytest.mark.parametrize("name", SEALED_TABLES)
def test_a_row_that_was_removed_or_slipped_in_is_found_and_named(ledger, name):
    row = rows_of(ledger, name)[0]
    gone = touched(ledger, (f"DELETE FROM {name} WHERE rowid = ?", (row["place"],)))  # noqa: S608
    assert f"table {name}, row {row_id(name, row)}: removed" in gone.why
    columns = [column.name for column in SEALED_TABLES[name].columns]
    first = SEALED_TABLES[name].primary_key.columns.values()[0].name
    copied = {**row, first: "slipped-in"} | ({"alert_id": None} if name == "visit" else {})
    copied |= {"month": "2031-01"} if name == "monthly_return" else {}
    copied |= {"id_number_blind": None} if name == "person" else {}
    marks = ", ".join("?" * len(columns))
    added = touched(ledger, (f"INSERT INTO {name} VALUES ({marks})", [copied[one] for one in columns]))  # noqa: S608
    assert f"table {name}, row {row_id(name, copied)}: the chain knows no such row" in added.why


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE row_seal SET columns = zeroblob(8) WHERE rowid = 1",
        "DELETE FROM row_seal WHERE rowid = 2",
        "INSERT INTO row_seal VALUES (1, 'visit', 'x', zeroblob(8))",
    ],
)
def test_the_fingerprints_themselves_are_vouched_for(ledger, statement):
    assert "row_seal" in touched(ledger, (statement, ())).why


@pytest.mark.parametrize("due", ["due", "person,entry,erasure,legal_hold", "nothing"])
def test_rows_of_before_are_adopted_once_and_a_second_adoption_is_found(ledger, tmp_path, due):
    path = tmp_path / "truth.sqlite"
    shutil.copy(ledger, path)
    connection = sqlite.connect(path)
    connection.execute("UPDATE visit SET contact_class = 'C1'")
    connection.execute("INSERT INTO fact VALUES ('rows.adopted', ?)", (due,))
    connection.commit()
    connection.close()
    Truth(path, FieldCipher(b"k" * 32)).close()
    assert "adopted" in verify_file(path).why


def test_an_upgraded_database_vouches_for_what_it_held(ledger, tmp_path):
    path = tmp_path / "truth.sqlite"
    shutil.copy(ledger, path)
    connection = sqlite.connect(path)
    connection.executescript(
        "DELETE FROM audit; DROP TABLE row_seal; DELETE FROM visit_version; DELETE FROM entry_version;"
        "UPDATE alembic_version SET version_num = '0012'"
    )
    connection.close()
    Truth(path, FieldCipher(b"k" * 32)).close()
    assert verify_file(path).broken_at is None, verify_file(path).why
    connection = sqlite.connect(path)
    assert connection.execute("SELECT action FROM audit").fetchall() == [("rows.adopted",)]
    connection.execute("UPDATE visit SET is_drill = 1")
    connection.commit()
    connection.close()
    assert "column is_drill" in verify_file(path).why


def as_of_before(ledger, path):
    """Copy the ledger as a release left it that knew neither signatures nor people among what it vouches for."""
    shutil.copy(ledger, path)
    connection = sqlite.connect(path)
    connection.executescript(
        "DELETE FROM audit; DELETE FROM row_seal; DELETE FROM visit_version; DELETE FROM entry_version;"
        "UPDATE alembic_version SET version_num = '0016'"
    )
    for name in SEALED_TABLES.keys() - {"person", "entry", "erasure", "legal_hold"}:
        connection.execute(f"DELETE FROM {name}")  # noqa: S608 - our own names
    connection.commit()
    connection.close()


def test_people_of_before_are_adopted_and_signed_and_may_not_be_adopted_again(ledger, tmp_path):
    path = tmp_path / "truth.sqlite"
    key = FieldCipher(b"k" * 32)
    as_of_before(ledger, path)
    for _ in range(2):
        Truth(path, key).close()
        assert verify_file(path, key=key).broken_at is None, verify_file(path, key=key).why
    connection = sqlite.connect(path)
    assert connection.execute("SELECT count(*) FROM audit WHERE action = 'rows.adopted'").fetchone() == (1,)
    connection.execute("UPDATE person SET area = 'shuren/xihe/g1'")
    connection.commit()
    connection.close()
    assert "table person, row p1, column area" in verify_file(path).why


def test_a_chain_whose_signatures_were_all_taken_off_is_found_with_the_key(ledger, tmp_path):
    path = tmp_path / "truth.sqlite"
    shutil.copy(ledger, path)
    connection = sqlite.connect(path)
    connection.row_factory = sqlite.Row
    rows = connection.execute("SELECT * FROM audit ORDER BY number").fetchall()
    previous = FIRST_PREVIOUS
    for row in rows:
        names = [name for name in Link.__struct_fields__ if name not in {"detail_sha256", "hash"}]
        told = {name: row[name] for name in names} | {"previous": previous, "digest": row["digest"].partition(":")[0]}
        link = linked(Link(**told, detail_sha256=hashlib.sha256(row["detail"]).hexdigest()))
        values = (link.previous, link.digest, link.hash, link.number)
        connection.execute("UPDATE audit SET previous = ?, digest = ?, hash = ? WHERE number = ?", values)
        previous = link.hash
    connection.commit()
    connection.close()
    assert verify_file(path).broken_at is None
    assert "signatures of the chain are gone" in verify_file(path, key=FieldCipher(b"k" * 32)).why
