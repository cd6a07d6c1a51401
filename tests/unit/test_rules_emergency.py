"""Signals that page at once, and what an old backlog's last word is worth."""

import pytest
from watched_home import NINE, SECOND, Watched, device, said

from core.events import Flag, Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind, Priority

SMOKE = device("smoke", DeviceRole.SMOKE_GAS_CO, "kitchen")
BUTTON = device("button", DeviceRole.SOS_BUTTON, "bedroom")
LEAK = device("leak", DeviceRole.LEAK, "kitchen")
KIND, WATER = FindingKind.EMERGENCY, FindingKind.WATER_RUNNING
NOW = NINE + 5 * HOUR_MS
TWO = (("smoke", Metric.SMOKE), ("leak", Metric.WET))


def late(name, metric, value, at_ms, now_ms=NOW):
    return said(name, metric, value, at_ms, arrived_ms=now_ms, flags=int(Flag.LATE))


def test_an_alarm_hours_old_that_was_never_taken_back_pages_once_its_backlog_has_drained():
    home = Watched(SMOKE).take_batch([late("smoke", Metric.SMOKE, True, NINE)], NOW)
    assert home.until(NOW + MINUTE_MS - 1).raised(KIND) == []
    (finding,) = home.restart().until(NOW + MINUTE_MS).raised(KIND)
    assert (finding.priority, finding.since_ms) == (Priority.P0, NINE)
    assert len(home.until(NOW + HOUR_MS).raised(KIND)) == 1


def test_an_alarm_that_the_same_backlog_takes_back_pages_nobody():
    home = Watched(SMOKE)
    home.take_batch([late("smoke", Metric.SMOKE, True, NINE)], NOW)
    home.take_batch([late("smoke", Metric.SMOKE, False, NINE + HOUR_MS, NOW + 100)], NOW + 100)
    assert home.until(NOW + HOUR_MS).raised(KIND) == []


@pytest.mark.parametrize("every_ms", [10 * SECOND, 59 * SECOND, MINUTE_MS])
@pytest.mark.parametrize("known", [(), (False,)])
def test_an_alarm_by_a_clock_hours_behind_is_put_off_by_none_of_its_repeats(every_ms, known):
    home = Watched(SMOKE, LEAK).take(
        [said(name, metric, value, NOW - HOUR_MS) for name, metric in TWO for value in known]
    )
    for at_ms in range(NOW, NOW + 5 * MINUTE_MS, every_ms):
        home.until(at_ms)
        repeats = [late(name, metric, True, at_ms - 2 * HOUR_MS, at_ms) for name, metric in TWO]
        home.take_batch(repeats, at_ms)
    told = [(one.at_ms, one.since_ms) for one in home.raised(KIND, WATER)]
    assert told == [(NOW + MINUTE_MS, NOW - 2 * HOUR_MS)] * 2


@pytest.mark.parametrize("flags", [Flag.LATE, Flag.REPLAY])
@pytest.mark.parametrize(("behind_ms", "rings"), [(5 * MINUTE_MS, 0), (5 * MINUTE_MS + 1, 2), (8 * HOUR_MS, 2)])
def test_where_the_log_stands_still_until_a_clock_has_caught_up_nothing_waits_for_an_end(flags, behind_ms, rings):
    home = Watched(SMOKE, LEAK, start_ms=NOW)
    arrived_ms = NOW - behind_ms
    told = [
        said(name, metric, True, arrived_ms - 2 * HOUR_MS, arrived_ms=arrived_ms, flags=int(flags))
        for name, metric in TWO
    ]
    assert len(home.take_batch(told, NOW).raised(KIND, WATER)) == rings
    assert len(home.until(NOW + MINUTE_MS).raised(KIND, WATER)) == 2


