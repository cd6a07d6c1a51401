"""Breaker, pace, number limits and routes: arithmetic and data, each sentence one promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.breaker import FAILURES_TO_OPEN, OPEN_FIRST_MS, OPEN_MOST_MS, Breaker
from alerts.pacing import BEAT_MS, MOST_BORROWED, Bucket, NumberLimit, burst_of, number_free_at_ms
from alerts.routing import built_in_routes, parse_routes
from core.errors import ConfigurationError

MAINLAND_LIMITS = (NumberLimit(1, 60_000), NumberLimit(5, 3_600_000), NumberLimit(20, 86_400_000))


def opened(at_ms=0):
    breaker = Breaker()
    breaker.on_misconfigured(at_ms, "HTTP 401")
    return breaker


def test_failures_open_only_when_they_come_in_a_row():
    breaker = Breaker()
    for _ in range(3):
        for _ in range(FAILURES_TO_OPEN - 1):
            breaker.on_failure(0, "lost")
        breaker.on_success()
    assert not breaker.is_open
    for _ in range(FAILURES_TO_OPEN):
        breaker.on_failure(0, "lost")
    assert breaker.is_open
    assert breaker.blocked_until_ms(0) == OPEN_FIRST_MS


def test_after_the_pause_one_probe_goes_and_the_rest_stay_away():
    breaker = opened()
    assert breaker.blocked_until_ms(OPEN_FIRST_MS - 1) == OPEN_FIRST_MS
    assert breaker.blocked_until_ms(OPEN_FIRST_MS) is None
    breaker.on_asked(OPEN_FIRST_MS)
    assert breaker.blocked_until_ms(OPEN_FIRST_MS) == 2 * OPEN_FIRST_MS


def test_a_probe_that_is_lost_does_not_hold_the_others_for_ever():
    breaker = opened()
    breaker.on_asked(OPEN_FIRST_MS)
    assert breaker.blocked_until_ms(2 * OPEN_FIRST_MS) is None


def test_a_failed_probe_doubles_the_pause_up_to_five_minutes_and_success_forgets_it():
    breaker, now_ms, pauses = opened(), OPEN_FIRST_MS, []
    for _ in range(6):
        breaker.on_asked(now_ms)
        breaker.on_failure(now_ms, "still out")
        until_ms = breaker.blocked_until_ms(now_ms)
        pauses.append(until_ms - now_ms)
        now_ms = until_ms
    assert pauses == [60_000, 120_000, 240_000, OPEN_MOST_MS, OPEN_MOST_MS, OPEN_MOST_MS]
    breaker.on_success()
    assert (breaker.is_open, breaker.reason) == (False, "")
    breaker.on_misconfigured(now_ms, "HTTP 403")
    assert breaker.blocked_until_ms(now_ms) == now_ms + OPEN_FIRST_MS


def test_what_was_under_way_when_it_opened_does_not_prolong_the_pause():
    breaker = opened()
    breaker.on_failure(1, "late echo")
    assert breaker.blocked_until_ms(1) == OPEN_FIRST_MS


@given(st.lists(st.integers(0, 400), min_size=1, max_size=80), st.sampled_from([0.5, 1.0, 4.0]))
def test_a_bucket_never_gives_more_than_its_pace_and_one_burst(steps, per_s):
    bucket, now_ms, given_at = Bucket(per_s), 0, []
    for step in steps:
        now_ms += step
        if bucket.ready_at_ms(now_ms) is None:
            bucket.take(now_ms)
            given_at.append(now_ms)
    assert len(given_at) <= 1 + now_ms * per_s / 1000 + 1e-6


@given(st.integers(0, 5_000), st.sampled_from([0.3, 1.0, 7.0]))
def test_a_bucket_says_the_first_moment_at_which_it_gives_again(after_ms, per_s):
    bucket = Bucket(per_s)
    bucket.take(0)
    at_ms = bucket.ready_at_ms(after_ms)
    if at_ms is not None:
        assert at_ms > after_ms
        assert bucket.ready_at_ms(at_ms) is None


def test_a_clock_that_is_set_back_takes_no_token_away():
    bucket = Bucket(1.0)
    bucket.take(10_000)
    assert bucket.ready_at_ms(5_000) == 6_000
    assert bucket.ready_at_ms(6_000) is None


def test_who_may_borrow_waits_only_for_a_large_debt():
    bucket = Bucket(1.0)
    for _ in range(MOST_BORROWED):
        assert bucket.ready_at_ms(0, may_borrow=True) is None
        bucket.take(0)
    assert bucket.ready_at_ms(0, may_borrow=True) is None
    bucket.take(0)
    assert bucket.ready_at_ms(0, may_borrow=True) == 1_000
    assert bucket.ready_at_ms(0) == 11_000


@pytest.mark.parametrize(
    ("rung_at_ms", "now_ms", "free_ms"),
    [
        ([], 0, None),
        ([0], 59_999, 60_000),
        ([0], 60_000, None),
        ([0, 100_000, 200_000, 300_000, 400_000], 500_000, 3_600_000),
        ([n * 3_700_000 for n in range(20)], 74_000_000, 86_400_000),
    ],
)
def test_a_mainland_number_is_free_once_a_minute_five_times_an_hour_twenty_a_day(rung_at_ms, now_ms, free_ms):
    assert number_free_at_ms(rung_at_ms, MAINLAND_LIMITS, now_ms) == free_ms
    assert number_free_at_ms(rung_at_ms[::-1], MAINLAND_LIMITS, now_ms) == free_ms


@pytest.mark.parametrize(
    ("to", "first"),
    [("+8613800000001", "aliyun_voice"), ("+85291234567", "twilio_voice"), ("13800000001", "twilio_voice")],
)
def test_the_longest_prefix_decides_and_by_hand_comes_last(to, first):
    names = built_in_routes().channels(to, is_call=True)
    assert (names[0], names[-1]) == (first, "console")
    assert built_in_routes().channels(to, is_call=False)[-1] == "console"


WHOLE = '[[route]]\nprefix = "+"\nvoice = ["console"]\nsms = ["console"]\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("route = 1", "routes"),
        ("= 1", "routes"),
        (WHOLE.replace('"+"', '"+86"'), "no way"),
        (WHOLE.replace('"+"', '"86"'), "prefix"),
        (WHOLE + WHOLE, "prefix"),
        (WHOLE.replace('voice = ["console"]', 'voice = ["apprise"]'), "apprise"),
        (WHOLE.replace('voice = ["console"]', "voice = []"), "no channel"),
        (WHOLE + "speed = 1\n", "speed"),
    ],
)
def test_routes_that_leave_a_gap_are_refused_with_a_remedy(text, words):
    with pytest.raises(ConfigurationError, match=words) as refused:
        parse_routes(text, where="routes.toml")
    assert refused.value.remedy
    assert refused.value.where == "routes.toml"


@pytest.mark.parametrize("per_s", [1.0, 5.0, 9.0, 50.0])
def test_a_pace_is_reached_by_rounds_that_are_a_beat_apart(per_s):
    bucket, given = Bucket(per_s, burst=burst_of(per_s)), 0
    for now_ms in range(0, 10_000, BEAT_MS):
        while bucket.ready_at_ms(now_ms) is None:
            bucket.take(now_ms)
            given += 1
    assert 10 * per_s * 0.95 <= given <= 10 * per_s + burst_of(per_s)
