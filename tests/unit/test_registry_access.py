"""A role in an area: what each may do, and that nothing is allowed which nothing allows."""

import pytest

from registry.access import ALLOWED, ROLE_WORDS, Deed, Grant, Role, may, reach

VILLAGE = "shuren/qiaotou"


@pytest.mark.parametrize(
    ("role", "deeds"),
    [
        (Role.GRID, {"watch", "review", "see", "reveal", "change"}),
        (Role.VILLAGE, {"watch", "review", "see", "reveal", "change", "decide", "sign_return"}),
        (
            Role.TOWN,
            {"watch", "review", "see", "reveal", "change", "decide", "gather", "audit", "receive_return"},
        ),
        (Role.DUTY, {"watch", "review", "see"}),
        (Role.AUDITOR, {"audit"}),
    ],
)
def test_each_role_may_do_this_and_nothing_else(role, deeds):
    assert {deed.value for deed in Deed if may([Grant(role)], deed, VILLAGE)} == deeds
    assert set(ALLOWED) == set(ROLE_WORDS) == set(Role)


def test_r9_a_role_holds_in_its_area_and_below_and_nowhere_else():
    grants = [Grant(Role.VILLAGE, VILLAGE)]
    assert may(grants, Deed.CHANGE, VILLAGE)
    assert may(grants, Deed.CHANGE, f"{VILLAGE}/g3")
    for elsewhere in ("shuren", "shuren/qiaotou2", "shuren/xihe", ""):
        assert not may(grants, Deed.SEE, elsewhere)


def test_two_roles_add_up_and_do_not_mix():
    grants = [Grant(Role.GRID, f"{VILLAGE}/g3"), Grant(Role.AUDITOR)]
    assert may(grants, Deed.AUDIT)
    assert not may(grants, Deed.DECIDE, f"{VILLAGE}/g3")
    assert not may(grants, Deed.SEE, "shuren/xihe")


def test_without_any_role_an_account_does_everything_as_before_roles_came():
    assert all(may([], deed, "anywhere") for deed in Deed)


def test_the_reach_of_an_account_is_the_widest_areas_in_which_it_may_do_a_deed():
    grids = [Grant(Role.GRID, f"{VILLAGE}/g3"), Grant(Role.GRID, "shuren/xihe"), Grant(Role.GRID, "shuren/xihe/g1")]
    assert reach(grids, Deed.SEE) == [f"{VILLAGE}/g3", "shuren/xihe"]
    assert reach(grids, Deed.SEE, VILLAGE) == [f"{VILLAGE}/g3"]
    assert list(reach(grids, Deed.SEE, "shuren/xihe/g1")) == ["shuren/xihe/g1"]
    assert reach(grids, Deed.SEE, "other") == reach(grids, Deed.DECIDE) == reach([Grant(Role.AUDITOR)], Deed.SEE) == []
    assert list(reach([], Deed.SEE)) == [""]
