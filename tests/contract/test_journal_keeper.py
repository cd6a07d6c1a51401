"""The journal's bounds: what is forgotten and when, what is never forgotten, and whom the service tells of its room."""

from contextlib import closing

import pytest

from alerts.lifecycle import ENDED
from alerts.service_findings import is_of_service
from app.desk_service import DeskService
from app.journal_keeper import Bounds, JournalKeeper, Readers, gauges_of
from core.clock import ManualClock
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import DAY_MS
from rules.findings import FindingKind
from store.cipher import FieldCipher
from store.journal import Journal
from store.journal_room import MB, RoomLimits
from store.truth.database import Truth
from visits.policy import built_in_policy

NOW_MS = 1_000 * DAY_MS


class Place:
    """A journal of a hundred days, one entry each, with its keeper; readers stand where the test puts them."""

    def __init__(self, folder, *, journal_bytes: int = 1_000 * MB, per_day: int = 1) -> None:
        path = folder / "journal.sqlite"
        with closing(Journal(path)) as unlimited:
            for day in range(100):
                at_ms = NOW_MS - (99 - day) * DAY_MS
                one = Reading(HomeId("h1"), DeviceId("h1/pir"), Metric.MOTION, True, at_ms, at_ms)
                unlimited.append([one] * per_day, log_time_ms=at_ms)
        self.journal = Journal(path, RoomLimits(journal_bytes=journal_bytes, reserve_bytes=0))
        self.truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        self.desk = DeskService(self.truth, ManualClock(NOW_MS), built_in_policy(), on_change=lambda _lines: None)
        self.rules_seq, self.copies = 100, [100, 100]
        self.held_up = self.copy_stopped = ""

    def keeper(self) -> JournalKeeper:
        return JournalKeeper(
            self.journal,
            self.truth,
            self.desk,
            Readers(lambda: self.rules_seq, lambda: self.copies),
            bounds=Bounds(keep_days=90, floor_days=14),
            held_up=lambda: self.held_up,
            copy_stopped=lambda: self.copy_stopped,
        )

    def oldest(self) -> int:
        return self.journal.read(0, 1)[0].seq

    def open_alerts(self) -> list[str]:
        """Return what the supervisor has been told and is not over."""
        with self.truth.view() as unit:
            found = unit.alerts.list(None, 50)
        assert all(is_of_service(one.home_id) and one.kinds == (FindingKind.STORAGE_TROUBLE,) for one in found)
        return sorted(one.home_id.rpartition(":")[2] for one in found if one.state not in ENDED)

    def close(self) -> None:
        self.journal.close()
        self.truth.close()


@pytest.fixture
def place(tmp_path):
    with closing(Place(tmp_path)) as place:
        yield place


def test_what_is_older_than_the_kept_days_is_forgotten_once_all_have_passed_it(place):
    keeper = place.keeper()
    keeper.look(NOW_MS)
    assert place.oldest() == 10
    assert keeper.trimmed == 9


@pytest.mark.parametrize("slow", ["rules", "copy"])
def test_nothing_is_forgotten_that_a_reader_has_not_passed(place, slow):
    if slow == "rules":
        place.rules_seq = 4
    else:
        place.copies = [100, 4]
    place.keeper().look(NOW_MS)
    assert place.oldest() == 5


def test_a_journal_that_fills_forgets_down_to_its_floor_and_no_further(tmp_path):
    with closing(Place(tmp_path, journal_bytes=MB // 4, per_day=600)) as place:
        keeper = place.keeper()
        keeper.look(NOW_MS)
        assert keeper.usage.is_filling
        assert place.oldest() == 86
        assert "filling" in place.open_alerts()


def test_a_journal_that_fills_forgets_only_as_much_as_it_must(tmp_path):
    with closing(Place(tmp_path, journal_bytes=2 * MB, per_day=600)) as place:
        keeper = place.keeper()
        keeper.look(NOW_MS)
        assert not keeper.usage.is_filling
        assert 10 <= place.oldest() < 86


def test_a_copy_that_stands_still_does_not_stop_the_watch_when_room_runs_out(tmp_path):
    with closing(Place(tmp_path, journal_bytes=MB // 4, per_day=600)) as place:
        place.copies = [100, 4]
        place.keeper().look(NOW_MS)
        assert place.oldest() == 86


def test_the_rules_are_waited_for_even_when_room_runs_out(tmp_path):
    with closing(Place(tmp_path, journal_bytes=MB // 4, per_day=600)) as place:
        place.rules_seq = 4
        place.keeper().look(NOW_MS)
        assert place.oldest() == 5


def test_a_stop_is_a_problem_an_alert_and_a_metric_and_all_three_end_with_it(place):
    keeper = place.keeper()
    place.held_up = "the disk is full"
    keeper.look(NOW_MS)
    keeper.look(NOW_MS + 10_000)
    assert "the disk is full" in keeper.problems()[0]
    assert gauges_of(keeper)["shouwang_journal_refuses"] == 1
    assert place.open_alerts() == ["filling", "full"]
    place.held_up = ""
    keeper = place.keeper()  # a restart knows what was told
    keeper.look(NOW_MS + 20_000)
    assert keeper.problems() == []
    assert place.open_alerts() == []


def test_a_copy_that_refuses_us_is_a_ticket(place):
    place.copy_stopped = "InfluxDB answered 401"
    place.keeper().look(NOW_MS)
    assert place.open_alerts() == ["copy"]


def test_damage_is_a_notice_and_one_alert_until_more_of_it_is_found(place):
    keeper = place.keeper()
    place.journal._writer.execute("UPDATE entry SET crc = crc + 1 WHERE seq = 50")
    place.journal.read(0, 200)
    keeper.look(NOW_MS)
    keeper.look(NOW_MS + 10_000)
    assert "damaged" in keeper.notices()[0]
    assert place.open_alerts() == ["damaged"]
    assert gauges_of(keeper)["shouwang_journal_damaged_entries"] == 1
