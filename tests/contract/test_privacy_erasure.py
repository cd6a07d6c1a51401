"""Erasure: after it nothing in the data directory says who somebody was, and every figure and the chain still stand."""

import re

import msgspec
import pytest
from ledger_kit import FORM
from privacy_town import BARE_PHONE, QIAN, SUN, TRACES, VILLAGE, PrivacyTown
from pysqlite3 import dbapi2 as sqlite
from visits_kit import at

from app.ledger_due import month_rows
from app.privacy.erasure import Eraser
from app.privacy.traces import Traces, found_in_files, traces_of
from app.privacy.wiping import wipe_beside
from core.errors import ConflictError
from store.journal import Journal
from store.truth.audit_file import verify_file
from store.truth.sealed_columns import SEALED_COLUMNS
from store.truth.tables import metadata
from visits.policy import built_in_policy


@pytest.fixture
def town(tmp_path):
    town = PrivacyTown(tmp_path)
    town.live()
    yield town
    town.close()


def erased(town: PrivacyTown):
    town.end_service()
    town.eraser.ask(town.wang, "服务终止，家属要求", QIAN)
    return town.eraser.carry_out(town.wang, SUN)


def test_nothing_in_the_data_directory_says_who_it_was(town):
    assert found_in_files(town.files.data_dir, Traces(TRACES)), "the village names her in clear to begin with"
    outcome = erased(town)
    town.close()
    assert outcome.found_in_files == ()
    assert found_in_files(town.files.data_dir, Traces(TRACES)) == []


def test_no_sealed_value_of_hers_says_it_either(town):
    erased(town)
    with town.truth.view() as unit:
        found = {
            (table, place)
            for table, place, _, text in unit.privacy.everything_opened()
            if any(trace in text for trace in TRACES)
        }
        own = unit.privacy.places(unit.privacy.subject(town.wang))
    assert found.isdisjoint(own)
    tables = {table for table, _ in found}
    assert tables <= {"entry", "entry_version", "visit", "visit_version", "audit", "person", "standing_fact"}


def test_the_neighbours_form_that_names_her_is_told_and_left(town):
    outcome = erased(town)
    assert f"entry {town.zhao}" in outcome.named_elsewhere
    with town.truth.view() as unit:
        assert unit.entries.get(town.zhao).form.household[0].name == FORM.name
    assert not any(town.wang in one for one in outcome.named_elsewhere)


def test_the_chain_still_verifies_and_so_does_every_counted_row(town):
    with town.truth.view() as unit:
        number, head = unit.audit.head()
    erased(town)
    verdict = verify_file(town.files.truth, head=head, rows=number)
    assert verdict.broken_at is None, verdict.why
    with town.truth.view() as unit:
        assert unit.audit.verify().broken_at is None
        told = [row for row in unit.audit.list() if row.action == "person.erased"]
    assert [(row.actor, row.subject) for row in told] == [(SUN, town.wang)]


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE erased_row SET sha256 = 'f' || substr(sha256, 2)",
        "DELETE FROM erased_row WHERE table_name = 'visit_version'",
        "UPDATE entry_version SET data = x'' WHERE person_id != (SELECT row_id FROM erased_row LIMIT 1)",
        "UPDATE audit SET detail = x''",
    ],
)
def test_a_row_that_was_emptied_by_other_hands_is_found(town, forgery):
    erased(town)
    with town.truth.transaction() as unit:
        unit.audit._connection.exec_driver_sql(forgery)
    assert verify_file(town.files.truth).broken_at is not None