def test_a_backlog_with_an_older_alarm_ends_none_that_sounded_a_moment_ago():
    for name, metric in TWO:
        home = Watched(SMOKE, LEAK).take([said(name, metric, True, at_ms) for at_ms in (NOW - 2 * HOUR_MS, NOW)])
        backlog = ((True, NOW - 3 * HOUR_MS), (False, NOW - HOUR_MS))
        home.take_batch([late(name, metric, value, at_ms, NOW + SECOND) for value, at_ms in backlog], NOW + SECOND)
        assert home.restart().until(NOW + HOUR_MS).cleared(KIND, WATER) == []
        home.take([said(name, metric, False, NOW + 2 * HOUR_MS)])
        assert (len(home.raised(KIND, WATER)), len(home.cleared(KIND, WATER))) == (1, 1)


def test_a_press_that_a_dead_gateway_kept_for_hours_pages_when_it_comes_and_says_from_when_it_is():
    home = Watched(BUTTON).take_batch([late("button", Metric.SOS, True, NINE)], NOW)
    assert [(one.at_ms, one.since_ms) for one in home.until(NOW + HOUR_MS).raised(KIND)] == [(NOW, NINE)]


@pytest.mark.parametrize("days", [1, 30, 399])
def test_a_press_that_states_days_ago_pages_when_it_comes_and_says_that_its_clock_may_be_wrong(days):
    now_ms = NINE + days * DAY_MS + HOUR_MS
    home = Watched(BUTTON, start_ms=now_ms).take_batch([late("button", Metric.SOS, True, NINE, now_ms)], now_ms)
    (finding,) = home.until(now_ms + HOUR_MS).raised(KIND)
    assert (finding.priority, finding.at_ms, finding.since_ms) == (Priority.P0, now_ms, NINE)
    for text in (finding.sentence, *(one.text for one in finding.evidence[-2:-1])):
        assert "2024-03-05 09:00" in text.en  # with its year: it may be last year's
        assert "2024-03-05 09:00" in text.zh
        assert "clock" in text.en
        assert "时钟" in text.zh


@pytest.mark.parametrize(
    ("one", "metric", "kind", "zh", "en"),
    [
        (BUTTON, Metric.SOS, KIND, "收到求助信号：卧室的设备", "a call for help at 03-05 09:00: the device in bedroom"),
        (SMOKE, Metric.SMOKE, KIND, "收到烟雾报警信号：厨房的设备", "smoke at 03-05 09:00: the device in kitchen"),
        (LEAK, Metric.WET, WATER, "收到漏水信号：厨房的设备", "a leak at 03-05 09:00: the device in kitchen"),
    ],
)
def test_a_signal_is_told_in_words_and_its_evidence_speaks_of_no_limit(one, metric, kind, zh, en):
    (finding,) = Watched(one).take_batch([said(one.id, metric, True, NINE)], NINE).raised(kind)
    assert zh in finding.sentence.zh
    assert finding.sentence.en == en
    told = "".join(f"{each.text.zh} {each.text.en}" for each in finding.evidence)
    assert "limit" not in told
    assert "限度" not in told
    last = next(each for each in finding.evidence if each.device_id == one.id and each.grade == "fact")
    assert f"{one.id} (" in last.text.en
    assert "signalled" in last.text.en


def test_a_press_of_today_says_nothing_of_its_clock():
    (finding,) = Watched(BUTTON).take_batch([late("button", Metric.SOS, True, NINE)], NOW).raised(KIND)
    assert "clock" not in finding.sentence.en + "".join(one.text.en for one in finding.evidence)


def test_each_press_of_a_button_whose_clock_is_days_behind_pages():
    home = Watched(BUTTON)
    for number in range(3):
        pressed_ms = NOW + number * 6 * HOUR_MS
        home.until(pressed_ms)
        home.take_batch([late("button", Metric.SOS, True, pressed_ms - 30 * DAY_MS, pressed_ms)], pressed_ms)
    assert len(home.raised(KIND)) == 3


