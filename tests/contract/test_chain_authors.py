"""Who has the file and not the key vouches for nothing: rows that vouch for others are signed with the database's key."""

import hashlib
import os
import shutil

import pytest
from pysqlite3 import dbapi2 as sqlite
from typer.testing import CliRunner
from visits_kit import key_person, visit

from app.cli import app
from core.hash_chain import Link, linked
from core.ids import PersonId
from store.cipher import FieldCipher, create_key, read_key
from store.truth.audit_file import verify_file
from store.truth.database import Truth
from store.truth.seals import SEALED_TABLES, digest_of, fingerprints, row_id_of
from store.truth.tombstones import digest_of as digest_of_tombstones
from visits.model import ContactClass

KEY = FieldCipher(b"k" * 32)
VISIT = SEALED_TABLES["visit"]


@pytest.fixture
def path(tmp_path):
    truth = Truth(tmp_path / "truth.sqlite", KEY)
    with truth.transaction() as unit:
        unit.people.put_person(key_person())
        unit.visits.put_all([visit(ContactClass.C1_HOME, "2024-02-03T10:00", key_person())])
        unit.audit.append("account:li", "person.read", PersonId("p1"), "看望前", 9)
    truth.close()
    return tmp_path / "truth.sqlite"


def opened(path):
    connection = sqlite.connect(path)
    connection.row_factory = sqlite.Row
    return connection


def append(connection, action, subject, digest, detail):
    """Append a row as anybody can who reads the file: hashes need no key. Return its number."""
    last = connection.execute("SELECT * FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    link = linked(
        Link(
            number=last["number"] + 1,
            at_ms=last["at_ms"],
            actor="service",
            action=action,
            subject=subject,
            marks="",
            digest=digest,
            detail_sha256=hashlib.sha256(detail).hexdigest(),
            previous=last["hash"],
        )
    )
    names = "number, at_ms, actor, action, subject, marks, digest, previous, hash"
    values = [getattr(link, name) for name in names.split(", ")]
    connection.execute(f"INSERT INTO audit ({names}, detail) VALUES (?,?,?,?,?,?,?,?,?,?)", [*values, detail])  # noqa: S608
    return link.number


def forge(path, *, detail, mark=""):
    """Change every visit with plain SQL, and let a new row of the chain vouch for that."""
    connection = opened(path)
    connection.execute("UPDATE visit SET area = 'shuren/xihe/g1', signed_at_ms = 7")
    rows = [dict(row) for row in connection.execute("SELECT * FROM visit")]
    lines = [("visit", row_id_of(VISIT, row), fingerprints(VISIT, row)) for row in rows]
    number = append(connection, "rows.kept", "visit", digest_of(lines) + mark, detail)
    for name, row_id, columns in lines:
        connection.execute("INSERT INTO row_seal VALUES (?, ?, ?, ?)", (number, name, row_id, columns))
    connection.commit()
    connection.close()
    return number


def written_down(path):
    verdict = verify_file(path)
    assert verdict.broken_at is None, verdict.why
    return {"head": verdict.head, "rows": verdict.rows}


def test_a_row_of_the_chain_without_a_detail_and_without_an_erasure_is_a_break(path):
    kept = written_down(path)
    number = forge(path, detail=b"")
    verdict = verify_file(path, **kept)
    assert (verdict.broken_at, verdict.why) == (number, "its detail is gone, and no erasure tells of it")


@pytest.mark.parametrize("mark", ["", ":", ":00000000:" + "0" * 64])
def test_a_row_that_vouches_without_the_key_is_found_with_the_key_alone(path, mark):
    kept = written_down(path)
    number = forge(path, detail=os.urandom(60), mark=mark)
    assert verify_file(path, **kept).broken_at is None  # what a check without the key cannot tell
    verdict = verify_file(path, key=KEY)
    assert verdict.broken_at == number
    assert "without the key" in verdict.why
    truth = Truth(path, KEY)
    with truth.view() as unit:
        assert unit.audit.verify().broken_at == number
    truth.close()


def test_a_signature_holds_for_its_own_row_alone(path):
    connection = opened(path)
    (true,) = connection.execute("SELECT digest FROM audit WHERE action = 'rows.kept' LIMIT 1").fetchone()
    connection.close()
    number = forge(path, detail=os.urandom(60), mark=":" + true.partition(":")[2])
    assert verify_file(path, key=KEY).broken_at == number


def test_an_erasure_that_somebody_made_up_is_found(path):
    connection = opened(path)
    was = connection.execute("SELECT number, detail FROM audit WHERE action = 'person.read'").fetchone()
    line = ("audit", str(was["number"]), hashlib.sha256(was["detail"]).hexdigest())
    number = append(connection, "person.erased", "p1", digest_of_tombstones([line]), os.urandom(60))
    connection.execute("UPDATE audit SET detail = x'' WHERE number = ?", (was["number"],))
    connection.execute("INSERT INTO erased_row VALUES (?, ?, ?, ?)", (*line, number))
    connection.commit()
    connection.close()
    assert verify_file(path).broken_at is None
    assert verify_file(path, key=KEY).broken_at == number


def test_what_the_service_wrote_holds_with_the_key_and_not_with_another(path):
    assert verify_file(path, key=KEY).broken_at is None
    other = verify_file(path, key=FieldCipher(b"o" * 32))
    assert "do not open with the key file" in other.why


@pytest.mark.parametrize("statement", ["DELETE FROM key_ring", "UPDATE key_ring SET wrapped = x'00'"])
def test_keys_that_were_taken_away_are_no_excuse(path, statement):
    connection = opened(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert "who wrote it cannot be told" in verify_file(path, key=KEY).why


def test_the_command_says_whether_it_could_check_who_wrote_it(tmp_path):
    data = tmp_path / "data"
    create_key(data / "shouwang.key")
    truth = Truth(data / "truth.sqlite", FieldCipher(read_key(data / "shouwang.key")))
    with truth.transaction() as unit:
        unit.visits.put_all([visit(ContactClass.C1_HOME, "2024-02-03T10:00", key_person())])
    truth.close()
    copy = tmp_path / "copy.sqlite"
    shutil.copy(data / "truth.sqlite", copy)

    def said(*arguments: object):
        return CliRunner().invoke(app, ["audit", "verify", *map(str, arguments)])

    assert "were written with the key" in said("--data-dir", data).stdout
    assert "not checked, for want of the key file" in said(copy).stdout
    assert "were written with the key" in said(copy, "--key", data / "shouwang.key").stdout
    number = forge(copy, detail=os.urandom(60))
    assert said(copy).exit_code == 0
    assert f"broken at row {number}" in said(copy, "--key", data / "shouwang.key").stdout
