"""The console over real stores: homes as the engine has them, and any past minute as the engine told it then."""

import asyncio
from datetime import date

import msgspec
import pytest
from console_town import BOOK, NINE, Town, lived, moved
from rules_walk import HOME_ID, home_of, reading

from api.home_views import Presence
from api.problem_codes import RefusedError
from app.hindsight import MAX_REPLAYS, SPAN_ENTRIES
from core.errors import NotFoundError
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.devices import Identity
from registry.homes import Suspension, SuspensionReason
from rules.home_mode import HomeMode


@pytest.fixture
def build(tmp_path):
    towns = []

    def made(home=None, book=""):
        towns.append(Town(tmp_path, home or home_of(heartbeat_ms=HOUR_MS), book))
        return towns[-1]

    yield made
    for town in towns:
        town.close()


def test_a_past_minute_is_told_as_the_engine_told_it_then(build):
    town = build()
    minutes, told = (NINE + 4 * HOUR_MS, NINE + 9 * HOUR_MS, NINE + 14 * HOUR_MS), []
    readings = list(lived(8))
    for minute in minutes:
        while readings and readings[0].observed_at_ms <= minute:
            town.hear(readings.pop(0))
        town.wait(minute)
        told.append(town.ask(town.console.explanation("h1", None)))
    for minute, then in zip(minutes, told, strict=True):
        again = town.ask(town.console.explanation("h1", minute))
        assert (then.is_now, again.is_now) == (True, False)
        assert again.model_copy(update={"is_now": True}) == then
    assert told[1].mode is not told[2].mode  # the story had something to tell: the gateway fell silent


def test_a_county_between_the_readings_of_a_home_changes_nothing(build, tmp_path):
    town = build()
    other = Reading(HomeId("h10"), DeviceId("h10/pir"), Metric.MOTION, True, NINE, NINE)
    for number in range(SPAN_ENTRIES + 10):
        town.journal.append((other,), log_time_ms=NINE + number)
    town.hear(*moved("kitchen", NINE + HOUR_MS))
    told = town.ask(town.console.explanation("h1", NINE + 2 * HOUR_MS))
    assert "no sign of life for 1 h 00 min" in told.silence[0].en
    early = town.ask(town.console.explanation("h1", NINE + 30 * MINUTE_MS))
    assert "nothing can be said" in early.silence[0].en


def test_before_anything_was_received_the_past_and_the_present_are_not_told(build):
    town = build()
    town.engine.remove_home(HOME_ID)  # registered a moment ago: no rule has it yet
    with pytest.raises(NotFoundError, match="nothing has been received"):
        town.ask(town.console.explanation("h1", NINE))
    town.keeper.set_homes([town.home])
    with pytest.raises(NotFoundError, match="nothing has been received"):
        town.ask(town.console.explanation("h1", None))
    with pytest.raises(NotFoundError, match="nothing has been received"):
        town.ask(town.console.explanation("h1", NINE))
    town.hear(*moved("kitchen", NINE))
    with pytest.raises(NotFoundError, match="it begins at 03-05 09:00"):
        town.ask(town.console.explanation("h1", NINE - MINUTE_MS))