@pytest.mark.parametrize("flag", [Flag.REREAD, Flag.REPLAY])
def test_a_press_older_than_a_day_that_was_parked_or_retained_is_history(flag):
    now_ms = NINE + 25 * HOUR_MS
    press = said("button", Metric.SOS, True, NINE, arrived_ms=now_ms, flags=int(Flag.LATE | flag))
    home = Watched(BUTTON).take_batch([press], now_ms)
    assert home.until(now_ms + HOUR_MS).raised(KIND) == []


@pytest.mark.parametrize(("name", "metric", "kind"), [("smoke", Metric.SMOKE, KIND), ("leak", Metric.WET, WATER)])
def test_an_alarm_that_states_days_ago_behind_a_newer_word_pages_when_its_backlog_has_drained(name, metric, kind):
    now_ms = NINE + 30 * DAY_MS
    home = Watched(SMOKE, LEAK).take([said(name, metric, False, now_ms - HOUR_MS)])
    home.take_batch([late(name, metric, True, NINE, now_ms)], now_ms)
    assert home.raised(kind) == []
    (finding,) = home.restart().until(now_ms + MINUTE_MS).raised(kind)
    assert "clock" in finding.sentence.en
    assert "clock" in finding.evidence[-2].text.en
    over_ms = now_ms + 10 * MINUTE_MS
    home.take_batch([late(name, metric, False, NINE + 10 * MINUTE_MS, over_ms)], over_ms)
    assert len(home.cleared(kind)) == 1
    home.take_batch([late(name, metric, True, NINE + HOUR_MS, now_ms + HOUR_MS)], now_ms + HOUR_MS)
    assert len(home.until(now_ms + 2 * HOUR_MS).raised(kind)) == 2


@pytest.mark.parametrize(("name", "metric", "kind"), [("smoke", Metric.SMOKE, KIND), ("leak", Metric.WET, WATER)])
def test_an_alarm_of_days_ago_whose_end_is_in_the_same_backlog_pages_nobody(name, metric, kind):
    now_ms = NINE + 3 * DAY_MS
    home = Watched(SMOKE, LEAK).take([said(name, metric, False, now_ms - MINUTE_MS)])  # live words came first
    home.take_batch([late(name, metric, True, NINE, now_ms)], now_ms)
    home.take_batch([late(name, metric, False, NINE + HOUR_MS, now_ms + 100)], now_ms + 100)
    assert home.until(now_ms + DAY_MS).raised(kind) == []


def test_an_alarm_of_days_ago_that_a_live_word_takes_back_within_the_minute_pages_nobody():
    now_ms = NINE + 3 * DAY_MS
    home = Watched(SMOKE).take_batch([late("smoke", Metric.SMOKE, True, NINE, now_ms)], now_ms)
    home.take([said("smoke", Metric.SMOKE, False, now_ms + SECOND)])
    assert home.until(now_ms + DAY_MS).raised(KIND) == []


def test_an_alarm_of_days_ago_that_was_parked_stays_behind_a_newer_word():
    now_ms = NINE + 3 * DAY_MS
    home = Watched(SMOKE).take([said("smoke", Metric.SMOKE, False, now_ms - HOUR_MS)])
    parked = said("smoke", Metric.SMOKE, True, NINE, arrived_ms=now_ms, flags=int(Flag.LATE | Flag.REREAD))
    assert home.take_batch([parked], now_ms).until(now_ms + HOUR_MS).raised(KIND) == []


def test_an_alarm_of_hours_ago_behind_a_newer_word_rings_unless_its_end_comes_within_the_minute():
    story = [late("smoke", Metric.SMOKE, True, NINE), late("smoke", Metric.SMOKE, False, NINE + 10 * MINUTE_MS)]
    for words, rings in ((story[:1], 1), (story, 0)):  # a backlog has its end; a clock that was set back has none yet
        home = Watched(SMOKE).take([said("smoke", Metric.SMOKE, False, NINE + HOUR_MS)])
        home.take_batch(words, NOW)
        assert len(home.until(NOW + HOUR_MS).raised(KIND)) == rings


