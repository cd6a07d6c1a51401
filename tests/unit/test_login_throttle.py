"""Failed logins: five of a name at an address, a hundred of it anywhere; nobody else's guesses close the desk."""

import pytest

from api.throttle import (
    MAX_DESKS,
    MAX_FAILURES,
    MAX_FAILURES_ANYWHERE,
    MAX_NAMES,
    WINDOW_MS,
    LoginThrottle,
    asker_of,
)
from core.clock import ManualClock

DESK, OTHER = "192.168.1.20", "192.168.1.66"


@pytest.fixture
def clock():
    return ManualClock(1)


@pytest.fixture
def throttle(clock):
    return LoginThrottle(clock.now_ms)


def guess(throttle, address, *, tries=MAX_FAILURES, name="li", password_set_ms=0):
    for _ in range(tries):
        throttle.fail(name, address, password_set_ms)


def guess_everywhere(throttle):
    for number in range(MAX_FAILURES_ANYWHERE // MAX_FAILURES):
        guess(throttle, f"10.0.0.{number}")


def test_guesses_from_one_address_leave_the_name_free_at_another(throttle):
    guess(throttle, OTHER)
    assert throttle.wait_ms("li", OTHER) == WINDOW_MS
    assert throttle.wait_ms(" LI ", OTHER) == WINDOW_MS
    assert throttle.wait_ms("li", DESK) == 0


def test_guesses_from_many_addresses_close_the_name_at_every_one(throttle, clock):
    guess_everywhere(throttle)
    assert throttle.wait_ms("li", DESK) == WINDOW_MS
    assert throttle.wait_ms("chen", DESK) == 0
    clock.advance_to_ms(clock.now_ms() + WINDOW_MS)
    assert throttle.wait_ms("li", DESK) == 0


def test_the_desk_from_which_the_account_has_logged_in_stays_open_whatever_is_guessed_elsewhere(throttle):
    throttle.forgive("li", DESK)
    guess_everywhere(throttle)
    assert throttle.wait_ms("li", DESK) == 0
    guess(throttle, DESK)
    assert throttle.wait_ms("li", DESK) == WINDOW_MS


def test_a_login_forgives_the_slips_of_its_own_address_and_nobody_elses(throttle):
    guess(throttle, DESK, tries=4)
    guess(throttle, OTHER)
    throttle.forgive("li", DESK)
    guess(throttle, DESK, tries=4)
    assert throttle.wait_ms("li", DESK) == 0
    assert throttle.wait_ms("li", OTHER) == WINDOW_MS


def test_a_new_password_lifts_the_limit_at_every_address(throttle):
    guess(throttle, DESK, password_set_ms=7)
    assert throttle.wait_ms("li", DESK, 7) == WINDOW_MS
    assert throttle.wait_ms("li", DESK, 8) == 0
    guess(throttle, DESK, password_set_ms=8)
    assert throttle.wait_ms("li", DESK, 8) == WINDOW_MS


def test_another_spelling_of_the_name_lifts_no_limit(throttle):
    guess(throttle, OTHER, password_set_ms=7)
    assert throttle.wait_ms("LI", OTHER, 0) == WINDOW_MS  # nobody has that name, so no password was ever set for it
    assert throttle.wait_ms("li", OTHER, 7) == WINDOW_MS


@pytest.mark.parametrize(
    ("one", "other", "is_one_asker"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("unknown", "", True),
        ("made up " * 1000, "unix:", True),
    ],
)
def test_whoever_may_choose_among_addresses_of_their_own_is_one_asker(one, other, is_one_asker):
    assert (asker_of(one) == asker_of(other)) is is_one_asker


def test_the_throttle_forgets_the_oldest_name_rather_than_fill_the_memory(throttle):
    guess(throttle, DESK, name="first")
    assert throttle.wait_ms("first", DESK) > 0
    for number in range(MAX_NAMES):
        throttle.fail(f"name {number}", DESK)
    assert throttle.wait_ms("first", DESK) == 0


def test_the_throttle_forgets_the_oldest_desk_rather_than_fill_the_memory(throttle):
    throttle.forgive("li", DESK)
    for number in range(MAX_DESKS):
        throttle.forgive(f"name {number}", DESK)
    guess_everywhere(throttle)
    assert throttle.wait_ms("li", DESK) == WINDOW_MS


def test_a_name_is_forgotten_once_its_window_has_passed(throttle, clock):
    for number in range(50):
        throttle.fail(f"name {number}", DESK)
    clock.advance_to_ms(clock.now_ms() + WINDOW_MS)
    throttle.fail("li", DESK)
    assert list(throttle._tries) == ["li"]  # what is kept is what the test is about
