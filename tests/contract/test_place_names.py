"""Areas by the names that people write: on the pages of the ledger, in a return, and what is done with an area that has none."""

import io
import re
from datetime import date

import pytest
from api_console import run
from ledger_office import LedgerOffice
from ledger_town import VILLAGE, WANG
from openpyxl import load_workbook

from app.console_registry import registry_console
from device_sim.township import Plan, areas
from registry.areas import Area, AreaKind, AreaTree, checked_tree


class NamedOffice(LedgerOffice):
    """A ledger with the register beside it, which knows the areas' names."""

    def more_ports(self, folder):  # noqa: ARG002 - nothing lies in it
        return {"register": registry_console(self.town.truth, self.town.clock, "Asia/Shanghai", self.threads)}


@pytest.fixture
def office(tmp_path):
    office = NamedOffice(tmp_path)
    yield office
    office.close()


def name_areas(office):
    grids = [Area(f"{VILLAGE}/g{number}", f"第{word}网格") for number, word in ((1, "一"), (2, "二"))]
    with office.town.truth.transaction() as unit:
        unit.entries.put_areas(AreaTree([Area("shuren", "树人镇"), Area(VILLAGE, "桥头村"), *grids]))


def shown(office, *paths: str):
    async def story():
        async with office.desk.clerk() as browser:
            return [await browser.get(path) for path in paths]

    return run(story())


PAGES = (f"/due?month=2024-02&area={VILLAGE}", "/standing/p1", "/returns?month=2024-02")


def test_the_pages_of_the_ledger_say_an_areas_full_name(office):
    name_areas(office)
    for page in shown(office, *PAGES):
        assert "树人镇 桥头村" in page.text
        assert "shuren/qiaotou/g1</" not in page.text


@pytest.mark.parametrize("path", ["/visits?month=2024-02", "/records", "/follow-ups", "/due"])
def test_a_village_is_chosen_by_its_name(office, path):
    name_areas(office)
    (page,) = shown(office, f"{path}{'&' if '?' in path else '?'}area={VILLAGE}")
    chosen = re.search(f'<option value="{VILLAGE}" selected>(.*?)</option>', page.text)
    assert chosen is not None
    assert "树人镇 桥头村" in chosen[1]
    assert VILLAGE not in chosen[1]


def test_an_area_that_nobody_named_is_shown_by_its_path(office):
    assert all(VILLAGE in page.text for page in shown(office, *PAGES))


def test_a_return_says_names_in_its_sheet(office):
    name_areas(office)
    row, _ = office.town.returning.draft("2024-02", VILLAGE, WANG)
    sheet = shown(office, f"/returns/{row.id}/sheet")[0].content
    book = load_workbook(io.BytesIO(sheet))
    values = {cell.value for page in book for line in page.iter_rows() for cell in line}
    assert {"树人镇 桥头村", "树人镇 桥头村 第一网格"} <= values
    assert not any(str(value).startswith("shuren/") for value in values)


def test_a_made_up_town_has_a_name_for_each_village_and_grid_and_no_two_villages_share_one():
    made = areas(Plan(10, 999, 1, 1, date(2024, 1, 1)))
    tree = checked_tree(made, where="the township")
    villages = [one.name for one in made if one.kind is AreaKind.VILLAGE]
    assert len(set(villages)) == len(villages) == 999
    assert tree.full_name("shuren/v001/g2") == "树人镇 桥头村 第二网格"