def test_an_all_clear_of_hours_ago_does_not_end_smoke_that_sounds():
    home = Watched(SMOKE).take([said("smoke", Metric.SMOKE, True, NINE)])
    now_ms, words = NINE + 3 * MINUTE_MS, ((True, NINE - 3 * HOUR_MS), (False, NINE - 2 * HOUR_MS))
    home.take_batch([late("smoke", Metric.SMOKE, value, at_ms, now_ms) for value, at_ms in words], now_ms)
    assert (len(home.until(NOW).raised(KIND)), home.cleared(KIND)) == (1, [])
    home.take([said("smoke", Metric.SMOKE, False, NOW)])
    assert len(home.cleared(KIND)) == 1


def test_an_alarm_told_late_does_not_hide_the_next_one():
    home = Watched(SMOKE).take([said("smoke", Metric.SMOKE, False, NINE + 30 * MINUTE_MS)])
    home.take_batch([late("smoke", Metric.SMOKE, True, NINE, NINE + 40 * MINUTE_MS)], NINE + 40 * MINUTE_MS)
    assert len(home.raised(KIND)) == 1
    home.take([said("smoke", Metric.SMOKE, True, NOW)])
    assert len(home.raised(KIND)) == 2


def test_a_repeated_alarm_pages_once_and_its_end_does_not_withdraw_it():
    home = Watched(SMOKE).take([said("smoke", Metric.SMOKE, True, NINE + n * MINUTE_MS) for n in range(3)])
    assert len(home.raised(KIND)) == 1
    home.take([said("smoke", Metric.SMOKE, False, NINE + HOUR_MS)])
    assert [finding.clears_alert for finding in home.cleared(KIND)] == [False]


# --- a word that is stamped as it arrives: nobody knows when it was said


def stamped(name, metric, value, at_ms, flags=Flag.SKEWED):
    return said(name, metric, value, at_ms, flags=int(flags))


def slow(name, metric, value, at_ms, by_ms=3 * MINUTE_MS):
    return said(name, metric, value, at_ms - by_ms, arrived_ms=at_ms)


@pytest.mark.parametrize("flags", [Flag.SKEWED, Flag.NO_DEVICE_TIME, Flag.NO_DEVICE_TIME | Flag.REPLAY])
@pytest.mark.parametrize(("name", "metric"), [("leak", Metric.WET), ("smoke", Metric.SMOKE)])
def test_an_alarm_of_a_slow_clock_outranks_an_all_clear_from_before_that_clock_was_set(name, metric, flags):
    home = Watched(LEAK, SMOKE).take([stamped(name, metric, value=False, at_ms=NINE, flags=flags)])
    home.take_batch([slow(name, metric, True, NINE + 2 * MINUTE_MS)], NINE + 2 * MINUTE_MS)
    assert len(home.until(NINE + HOUR_MS).raised(KIND, WATER)) == 1
    assert home.cleared(KIND, WATER) == []
    over_ms = NINE + 2 * MINUTE_MS + SECOND  # and stated before the all-clear, too
    home.restart().take_batch([slow(name, metric, False, over_ms)], over_ms)
    assert len(home.cleared(KIND, WATER)) == 1
    home.take_batch([slow(name, metric, True, over_ms + SECOND)], over_ms + SECOND)
    assert len(home.raised(KIND, WATER)) == 2


def test_an_alarm_hours_old_behind_a_word_that_nobody_knows_the_time_of_pages_when_nothing_takes_it_back():
    home = Watched(SMOKE).take([stamped("smoke", Metric.SMOKE, value=False, at_ms=NINE + HOUR_MS)])
    home.take_batch([late("smoke", Metric.SMOKE, True, NINE)], NOW)
    assert [one.since_ms for one in home.until(NOW + HOUR_MS).raised(KIND)] == [NINE]


