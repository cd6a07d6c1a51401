"""Who was home by the recording itself, and what becomes of an onset while the engine believes somebody out."""

from collections.abc import Iterable

import pytest
from recorded_flat import BATH, DOOR, KITCHEN, LIVING, at, busy, flat, moved, opened

from app.evaluation.absences import absences
from app.evaluation.onsets import LOOK_AHEAD_MS, Law, choose, inject, seen_by
from app.evaluation.presence import presence_of
from app.evaluation.recordings import Span
from app.evaluation.running import Trace, run
from core.events import Reading
from core.localtime import HOUR_MS, MINUTE_MS
from rules.parameters import RuleParameters

LIMITS = RuleParameters()


def out(*parts: Iterable[Reading]) -> list[tuple[float, float]]:
    """Hours of the stretches in which nobody was home."""
    return [
        (round((span.from_ms - at(0)) / HOUR_MS, 2), round((span.until_ms - at(0)) / HOUR_MS, 2))
        for span in presence_of(flat(*parts)).out
    ]


def test_nobody_is_home_between_two_uses_of_the_door_with_nothing_inside():
    assert out(busy(8, 10), opened(10), opened(12), busy(12.02, 14)) == [(10, 12)]


def test_a_stray_blip_during_an_outing_brings_nobody_home():
    assert out(busy(8, 10), opened(10), moved(KITCHEN, 11), opened(12), busy(12.02, 14)) == [(10, 12)]


def test_whoever_was_seen_on_the_way_to_the_door_had_been_home():
    assert out(busy(8, 10), opened(10), moved(LIVING, 11.9), opened(12), busy(12.02, 14)) == []


def test_somebody_who_moves_about_between_two_uses_of_the_door_is_home():
    assert out(busy(8, 10), opened(10), busy(10.5, 11), opened(12), busy(12.02, 14)) == []


def test_a_quiet_day_at_home_is_no_outing_however_far_apart_its_events():
    reader = [each for hour in range(12, 20) for each in moved(LIVING, hour + 0.1, hour + 0.6)]
    assert out(busy(8, 10), opened(10), reader, opened(20), busy(20.02, 21)) == []


def test_where_nothing_but_the_door_is_seen_nobody_is_ever_proven_out():
    presence = presence_of(flat(opened(8, 10, 12, 18), devices=(DOOR,)))
    assert (presence.out, presence.unknown) == ([], [])


def test_whoever_never_comes_back_before_the_record_ends_is_nowhere_known():
    presence = presence_of(flat(busy(8, 10), opened(10), moved(KITCHEN, 15)))
    assert presence.out == []
    assert [span.label for span in presence.unknown] == ["never back"]
    assert not presence.is_home(at(12))


def test_a_silence_of_two_days_that_no_door_encloses_is_perhaps_a_journey_and_one_night_is_home():
    presence = presence_of(flat(busy(8, 22), busy(8, 10, day=1), busy(8, 10, day=3)))
    assert presence.is_home(at(3, day=1))
    assert not presence.is_home(at(12, day=2))


def test_what_an_annotation_witnesses_is_an_absence_though_no_door_tells():
    presence = presence_of(flat(busy(8, 10), busy(18, 20), spans=[Span(at(11), at(17), "away")]))
    assert not presence.is_home(at(12))


def test_blips_of_an_empty_home_are_no_activity_to_fall_from():
    presence = presence_of(flat(busy(8, 10), opened(10), moved(BATH, 11), opened(12), busy(12.02, 14)))
    assert at(11) not in presence.signs_ms
    assert presence.bathroom_ms == []


def onsets(recording, *moments: int):
    return inject(recording, LIMITS, [(at_ms, Law.UNIFORM) for at_ms in moments])


PARCEL = flat(busy(7, 12), opened(12), busy(19.5, 22))
"""The door was opened for a parcel at noon; then somebody slept in a chair until the evening."""


def test_a_moment_at_home_is_chosen_though_the_engine_believes_the_home_empty():
    trace = run(PARCEL, LIMITS)
    assert [(span.from_ms - at(0)) // HOUR_MS for span in trace.absences] == [12]
    chosen = choose(presence_of(PARCEL), trace, at(7), 200, "seed")
    assert any(at(12.5) < at_ms < at(19) for at_ms, law in chosen if law is Law.UNIFORM)


def test_an_onset_in_a_home_that_is_believed_empty_is_noticed_only_when_somebody_is_missed():
    (onset,) = onsets(PARCEL, at(12.5)).onsets
    assert onset.is_believed_away
    assert onset.by == "no_return"
    assert onset.delay_h == pytest.approx(5.5, abs=0.1)


def test_an_onset_after_the_home_was_told_not_to_have_returned_is_counted_and_late_or_missed():
    injected = onsets(PARCEL, at(18.5))  # no return has been open for half an hour: it noticed nothing of the onset
    (onset,) = injected.onsets
    assert onset.is_believed_away
    assert onset.first_ms is None or onset.first_ms > onset.at_ms
    assert 12 < onset.delay_h <= LOOK_AHEAD_MS / HOUR_MS
    assert injected.left_out.total() == 0


def test_an_onset_in_a_silence_that_has_rung_already_is_left_out():
    silent = flat(busy(7, 12), busy(19.5, 22))
    injected = onsets(silent, at(18.5))
    assert (injected.onsets, dict(injected.left_out)) == ([], {"uniform": 1})


def test_no_moment_is_chosen_while_nobody_is_home():
    recording = flat(busy(7, 9), opened(9), opened(12), busy(12.02, 15))
    chosen = choose(presence_of(recording), run(recording, LIMITS), at(7), 300, "seed")
    assert not any(at(9) + 4_000 <= at_ms < at(12) for at_ms, _ in chosen)  # four seconds to shut the door
    assert {law for _, law in chosen} == {Law.UNIFORM, Law.ACTIVITY}


def test_a_home_that_can_never_be_blind_gives_the_same_moments_without_a_run_of_its_own():
    presence = presence_of(PARCEL)
    short, whole = (
        choose(presence, trace, at(7), 99, "seed") for trace in (seen_by(PARCEL, LIMITS), run(PARCEL, LIMITS))
    )
    assert short == whole


def test_the_hours_in_which_engine_and_recording_differ_are_told():
    trace = Trace(absences=[Span(at(9), at(12))], started_ms=at(7), ended_ms=at(15))
    presence = presence_of(flat(busy(7, 10), opened(10), opened(14), busy(14.02, 15)))
    found = absences(presence, trace, at(7))
    assert (found["out_h"], found["believed_h"]) == (4.0, 3.0)
    assert (found["believed_while_home_h"], found["taken_for_home_h"]) == (1.0, 2.0)


def test_the_order_of_windows_leaves_events_near_the_door_undecided():
    recording = flat(busy(8, 10), opened(10), moved(KITCHEN, 10.05), opened(12), busy(12.02, 14))
    recording.order_ms = 5 * MINUTE_MS
    assert len(presence_of(recording).out) == 1
