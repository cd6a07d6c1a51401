"""Keys of a database: the key file's key opens them and seals nothing itself; an old one opens nothing after a change."""

import pytest
from key_village import Village
from ledger_kit import FORM

from app.files import DataFiles
from app.key_change import change, put_away
from core.errors import ConfigurationError, DurabilityError, StaleKeyError
from registry.readiness import NumberState
from store.cipher import FieldCipher, read_key
from store.truth.database import Truth


def rotated(files: DataFiles) -> FieldCipher:
    """Change the key; return the cipher of the old key file."""
    old = FieldCipher(read_key(files.key))
    truth = files.open_truth()
    change(truth, files.key, "account:qian", 1, lambda _step: None)
    truth.close()
    return old


def sealed_name(files: DataFiles) -> tuple[str, bytes]:
    truth = files.open_truth()
    with truth.view() as unit:
        row = unit.people._connection.exec_driver_sql("SELECT id, name FROM person").one()
    truth.close()
    return row.id, row.name


def test_the_old_key_opens_neither_the_database_nor_a_field_of_it(tmp_path):
    village = Village(tmp_path)
    old = rotated(village.files)
    with pytest.raises(ConfigurationError, match="was sealed with key"):
        Truth(village.files.truth, old)
    person_id, sealed = sealed_name(village.files)
    with pytest.raises(DurabilityError):
        old.open(sealed, table="person", column="name", row_id=person_id)
    village.check_readable()


def test_what_is_written_after_a_change_is_sealed_with_a_fresh_key(tmp_path):
    village = Village(tmp_path)
    before = sealed_name(village.files)[1][1:5]
    rotated(village.files)
    truth = village.files.open_truth()
    with truth.transaction() as unit:
        person = unit.people.person(village.person_id)
        assert person is not None
        unit.people.put_person(person)
    truth.close()
    assert sealed_name(village.files)[1][1:5] != before


def test_a_database_of_before_the_ring_is_read_on_and_its_next_values_have_a_key_of_the_ring(tmp_path):
    village = Village(tmp_path)
    files = village.files
    own = FieldCipher(read_key(files.key))
    truth = files.open_truth()
    with truth.transaction() as unit:
        connection = unit.people._connection
        sealed = own.seal(FORM.name, table="person", column="name", row_id=village.person_id)
        connection.exec_driver_sql("UPDATE person SET name = ?", (sealed,))
        for table in ("entry", "entry_version", "audit", "contact", "number_state", "row_seal"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - our own names
        for column in ("details", "id_number", "phone", "address", "illness"):
            text = '{"categories":[]}' if column == "details" else ""
            value = own.seal(text, table="person", column=column, row_id=village.person_id)
            connection.exec_driver_sql(f"UPDATE person SET {column} = ?", (value,))  # noqa: S608 - our own names
        connection.exec_driver_sql("DELETE FROM key_ring")
    truth.close()
    for _ in range(2):
        truth = files.open_truth()
        with truth.transaction() as unit:
            person = unit.people.person(village.person_id)
            assert person is not None
            assert person.name == FORM.name
            unit.people.put_person(person)
        truth.close()
        rotated(files)
    assert sealed_name(files)[1][1:5].hex() != own.key_id


def test_the_old_key_is_put_away_for_its_backups_and_over_no_other_file(tmp_path):
    village = Village(tmp_path / "data")
    target = tmp_path / "old.key"
    put_away(village.files.key, target)
    put_away(village.files.key, target)  # run again after an interruption
    assert target.read_bytes() == village.files.key.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o600
    rotated(village.files)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        put_away(village.files.key, target)


def test_whoever_opened_the_database_before_a_change_of_keys_writes_nothing_after_it(tmp_path):
    village = Village(tmp_path)
    under_way = village.files.open_truth()  # a command that holds no directory
    rotated(village.files)
    with pytest.raises(StaleKeyError, match="start again"), under_way.transaction() as unit:
        unit.numbers.put(FORM.phone, NumberState(answered_at_ms=1))
    with pytest.raises(StaleKeyError):
        change(under_way, village.files.key, "account:qian", 2, lambda _step: None)
    under_way.close()
    village.check_readable()
    opened = village.files.open_truth()
    with opened.transaction() as unit:
        unit.numbers.put(FORM.phone, NumberState(answered_at_ms=1))
    opened.close()
