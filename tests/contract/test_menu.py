"""The menu leads nobody to a page that refuses them."""

import re

import pytest
from two_villages import FAR, TwoVillages

from registry.access import Grant, Role

EVERY_ROLE = [[], *([Grant(role, area)] for role in Role for area in ("", FAR))]
GRID, DUTY, NARROW_DUTY = Grant(Role.GRID, f"{FAR}/g1"), Grant(Role.DUTY), Grant(Role.DUTY, FAR)


@pytest.fixture(scope="module")
def villages(tmp_path_factory):
    """Two villages that all tests here share: each gives the account its roles anew, and only reads."""
    with TwoVillages.at(tmp_path_factory.mktemp("villages")) as villages:
        yield villages


def menu_of(text):
    return re.findall(r'<a href="([^"]+)"', text[text.index("<nav") : text.index("</nav>")])


async def walked(_app, browser):
    """Return the menu, as of the board, with how each page of it answered; the menu is the same on each."""
    menu = menu_of((await browser.get("/")).text)
    answers = {path: await browser.get(path) for path in menu}
    assert all(menu_of(answer.text) == menu for answer in answers.values() if answer.status_code == 200)
    return {path: answer.status_code for path, answer in answers.items()}


def tabs_of(text):
    """Return where the tabs of a page of the register lead to."""
    found = re.search(r'<nav class="labels".*?</nav>', text, re.DOTALL)
    return [] if found is None else re.findall(r'<a class="tag" href="([^"]+)"', found[0])


async def tabs_walked(_app, browser):
    """Return the tabs of the register and of the audit chain, with how each page of them answered."""
    pages = [await browser.get(path) for path in ("/registry", "/audit")]
    tabs = {tab for page in pages if page.status_code == 200 for tab in tabs_of(page.text)}
    return {tab: (await browser.get(tab)).status_code for tab in tabs}


@pytest.mark.parametrize("grants", EVERY_ROLE, ids=lambda grants: "-".join(f"{one.role}-{one.area}" for one in grants))
def test_every_page_of_the_menu_opens_for_every_role(villages, grants):
    async def both_walked(app, browser):
        return await walked(app, browser) | await tabs_walked(app, browser)

    answers = villages.as_role(grants, both_walked)
    assert set(answers.values()) == {200}, answers


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PRIVACY])
def test_who_watches_over_nobody_is_led_to_the_chain_and_to_no_list_of_people(villages, role):
    assert list(villages.as_role([Grant(role)], walked)) == ["/", "/audit", "/rules"]
    assert set(villages.as_role([Grant(role)], tabs_walked)) == {"/audit"}


@pytest.mark.parametrize("role", Role)
def test_an_empty_board_says_that_all_is_quiet_to_those_alone_who_would_see_an_alert(villages, role):
    async def board_of(_app, browser):
        return (await browser.get("/board")).text

    is_blind = role in {Role.AUDITOR, Role.PRIVACY}
    assert ("sees no alerts" in villages.as_role([Grant(role)], board_of)) is is_blind


def test_who_keeps_a_register_is_led_to_the_chain_only_where_the_role_may_look_at_it(villages):
    assert "/audit" in villages.as_role([Grant(Role.TOWN)], tabs_walked)
    assert "/audit" not in villages.as_role([Grant(Role.VILLAGE, FAR)], tabs_walked)


def test_who_watches_a_village_is_shown_no_inbox_and_who_watches_everywhere_is(villages):
    assert "/devices/inbox" not in villages.as_role([GRID], walked)
    assert "/devices/inbox" in villages.as_role([DUTY], walked)