def test_the_figures_of_the_closed_month_and_of_the_return_stay(town):
    def figures():
        with town.truth.view() as unit:
            rows = month_rows(unit, "2024-01", town.book.today(), built_in_policy(), VILLAGE)
            visits = [(one.local_date, one.contact_class, one.number) for one in unit.visits.list(town.wang)]
            return rows.rate, len(rows.rows), visits

    before = figures()
    (_, content_before) = town.returning.read(only_return(town))
    erased(town)
    assert figures() == before
    row, content = town.returning.read(only_return(town))
    assert row.receipt == "2024-031"
    assert (content.interim_rate, len(content.records)) == (content_before.interim_rate, len(content_before.records))
    assert {one.name for one in content.interim if one.due.person_id == town.wang} == {""}
    assert {one.name for one in content.interim if one.due.person_id == town.zhao} == {"赵德福"}


def only_return(town):
    with town.truth.view() as unit:
        return unit.returns.of_village(VILLAGE)[0].id


def test_she_is_found_by_no_number_and_nothing_is_known_of_hers(town):
    erased(town)
    with town.truth.view() as unit:
        assert unit.people.find_person_by_id_number(FORM.id_number) is None
        assert unit.people.find_persons_by_phone(BARE_PHONE) == []
        assert unit.numbers.get(FORM.phone).answered_at_ms is None
        assert unit.entries.versions(town.wang) == []
        assert unit.people.home(town.home_id).devices == ()


def test_only_what_names_her_is_taken_from_the_parked_messages(town):
    outcome = erased(town)
    journal = Journal(town.files.journal)
    assert [one.topic for one in journal.parked(10)] == ["box/3"]
    journal.close()
    assert outcome.emptied["parked messages"] == 3
    assert outcome.emptied["definitions"] == 1
    assert outcome.emptied["readings"] >= 1
    assert outcome.emptied["village sheets"] == 1


def test_a_snapshot_of_before_is_still_whole(town):
    town.clock.advance_to_ms(at("2024-07-01T12:00"))
    assert town.register.take_due_snapshot("service") is not None
    town.end_service("2024-07-02")
    town.eraser.ask(town.wang, "x", QIAN)
    town.eraser.carry_out(town.wang, SUN)
    assert [is_whole for _, is_whole in town.register.snapshots()] == [True]


def test_a_dry_run_tells_the_same_and_changes_nothing(town):
    town.end_service()
    with town.truth.view() as unit:
        before = (unit.audit.head(), unit.people.person(town.wang))
    told = town.eraser.dry_run(town.wang)
    with town.truth.view() as unit:
        assert (unit.audit.head(), unit.people.person(town.wang)) == before
    assert told.emptied["visit"] == 1
    assert told.emptied["entry_version"] == 4


def test_whoever_may_not_be_erased_is_told_so_before_it_is_asked_for(town):
    assert "the service has not ended and consent stands" in town.eraser.refusal(town.wang)
    town.end_service()
    assert town.eraser.refusal(town.wang) == ""
    town.eraser.hold(town.wang, "x", QIAN)
    assert "a legal hold forbids it" in town.eraser.refusal(town.wang)


def test_a_dry_run_counts_what_the_erasure_then_empties(town):
    town.end_service()
    town.eraser.ask(town.wang, "x", QIAN)
    told = town.eraser.dry_run(town.wang)
    emptied = town.eraser.carry_out(town.wang, SUN).emptied
    beside = {"parked messages", "definitions", "readings", "village sheets"}
    assert told.emptied == {name: count for name, count in emptied.items() if name not in beside}


