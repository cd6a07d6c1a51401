"""The evening's sheets: one village's that cannot be set leaves the others theirs, is named, and is tried again alone."""

import msgspec
import pytest
from rota_plans import local_ms
from visits_kit import POLICY

from api.language import Language, Speaker
from app.paper import typesetter
from app.paper.press import Press
from app.paper.sheets import MOST_NAMED, SheetMaker, SheetsMissingError
from app.paper.village_sheet import KEPT_NIGHTS
from core.clock import ManualClock
from core.ids import HomeId, PersonId
from core.localtime import DAY_MS, HOUR_MS
from registry.areas import Area, AreaTree
from registry.people import Category, Person
from store.cipher import FieldCipher
from store.truth.database import Truth

SIX = local_ms("2024-02-27T18:00")
QUARTER = HOUR_MS // 4

KILLED_AT = """
import os, pathlib, sys
beside = pathlib.Path(__file__).parent
job = sys.stdin.buffer.read().decode()
with (beside / "set").open("a") as told:
    told.write("x")
if any(name in job for name in (beside / "killed").read_text("utf-8").split()):
    os.kill(os.getpid(), 9)
sys.stdout.buffer.write(b"%PDF")
"""
"""Stands in for typst, which the kernel kills at some villages."""


class Evening:
    """Villages v1, v2, … of one person each, and a typesetter that the kernel kills at those that a test names."""

    def __init__(self, folder, villages=4) -> None:
        self.folder, self.beside = folder / "sheets", folder
        self.truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        press = Press(self.truth, ManualClock(SIX), POLICY, "Asia/Shanghai", None)
        self.maker = SheetMaker(self.truth, press, self.folder, signs=dict, zone_name="Asia/Shanghai", from_hour=17)
        names = [Area("town", "树人镇"), *(Area(f"town/v{n}", f"村{n}号") for n in range(1, villages + 1))]
        with self.truth.transaction() as unit:
            unit.entries.put_areas(AreaTree(names))
            for number in range(1, villages + 1):
                unit.people.put_person(
                    Person(
                        id=PersonId(f"p{number}"),
                        home_id=HomeId(f"h{number}"),
                        area=f"town/v{number}/g1",
                        categories=frozenset({Category.ALONE}),
                    )
                )
        self.kill_at()

    def kill_at(self, *villages: int) -> None:
        (self.beside / "killed").write_text(" ".join(f"村{number}号" for number in villages), encoding="utf-8")

    def set_so_far(self) -> int:
        told = self.beside / "set"
        return len(told.read_text("ascii")) if told.exists() else 0

    def made(self) -> list[str]:
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.glob("*/*.pdf"))


@pytest.fixture
def evening(tmp_path, monkeypatch):
    program = tmp_path / "killed_at.py"
    program.write_text(KILLED_AT, encoding="utf-8")
    monkeypatch.setattr(typesetter, "__file__", str(program))
    one = Evening(tmp_path)
    yield one
    one.truth.close()


def sheets(*villages: int, day="2024-02-27") -> list[str]:
    return [f"{day}/town_v{number}.pdf" for number in villages]


def test_a_village_whose_sheet_fails_leaves_the_later_ones_theirs_and_is_named_with_the_reason(evening):
    evening.kill_at(2)
    with pytest.raises(SheetsMissingError, match=r"town/v2: a form could not be set \(exit code -9\)"):
        evening.maker.look(SIX)
    assert evening.made() == sheets(1, 3, 4)


def test_only_what_is_missing_is_tried_again_until_all_are_there(evening):
    evening.kill_at(2, 4)
    for quarter in range(3):
        with pytest.raises(SheetsMissingError):
            evening.maker.look(SIX + quarter * QUARTER)
    assert evening.set_so_far() == 4 + 2 + 2
    evening.kill_at()
    evening.maker.look(SIX + 3 * QUARTER)
    evening.maker.look(SIX + 4 * QUARTER)
    assert evening.set_so_far() == 4 + 2 + 2 + 2
    assert evening.made() == sheets(1, 2, 3, 4)


def test_what_is_missing_is_counted_and_on_the_board_until_it_is_there(evening):
    assert (evening.maker.missing, evening.maker.notices()) == ({}, [])
    evening.kill_at(2)
    with pytest.raises(SheetsMissingError):
        evening.maker.look(SIX)
    assert list(evening.maker.missing) == ["town/v2"]
    (told,) = evening.maker.notices()
    chinese, english = Speaker(Language.ZH).told(told), Speaker(Language.EN).told(told)
    assert "树人镇 村2号: a form could not be set" in chinese
    assert "登记册" in chinese
    assert "2024-02-27" in english
    assert "register" in english
    evening.maker.look(SIX + 12 * HOUR_MS)  # the morning after: that evening's are missing still
    assert evening.maker.notices() == [told]
    evening.kill_at()
    evening.maker.look(SIX + DAY_MS)
    assert (evening.maker.missing, evening.maker.notices()) == ({}, [])


def test_a_disk_that_does_not_take_one_sheet_takes_the_others(evening):
    (evening.folder / sheets(3)[0]).mkdir(parents=True)
    (evening.folder / sheets(3)[0] / "in the way").touch()
    with pytest.raises(SheetsMissingError, match="town/v3"):
        evening.maker.look(SIX)
    assert evening.made() == sheets(1, 2, 3, 4)  # the third is the folder


def test_old_sheets_are_let_go_of_though_some_of_the_evening_fail(evening):
    evening.maker.look(SIX)
    evening.kill_at(1)
    with pytest.raises(SheetsMissingError):
        evening.maker.look(SIX + KEPT_NIGHTS * DAY_MS)
    assert evening.made() == sheets(2, 3, 4, day="2024-03-05")


def test_where_every_sheet_fails_a_few_are_named_and_all_are_counted(evening):
    with evening.truth.transaction() as unit:
        for number in range(5, MOST_NAMED + 6):
            person = unit.people.person(PersonId("p1"))
            unit.people.put_person(
                msgspec.structs.replace(person, id=PersonId(f"p{number}"), area=f"town/v{number}/g1")
            )
    (evening.beside / "killed").write_text("停电", encoding="utf-8")
    with pytest.raises(SheetsMissingError):
        evening.maker.look(SIX)
    (told,) = evening.maker.notices()
    assert f"{MOST_NAMED + 5} " in told
    assert evening.made() == []