def test_the_end_of_a_leak_is_taken_from_a_clock_that_was_reset_and_set_again():
    home = Watched(LEAK).take([stamped("leak", Metric.WET, value=True, at_ms=NINE)])
    home.take_batch([slow("leak", Metric.WET, False, NINE + MINUTE_MS)], NINE + MINUTE_MS)
    assert [one.clears_alert for one in home.cleared(WATER)] == [True]


def test_an_end_out_of_a_backlog_withdraws_no_leak_and_lets_the_next_one_page():
    home = Watched(LEAK).take([stamped("leak", Metric.WET, value=True, at_ms=NINE + HOUR_MS)])
    home.take_batch([late("leak", Metric.WET, False, NINE)], NOW)  # from before it, or by a clock that fell behind
    assert [one.clears_alert for one in home.cleared(WATER)] == [False]
    home.take([said("leak", Metric.WET, True, NOW + HOUR_MS)])
    assert len(home.raised(WATER)) == 2


def test_a_leak_of_minutes_ago_behind_a_newer_word_is_told_and_its_alert_is_for_a_human():
    home = Watched(LEAK).take([said("leak", Metric.WET, False, NOW - MINUTE_MS)])
    home.take_batch([late("leak", Metric.WET, True, NOW - 10 * MINUTE_MS)], NOW)
    assert len(home.raised(WATER)) == 1
    assert [one.clears_alert for one in home.cleared(WATER)] == [False]


def test_a_reset_clock_is_heard_though_it_was_fast_before():
    home = Watched(LEAK).take_batch([slow("leak", Metric.WET, False, NINE, by_ms=-4 * MINUTE_MS)], NINE)
    home.take([stamped("leak", Metric.WET, value=True, at_ms=NINE + MINUTE_MS)])
    assert len(home.raised(WATER)) == 1
    home.take([stamped("leak", Metric.WET, value=False, at_ms=NINE + 2 * MINUTE_MS)])
    assert len(home.cleared(WATER)) == 1


def test_an_all_clear_at_boot_that_a_broker_delivers_with_the_alarm_after_it_does_not_withdraw_it():
    home = Watched(LEAK)
    home.take_batch(
        [said("leak", Metric.WET, False, NOW, flags=int(Flag.SKEWED)), late("leak", Metric.WET, True, NOW - HOUR_MS)],
        NOW,
    )
    assert len(home.until(NOW + HOUR_MS).raised(WATER)) == 1
    assert not any(one.clears_alert for one in home.cleared(WATER))


def test_a_live_leak_behind_a_newer_word_is_told_and_its_alert_is_for_a_human():
    home = Watched(LEAK).take_batch([slow("leak", Metric.WET, False, NINE, by_ms=-4 * MINUTE_MS)], NINE)
    home.take([said("leak", Metric.WET, True, NINE + MINUTE_MS)])  # its clock was put right meanwhile, or that is over
    assert len(home.raised(WATER)) == 1
    assert [one.clears_alert for one in home.cleared(WATER)] == [False]


def test_the_end_that_a_reset_clock_tells_ends_a_leak_and_leaves_its_alert_to_a_human():
    home = Watched(LEAK).take([said("leak", Metric.WET, True, NINE)])
    home.take([stamped("leak", Metric.WET, value=False, at_ms=NINE + MINUTE_MS)])  # perhaps out of a buffer of before
    assert [one.clears_alert for one in home.cleared(WATER)] == [False]
    home.take([said("leak", Metric.WET, True, NINE + HOUR_MS)])
    assert len(home.raised(WATER)) == 2


@pytest.mark.parametrize(("name", "metric"), [("leak", Metric.WET), ("smoke", Metric.SMOKE)])
def test_a_live_alarm_rings_at_once_while_the_machines_clock_is_behind_what_was_recorded(name, metric):
    home = Watched(LEAK, SMOKE).take([said(name, metric, False, NINE - HOUR_MS)]).until(NINE + 8 * HOUR_MS)
    home.take_batch([said(name, metric, True, NINE)], NINE + 8 * HOUR_MS)  # the log's time stands still meanwhile
    assert len(home.raised(KIND, WATER)) == 1
