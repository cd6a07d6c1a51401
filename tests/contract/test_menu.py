"""The menu leads nobody to a page that refuses them."""

import re

import pytest
from two_villages import FAR

from registry.access import Grant, Role

GRID, DUTY, NARROW_DUTY = Grant(Role.GRID, f"{FAR}/g1"), Grant(Role.DUTY), Grant(Role.DUTY, FAR)


def menu_of(text):
    return re.findall(r'<a href="([^"]+)"', text[text.index("<nav") : text.index("</nav>")])


async def walked(_app, browser):
    """Return the menu, as of the board, with how each page of it answered; the menu is the same on each."""
    menu = menu_of((await browser.get("/")).text)
    answers = {path: await browser.get(path) for path in menu}
    assert all(menu_of(answer.text) == menu for answer in answers.values() if answer.status_code == 200)
    return {path: answer.status_code for path, answer in answers.items()}


@pytest.mark.parametrize(
    "grants",
    [[], [GRID], [DUTY], [NARROW_DUTY], [Grant(Role.VILLAGE, FAR)], [Grant(Role.TOWN)]],
    ids=["no role", "grid", "duty", "duty of a village", "village", "town"],
)
def test_every_page_of_the_menu_opens(villages, grants):
    assert set(villages.as_role(grants, walked).values()) == {200}


def test_who_watches_a_village_is_shown_no_inbox_and_who_watches_everywhere_is(villages):
    assert "/devices/inbox" not in villages.as_role([GRID], walked)
    assert "/devices/inbox" in villages.as_role([DUTY], walked)
