"""A link that comes and goes, and a restart while deaf, put nothing off by more than the time that was deaf."""

import pytest
from deafened import FIXED, TEN, Deafened, beats
from watched_home import (
    BATHROOM,
    GATEWAY,
    HALL,
    KITCHEN,
    NINE,
    SECOND,
    Watched,
    moved,
    said,
)

from core.events import Metric
from core.localtime import HOUR_MS, MINUTE_MS
from rules.findings import FindingKind


def test_a_link_that_flaps_does_not_put_a_stay_in_the_bathroom_off_for_ever():
    home = Deafened(BATHROOM, KITCHEN, start_ms=NINE - MINUTE_MS)
    home.take([*moved("kitchen", NINE), *moved("bathroom", NINE + MINUTE_MS)])
    for at_ms in range(NINE + 2 * MINUTE_MS, NINE + 5 * HOUR_MS, 170 * SECOND):
        home.deaf(at_ms + 78 * SECOND, at_ms + 170 * SECOND)
    assert len(home.raised(FindingKind.BATHROOM_SILENCE)) == 1


def restarted_after_a_kill(*, is_deaf: bool, is_still_deaf: bool = False) -> Deafened:
    """Heard for an hour, perhaps deaf for another; then the service does not run, and its broker keeps what is said."""
    home = Deafened(GATEWAY, KITCHEN, HALL, start_ms=NINE - MINUTE_MS, **FIXED).take(moved("kitchen", NINE))
    home.take(beats(NINE, TEN + 1))
    home.ticks(TEN, TEN + HOUR_MS if is_deaf else TEN)
    home.restart()
    back_ms = NINE + 6 * HOUR_MS
    if is_still_deaf:
        home.ticks(back_ms - 3 * MINUTE_MS, back_ms)
    kept = [said("gateway", Metric.ONLINE, True, at_ms, arrived_ms=back_ms) for at_ms in range(TEN, back_ms, MINUTE_MS)]
    home.take_batch(kept, back_ms)
    return home.until(back_ms).take(beats(back_ms, back_ms + 3 * HOUR_MS))


def test_the_time_in_which_a_service_that_was_killed_while_deaf_did_not_run_is_silence():
    heard, deaf = (
        restarted_after_a_kill(is_deaf=is_deaf).raised(FindingKind.INACTIVITY)[0] for is_deaf in (False, True)
    )
    assert heard.at_ms == NINE + 5 * HOUR_MS
    assert deaf.at_ms == pytest.approx(NINE + 6 * HOUR_MS, abs=MINUTE_MS)  # an hour later: it was deaf for one


def test_a_service_that_is_deaf_again_after_it_did_not_run_judges_what_it_missed_once_it_hears():
    rung = restarted_after_a_kill(is_deaf=True, is_still_deaf=True).raised(FindingKind.INACTIVITY)[0]
    assert NINE + 6 * HOUR_MS <= rung.at_ms <= NINE + 6 * HOUR_MS + 10 * MINUTE_MS


@pytest.mark.parametrize(("deaf_s", "heard_s"), [(47, 113), (92, 86), (1_800, 240), (1_800, 20)])
def test_a_link_that_flaps_puts_the_first_call_off_by_little_more_than_it_was_deaf(deaf_s, heard_s):
    even = FIXED | {"inactivity_night_ms": 5 * HOUR_MS}
    home = Deafened(GATEWAY, KITCHEN, HALL, start_ms=NINE - MINUTE_MS, **even).take(moved("kitchen", NINE))
    at_ms, heard_ms = NINE, 0
    while heard_ms < 5 * HOUR_MS + 6 * MINUTE_MS:
        home.take([said("gateway", Metric.ONLINE, True, at_ms)])
        home.deaf(at_ms + heard_s * SECOND, at_ms + (heard_s + deaf_s) * SECOND)
        at_ms, heard_ms = home.now_ms, heard_ms + heard_s * SECOND
        rung = home.raised(FindingKind.INACTIVITY)
        assert not rung or heard_ms >= 5 * HOUR_MS - heard_s * SECOND
    assert rung


def test_a_gateway_that_comes_and_goes_puts_the_first_call_off_by_minutes():
    home = Watched(GATEWAY, KITCHEN, HALL, start_ms=NINE - MINUTE_MS, **FIXED).take(moved("kitchen", NINE))
    for at_ms in range(NINE + MINUTE_MS, NINE + 6 * HOUR_MS, 4 * MINUTE_MS):
        gone, back = (said("gateway", Metric.ONLINE, up, at_ms + 5 * SECOND * up) for up in (False, True))
        home.take([gone, back])
    rung = home.raised(FindingKind.INACTIVITY)[0]
    assert NINE + 5 * HOUR_MS <= rung.at_ms <= NINE + 5 * HOUR_MS + 20 * MINUTE_MS


def flapping_after_the_call(*, night_h: int, is_gateway_gone: bool) -> Deafened:
    """Deaf hours of the night before, the first call, then eight hours of a link that flaps."""
    home = Deafened(GATEWAY, KITCHEN, HALL, start_ms=NINE - 10 * HOUR_MS, **FIXED)
    home.deaf(NINE - 9 * HOUR_MS, NINE - 9 * HOUR_MS + night_h * HOUR_MS + 1)
    rang_ms = NINE + 5 * HOUR_MS
    home.take([*moved("kitchen", NINE), *beats(NINE - MINUTE_MS, rang_ms + 1, MINUTE_MS)])
    for at_ms in range(rang_ms, rang_ms + 8 * HOUR_MS, 160 * SECOND):
        home.deaf(at_ms + 60 * SECOND, at_ms + 107 * SECOND)
        home.take([] if is_gateway_gone else [said("gateway", Metric.ONLINE, True, home.now_ms)])
    return home


@pytest.mark.parametrize("night_h", [0, 8])
def test_deaf_hours_before_the_call_do_not_put_the_second_stage_off(night_h):
    first, second = flapping_after_the_call(night_h=night_h, is_gateway_gone=False).raised(FindingKind.INACTIVITY)
    assert 19 * MINUTE_MS <= second.at_ms - first.at_ms <= 35 * MINUTE_MS


@pytest.mark.parametrize("night_h", [0, 8])
def test_a_dead_gateway_is_found_though_the_link_flaps(night_h):
    home = flapping_after_the_call(night_h=night_h, is_gateway_gone=True)
    silent = home.raised(FindingKind.DEVICE_SILENT)[-1]
    assert NINE + 5 * HOUR_MS + 30 * MINUTE_MS < silent.at_ms <= NINE + 5 * HOUR_MS + 50 * MINUTE_MS


def test_many_short_deaf_stretches_give_a_device_no_less_time_than_they_took():
    home = Deafened(GATEWAY, KITCHEN, start_ms=NINE - MINUTE_MS).take(beats(NINE, NINE + 1))
    for n in range(20):
        home.deaf(NINE + (1 + 10 * n) * MINUTE_MS, NINE + (10 + 10 * n) * MINUTE_MS)
    assert home.raised(FindingKind.DEVICE_SILENT) == []
    (silent,) = home.until(NINE + 5 * HOUR_MS).raised(FindingKind.DEVICE_SILENT)
    assert silent.at_ms == NINE + 30 * MINUTE_MS + 20 * 9 * MINUTE_MS
