"""Long lists come a part at a time: counted whole, filtered by the address, no page too heavy for a village's phone."""

import re
from datetime import date

from api_browser import Seen
from api_console import Desk, run
from api_village import sample_due, sample_visit

from api.parts import ROWS_A_PAGE, part_of, villages_of
from api.views import DueStatus, PersonBrief

HEAVIEST_BYTES = 400_000
PEOPLE = 2_000


def test_parts_hold_every_row_once_and_a_number_too_high_is_the_last():
    rows = list(range(250))
    parts = [part_of(rows, number) for number in (1, 2, 3)]
    assert [row for part in parts for row in part.rows] == rows
    assert part_of(rows, 99) == parts[2]
    assert (parts[2].first, parts[2].total, parts[2].parts) == (201, 250, 3)
    assert (part_of([], 1).parts, part_of([], 1).rows) == (1, [])
    assert villages_of(["a/v/g1", "a/v/g2", "a/u"]) == ["a/u", "a/v"]


def township():
    """Return a desk whose ledger is that of a whole township."""
    desk, (first, *_) = Desk(), sample_due()
    people = [PersonBrief(person_id=f"p{n:04}", name="王*") for n in range(PEOPLE)]
    states = (DueStatus.SATISFIED, DueStatus.OPEN, DueStatus.OVERDUE)
    rows = [
        first.model_copy(update={"person": one, "area": f"shuren/v{n % 10}/g1", "status": states[n % 3], "owed": 1})
        for n, one in enumerate(people)
    ]

    async def due(month, account):
        return rows

    desk.console.due = due
    desk.console.visit_rows = {
        f"v{n}": sample_visit(f"v{n}", person=one, local_date=date(2024, 2, 1 + n % 28)) for n, one in enumerate(people)
    }
    return desk


def seen(*paths: str):
    async def story():
        async with township().clerk() as browser:
            return [(await browser.get(path)).text for path in paths]

    return run(story())


def test_a_townships_visits_are_paged_counted_whole_and_filtered_by_the_address():
    base = "/visits?month=2024-02"
    first, village = seen(base, f"{base}&area=shuren/v3&state=overdue")
    for page in (first, village):
        assert len(page.encode()) < HEAVIEST_BYTES
        Seen(page).check()
    assert f'<span class="count">{PEOPLE}</span>' in first
    assert f"共 {PEOPLE} 条" in first
    assert first.count('<th scope="row">') == ROWS_A_PAGE
    assert 'rel="next"' in first
    areas = set(re.findall(r'<span class="meta">(shuren/v\d+)/g1</span>', village))
    assert areas == {"shuren/v3"}
    assert village.count('<tr class="owing">') == village.count('<th scope="row">') > 0


def test_the_next_page_keeps_the_filter_and_shows_other_people():
    base = "/visits?month=2024-02&state=overdue"
    first, second = seen(base, f"{base}&page=2")
    link = re.search(r'rel="next" href="([^"]+)"', first)[1]
    assert "state=overdue" in link
    assert "page=2" in link
    rows = [re.findall(r'<tr class="owing">', page) for page in (first, second)]
    assert len(rows[0]) == len(rows[1]) == ROWS_A_PAGE
    assert "第 101–200 条" in second
