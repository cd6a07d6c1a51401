"""The village lives the same life for the same seed, an ordinary life gives no rule a reason, an emergency does."""

from collections import Counter
from datetime import date
from itertools import pairwise, takewhile

from hypothesis import given, settings
from hypothesis import strategies as st
from sim_homes import bodies, signs_of_life, spells, water_runs

from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from device_sim.village import (
    DEMO_START_MS,
    Scenario,
    home_events,
    scenario_of,
    village,
    village_events,
    village_outcomes,
    village_phones,
)
from device_sim.villagers import FALLEN_HOME, HOME_IDS, NUMBER_RANGE, STILL_HOME, VILLAGE_DATE
from ingest.formats.meaning import Installed
from ingest.formats.native import Native
from ingest.raw import Message
from registry.homes import DeviceRole
from registry.people import Tier, tier_of

SEEDS = st.integers(0, 10_000)
STARTS = st.integers(0, DAY_MS // MINUTE_MS - 1).map(lambda minute: DEMO_START_MS + minute * MINUTE_MS)
few = settings(max_examples=25, deadline=None)


def lived(home_id, seed, start_ms, days, specials=()):
    until_ms = start_ms + days * DAY_MS
    return list(takewhile(lambda e: e.at_ms < until_ms, home_events(home_id, seed, start_ms, specials)))


def outings(events):
    """(left, came back) between a door that shut and the next that opened, with nothing inside in between."""
    doors = spells(events, "door")
    signs = signs_of_life(events)
    gaps = [(shut, opened) for (_, shut), (opened, _) in pairwise(doors)]
    return [(a, b) for a, b in gaps if not any(a < s < b for s in signs)]


@few
@given(SEEDS, STARTS)
def test_the_same_seed_lives_the_same_life_and_another_seed_another(seed, start_ms):
    def said(seed):
        return list(village_events(seed, start_ms, start_ms + 3 * HOUR_MS))

    assert said(seed) == said(seed)
    assert said(seed) != said(seed + 1)


@few
@given(SEEDS, STARTS)
def test_messages_come_in_order_of_time_with_one_seq_for_each_device(seed, start_ms):
    messages = list(village_events(seed, start_ms, start_ms + DAY_MS // 2))
    assert all(a.at_ms <= b.at_ms for a, b in pairwise(messages))
    assert start_ms <= messages[0].at_ms
    assert messages[-1].at_ms < start_ms + DAY_MS // 2
    seqs = {}
    for message, (home, device, body) in zip(messages, bodies(messages), strict=True):
        assert body["ts"] == message.at_ms
        assert body["seq"] == seqs.get((home, device), 0) + 1
        seqs[home, device] = body["seq"]
        assert Native(Installed(lambda _address: {})).decode(
            Message(message.topic, message.payload, False, message.at_ms)
        )


@few
@given(SEEDS, st.sampled_from(HOME_IDS), STARTS)
def test_an_ordinary_life_gives_no_rule_a_reason_to_ring(seed, home_id, start_ms):
    events = lived(home_id, seed, start_ms, 3)
    away = outings(events)
    signs = signs_of_life(events)
    assert all(b - a < 5 * HOUR_MS for a, b in away)
    at_home = [b - a for a, b in pairwise(signs) if not any(left <= a and b <= back for left, back in away)]
    assert max(at_home) < 2 * HOUR_MS
    assert all(shut - opened < MINUTE_MS for opened, shut in spells(events, "door"))
    assert all(b - a < 20 * MINUTE_MS for a, b in water_runs(events, 5 * MINUTE_MS))
    assert all(b - a < 2 * HOUR_MS for a, b in water_runs(events, 20 * MINUTE_MS))
    beats = [e.at_ms for e in events if e.metric.value == "online"]
    assert {b - a for a, b in pairwise(beats)} == {10 * MINUTE_MS}


@few
@given(SEEDS, st.sampled_from(HOME_IDS), STARTS)
def test_after_the_door_has_shut_on_an_outing_nothing_inside_moves(seed, home_id, start_ms):
    events = lived(home_id, seed, start_ms, 3)
    away = [(left, back) for left, back in outings(events) if back - left > 10 * MINUTE_MS]
    for left, back in away:
        inside = [e for e in events if left < e.at_ms < back and e.value is True and e.metric.value == "motion"]
        assert inside == []
        followed = [s for s in signs_of_life(events) if back < s <= back + 5 * MINUTE_MS]
        assert followed or back > events[-1].at_ms - 5 * MINUTE_MS


@few
@given(SEEDS, STARTS, st.integers(30, 20 * 60))
def test_a_fall_leaves_the_tap_running_and_nothing_moving_until_helpers_come(seed, start_ms, fall_minute):
    specials = scenario_of(Scenario(fall_minute=fall_minute, still_minute=None), start_ms)
    assert set(specials) == {FALLEN_HOME}
    events = lived(FALLEN_HOME, seed, start_ms, 2, specials[FALLEN_HOME])
    fall_ms = start_ms + fall_minute * MINUTE_MS
    during = [e for e in events if fall_ms + MINUTE_MS <= e.at_ms < fall_ms + 50 * MINUTE_MS]
    assert {e.metric.value for e in during} == {"online", "power", "water_total"}
    assert not any(e.device_id.endswith(("kettle", "cooker")) and e.value for e in during)
    runs = [(a, b) for a, b in water_runs(during, MINUTE_MS) if b - a >= 30 * MINUTE_MS]
    assert len(runs) == 1
    litres = [e.value for e in during if e.metric.value == "water_total"]
    assert litres[-1] - litres[0] > 200
    entered = [e for e in events if fall_ms <= e.at_ms < fall_ms + MINUTE_MS and e.metric.value == "motion"]
    assert [e.device_id for e in entered if e.value] == ["h07/hall", "h07/bathroom"]
    after = [e for e in events if e.at_ms >= fall_ms + 50 * MINUTE_MS]
    assert next(e for e in after if e.metric.value == "open").value is True
    assert all(b - a < 20 * MINUTE_MS for a, b in water_runs(after, 5 * MINUTE_MS))


@few
@given(SEEDS)
def test_the_one_who_sits_still_gives_no_sign_for_five_hours_by_day(seed):
    specials = scenario_of(Scenario(fall_minute=None, still_minute=120), DEMO_START_MS)
    events = lived(STILL_HOME, seed, DEMO_START_MS, 1, specials[STILL_HOME])
    signs = signs_of_life(events)
    last_before = max(s for s in signs if s < DEMO_START_MS + 120 * MINUTE_MS)
    next_after = min(s for s in signs if s > last_before)
    assert next_after - last_before > 5 * HOUR_MS + 14 * MINUTE_MS
    assert last_before > DEMO_START_MS + HOUR_MS  # seven o'clock: all of it lies in the day


@few
@given(SEEDS)
def test_twelve_homes_in_three_grids_with_both_tiers_and_people_to_call(seed):
    registrations = village(seed)
    assert village(seed) == registrations
    assert [r.home.id for r in registrations] == [f"h{n:02}" for n in range(1, 13)]
    assert Counter(r.home.area for r in registrations) == {f"shuren/qiaotou/g{n}": 4 for n in (1, 2, 3)}
    tiers = {r.home.id: tier_of(r.person, VILLAGE_DATE).tier for r in registrations}
    assert all(r.home.is_key_person == (tiers[r.home.id] is Tier.KEY) for r in registrations)
    assert tiers[FALLEN_HOME] is Tier.KEY
    assert tiers[STILL_HOME] is Tier.GENERAL
    for registration in registrations:
        phones = [registration.person.phone, *(c.phone for c in registration.contacts)]
        assert len(set(phones)) == len(phones)
        assert all(phone.startswith(NUMBER_RANGE) and len(phone) == 14 for phone in phones)
        assert [c.order for c in registration.contacts] == list(range(1, len(registration.contacts) + 1))
        assert registration.person.birth_date < date(1961, 1, 1)
        gateways = [d for d in registration.home.devices if d.role is DeviceRole.GATEWAY]
        assert [d.heartbeat_ms for d in gateways] == [10 * MINUTE_MS]
    ids = [c.id for r in registrations for c in r.contacts] + [d.id for r in registrations for d in r.home.devices]
    assert len(set(ids)) == len(ids)


def test_every_message_comes_from_a_registered_device():
    addresses = {d.address for r in village(3) for d in r.home.devices}
    heard = {m.topic.removesuffix("/event") for m in village_events(3, DEMO_START_MS, DEMO_START_MS + DAY_MS)}
    assert heard == addresses


def test_the_one_who_fell_cannot_answer_and_everybody_else_presses_one():
    fallen = next(r.person.phone for r in village(3) if r.home.id == FALLEN_HOME)
    habits = {habit.phone: habit for habit in village_phones(3)}
    assert habits.pop(fallen).answers_after_s is None
    assert {habit.presses for habit in habits.values()} == {"1"}
    assert set(village_outcomes()) == {FALLEN_HOME}