def test_only_so_many_replays_are_in_hand_and_what_was_refused_may_be_asked_again(build):
    town = build()
    town.hear(*moved("kitchen", NINE))
    parameters = town.engine.rules_of(HOME_ID).parameters

    async def story():
        asked = [town.hindsight.rules_at(town.home, parameters, NINE) for _ in range(MAX_REPLAYS + 2)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        return answers, await town.hindsight.rules_at(town.home, parameters, NINE)

    answers, again = town.ask(story())
    refused = [one for one in answers if isinstance(one, RefusedError)]
    assert [one.code for one in refused] == ["too_many_replays"] * 2
    assert again.home.id == HOME_ID


def test_a_service_that_stops_ends_a_replay_under_way(build):
    town = build()
    town.hear(*moved("kitchen", NINE))
    parameters = town.engine.rules_of(HOME_ID).parameters
    town.hindsight._is_closing.set()
    with pytest.raises(RefusedError) as refused:
        town.ask(town.hindsight.rules_at(town.home, parameters, NINE))
    assert refused.value.code == "replay_too_long"


def test_a_home_is_shown_with_its_mode_its_day_of_learning_and_a_masked_name(build):
    town = build()
    town.hear(*lived(2))
    (listed,) = town.ask(town.console.homes("zhang"))
    assert town.ask(town.console.home("h1")) == listed
    assert (listed.mode, listed.learning_day, listed.last_sign.grade) == (HomeMode.HOME, 1, "B")
    assert listed.person.name == "张*"
    with pytest.raises(NotFoundError):
        town.ask(town.console.home("h9"))


def test_a_home_that_was_only_registered_claims_nothing(build):
    town = build()
    home = town.ask(town.console.home("h1"))
    assert (home.last_sign, home.learning_day, home.is_blind) == (None, None, False)
    assert town.ask(town.console.coverage("h1")) == []
    assert [one.last_heard_ms for one in town.ask(town.console.devices("h1"))] == [None] * len(town.home.devices)
    assert town.ask(town.console.home_rules("h1")).silence is None


def test_a_home_that_never_spoke_is_not_said_to_be_at_home_however_long_the_service_runs(build):
    town = build(home_of())
    town.wait(NINE + HOUR_MS)  # the log has begun: the rules have the home
    home = town.ask(town.console.home("h1"))
    assert (home.mode, home.mode_since_ms, home.presence, home.last_sign) == (None, None, Presence.UNKNOWN, None)
    now = town.ask(town.console.explanation("h1", None))
    assert now.mode is None
    assert [line.en for line in now.state] == ["no device of this home was ever heard"]
    town.hear(reading("gateway", Metric.ONLINE, True, NINE + 2 * HOUR_MS))
    assert town.ask(town.console.home("h1")).mode is HomeMode.HOME


def test_a_home_that_never_spoke_and_is_suspended_says_so(build):
    away = Suspension(from_ms=NINE, until_ms=None, reason=SuspensionReason.HOSPITAL)
    town = build(msgspec.structs.replace(home_of(), suspensions=(away,)))
    town.wait(NINE + HOUR_MS)
    assert town.ask(town.console.home("h1")).mode is HomeMode.SUSPENDED


def test_a_suspended_home_says_why_and_waits_for_no_sign(build):
    until_ms = NINE + 5 * HOUR_MS
    away = Suspension(from_ms=NINE + MINUTE_MS, until_ms=until_ms, reason=SuspensionReason.HOSPITAL)
    town = build(msgspec.structs.replace(home_of(heartbeat_ms=HOUR_MS), suspensions=(away,)))
    town.hear(*moved("kitchen", NINE))
    town.wait(NINE + HOUR_MS)
    home = town.ask(town.console.home("h1"))
    assert (home.mode, home.mode_reason) == (HomeMode.SUSPENDED, SuspensionReason.HOSPITAL)
    assert home.mode_until_ms == until_ms
    assert town.ask(town.console.home_rules("h1")).silence.due_ms is None


def test_a_home_under_test_says_until_when_and_one_that_is_not_says_nothing_of_it(build):
    until_ms = NINE + 2 * HOUR_MS
    town = build(msgspec.structs.replace(home_of(heartbeat_ms=HOUR_MS), test_until_ms=until_ms))
    town.hear(*moved("kitchen", NINE))
    home = town.ask(town.console.home("h1"))
    assert (home.mode, home.mode_until_ms) == (HomeMode.TEST, until_ms)
    town.wait(until_ms)
    home = town.ask(town.console.home("h1"))
    assert (home.mode, home.mode_until_ms) == (HomeMode.HOME, None)


def test_the_limit_of_a_home_says_when_it_calls_and_how_long_a_silence_may_last_at_each_hour(build):
    town = build(book=BOOK)
    town.hear(*moved("kitchen", NINE))
    rules = town.ask(town.console.home_rules("h1"))
    silence = rules.silence
    assert (silence.is_personal, silence.learning_day, silence.limit_half_hours) == (False, None, None)
    assert (silence.from_ms, silence.due_ms) == (NINE, NINE + 4 * HOUR_MS)
    assert silence.lasting_ms[18] == 4 * HOUR_MS
    assert max(silence.lasting_ms) > 7 * HOUR_MS
    assert (rules.preset, rules.preset_title.en) == ("day4_night8", "4 h by day, 8 h by night")
    layers = {one.name: (one.value, one.default, one.layer) for one in rules.limits}
    assert layers["stove_ms"] == ("30 min", "45 min", "all")
    assert layers["inactivity_day_ms"] == ("4 h", "5 h", "preset day4_night8 (home h1)")
    assert rules.judged_by.en == "rules v4 (王主任, 2024-02-20)"
    assert [spot.en for spot in rules.blind_spots] == [
        "No sensor in the bathroom: a long stay there raises no alarm of its own."
    ]


def test_limits_that_cannot_be_used_are_said_and_those_it_keeps_are_shown(build):
    town = build(book=BOOK)
    town.hear(*moved("kitchen", NINE))
    with town.truth.transaction() as unit:
        unit.people.put_home(msgspec.structs.replace(town.home, limits={"stove_ms": 1}))
    rules = town.ask(town.console.home_rules("h1"))
    assert "stove_ms" in rules.refusal
    assert {one.layer for one in rules.limits} == {"kept"}
    assert "30 min" in {one.value for one in rules.limits}


def test_the_rules_in_force_are_shown_with_their_layers_and_a_refused_file(build, tmp_path):
    town = build(book=BOOK)
    rules = town.ask(town.console.rules("zhang"))
    assert (rules.version, rules.changed_by, [layer.name for layer in rules.layers]) == (4, "王主任", ["all"])
    assert [layer.name for layer in rules.home_layers] == ["preset day4_night8 (home h1)"]
    everybody = {one.name: one for one in rules.limits}
    assert (everybody["stove_ms"].value, everybody["inactivity_day_ms"].value) == ("30 min", "5 h")
    (tmp_path / "rules.toml").write_text("version =", "utf-8")
    town.keeper.refresh()
    assert "refused" in town.ask(town.console.rules("zhang")).notices[0]
    assert town.ask(town.console.presets())[0].measured[0].alarms_per_30d > 0


def test_a_guard_that_the_rulebook_takes_away_is_said_on_the_page_of_rules(build):
    town = build(book=BOOK.replace('stove_ms = "30 min"', 'stove_ms = "30 min"\nno_return_ms = "20 d"'))
    (said,) = town.ask(town.console.rules("zhang")).loosened
    assert said.zh == "守护已放宽：no_return_ms（all）：出门一天以上不归也不提醒"
    assert said.en == "a guard is taken away: no_return_ms (all): nobody is asked after who has been out for a day"


def test_the_page_of_rules_lists_the_limits_of_a_hundred_homes_and_counts_the_rest(build):
    town = build(book=BOOK + "\n".join(f"[home.x{n}]\nstove_ms = '20 min'" for n in range(120)))
    rules = town.ask(town.console.rules("zhang"))
    assert (rules.homes_with_layers, rules.homes_listed, len(rules.home_layers)) == (121, 100, 100)


def test_a_day_is_drawn_from_what_changed_and_no_day_before_the_first_record_is_silent(build):
    town = build()
    town.hear(*moved("kitchen", NINE), *moved("kitchen", NINE + 4 * MINUTE_MS), *moved("kitchen", NINE + 6 * MINUTE_MS))
    town.hear(
        reading("door", Metric.OPEN, True, NINE + HOUR_MS), reading("door", Metric.OPEN, False, NINE + HOUR_MS + 1)
    )
    town.hear(reading("door", Metric.OPEN, False, NINE + 2 * HOUR_MS))  # sent again: nothing happened
    drawn = town.ask(town.console.activity("h1", date(2024, 3, 5)))
    spans = {
        strip.device_id: [(s.from_ms - NINE, s.until_ms - NINE, s.grade) for s in strip.spans] for strip in drawn.strips
    }
    assert spans["kitchen"] == [(0, 10 * MINUTE_MS, "B")]
    assert spans["door"] == [(HOUR_MS, HOUR_MS + 5 * MINUTE_MS, "A")]
    assert "gateway" not in spans
    assert (drawn.days[-1].half_hours, drawn.days[-1].is_recorded) == ([18, 20], True)
    assert [day.is_recorded for day in drawn.days[:-1]] == [False] * 27
    tomorrow = town.ask(town.console.activity("h1", date(2024, 3, 6)))
    assert [strip.spans for strip in tomorrow.strips] == [[]] * len(tomorrow.strips)
    assert [(day.is_recorded, day.half_hours) for day in tomorrow.days[-2:]] == [(True, [18, 20]), (True, [])]


def test_a_device_that_is_silent_low_or_at_fault_says_so(build):
    town = build()
    battery = reading("kitchen", Metric.BATTERY_PERCENT, 9.0, NINE + MINUTE_MS)
    town.hear(*moved("kitchen", NINE), battery, reading("hall", Metric.MOTION, True, NINE + 2 * MINUTE_MS))
    town.wait(NINE + DAY_MS)
    devices = {one.device_id: one for one in town.ask(town.console.devices("h1"))}
    assert (devices["kitchen"].is_battery_low, devices["kitchen"].battery_percent) == (True, 9.0)
    assert devices["hall"].is_at_fault
    assert devices["gateway"].is_silent
    assert not devices["door"].troubles
    assert all(trouble.zh and trouble.en for one in devices.values() for trouble in one.troubles)


def test_coverage_tells_the_days_and_null_where_no_heartbeat_vouches(build):
    town = build(home_of())
    town.hear(*moved("kitchen", NINE))
    town.wait(NINE + HOUR_MS)
    (today,) = town.ask(town.console.coverage("h1"))
    assert (today.day, today.seen_min, today.blind_min) == (date(2024, 3, 5), None, None)


def test_devices_tell_what_they_are_when_they_are_missed_and_how_long_their_battery_lasts(build):
    town = build()
    town.console._identities["care/h1/kettle"] = Identity("SP 120", "Innr", "2.5")
    town.hear(*(reading("kettle", Metric.BATTERY_PERCENT, 90 - n / 24, NINE + n * HOUR_MS) for n in range(24 * 20)))
    shown = {one.device_id: one for one in town.ask(town.console.devices("h1"))}
    kettle, hall = shown["kettle"], shown["hall"]
    assert (kettle.model, kettle.maker, kettle.firmware) == ("SP 120", "Innr", "2.5")
    assert kettle.learned_limit_ms == 3 * HOUR_MS
    assert 60 <= kettle.battery_days_left <= 70
    assert (hall.model, hall.learned_limit_ms, hall.battery_days_left) == ("", None, None)