def test_a_dry_run_waits_for_no_writer_and_keeps_none_waiting(town):
    town.end_service()
    other = sqlite.connect(town.files.truth, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert town.eraser.dry_run(town.wang).emptied["visit"] == 1
    other.execute("ROLLBACK")
    other.close()


def test_a_return_of_a_village_in_which_the_person_never_stood_is_not_opened(town):
    with town.truth.transaction() as unit:
        unit.returns._connection.exec_driver_sql(
            "INSERT INTO monthly_return (id, month, area, state, version, data, content)"
            " SELECT 'elsewhere', month, 'shuren/elsewhere', state, version, data, x'00' FROM monthly_return"
        )
    with town.truth.view() as unit:
        erasing = unit.privacy.erasing(unit.privacy.subject(town.wang), is_real=False)
        erasing.carry_out(SUN, 1)
    assert erasing.emptied["monthly_return"] == 1


def test_the_return_of_the_village_that_somebody_moved_away_from_names_nobody(town):
    with town.truth.transaction() as unit:
        wang = unit.people.person(town.wang)
        assert wang is not None
        unit.people.put_person(msgspec.structs.replace(wang, area="shuren/elsewhere/g1"))
    erased(town)
    _, content = town.returning.read(only_return(town))
    assert FORM.name not in {one.name for one in content.records}


def test_interrupted_before_or_after_its_transaction_it_is_ended_by_another_run(town):
    town.end_service()
    town.eraser.ask(town.wang, "x", QIAN)
    with town.truth.view() as unit:
        traces = traces_of(unit, town.wang)
    wipe_beside(town.files, traces, town.home_id, [], VILLAGE)  # as far as a kill lets it come
    assert town.eraser.carry_out(town.wang, SUN).emptied["visit"] == 1
    again = town.eraser.carry_out(town.wang, SUN)
    assert again.emptied == {}
    assert verify_file(town.files.truth).broken_at is None


def test_cut_off_after_its_transaction_it_is_searched_and_ended_by_the_next_run(town):
    class CutOff(Eraser):
        def _finish(self, person_id):
            raise KeyboardInterrupt(person_id)

    town.end_service()
    town.eraser.ask(town.wang, "x", QIAN)
    with pytest.raises(KeyboardInterrupt):
        CutOff(town.truth, town.files, town.clock, "Asia/Shanghai").carry_out(town.wang, SUN)
    with town.truth.view() as unit:
        (asked,) = unit.privacy.erasures()
        assert (asked.is_begun, asked.done_at_ms, asked.reason) == (True, None, "")
    with pytest.raises(ConflictError, match="is erased already"):
        town.eraser.ask(town.wang, "x", QIAN)
    assert town.eraser.release(town.wang, QIAN) == (False, False)
    (town.files.data_dir / "note.txt").write_text(FORM.name)
    assert town.eraser.carry_out(town.wang, SUN).found_in_files == ("note.txt",)
    with town.truth.view() as unit:
        (asked,) = unit.privacy.erasures()
        assert (asked.done_by, asked.done_at_ms, asked.reason) == (SUN, town.clock.now_ms(), "")
        assert unit.privacy.sought(town.wang) is None


def test_a_home_that_somebody_else_lives_in_keeps_its_sensors_and_readings(town):
    with town.truth.transaction() as unit:
        zhao = unit.people.person(town.zhao)
        assert zhao is not None
        unit.people.put_person(msgspec.structs.replace(zhao, home_id=town.home_id))
    outcome = erased(town)
    assert outcome.home_stays
    assert "readings" not in outcome.emptied
    with town.truth.view() as unit:
        assert len(unit.people.home(town.home_id).devices) == 1


def test_her_pages_are_read_on_without_a_name(town):
    erased(town)
    filed = town.register.read(town.wang, "account:zhang")
    assert (filed.person.name, filed.person.birth_date.isoformat()) == ("", "1938-01-01")
    with town.truth.view() as unit:
        assert [(one.note, one.form) for one in unit.visits.list(town.wang)] == [("", None)]
        assert {row.detail for row in unit.audit.list(subject=town.wang)} <= {""}


def test_every_sealed_column_is_known_to_whoever_must_open_them_all():
    blind = re.compile(r".*_blind|columns|wrapped")
    plain = {("snapshot", "data")}  # states of rules: ids of homes and devices
    sealed = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if str(column.type) == "BLOB" and not blind.fullmatch(column.name)
    }
    known = {(name, column) for name, one in SEALED_COLUMNS.items() for column in one.columns}
    assert sealed - plain == known
