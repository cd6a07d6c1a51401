"""The phone network loses no callback: a service may be down, restarting, failing or refusing."""

import msgspec
from twilio_village import DAUGHTER, NOON_MS, SON, attempt, in_village

from alerts.model import AttemptState
from device_sim.phone_callbacks import RETRIES


def test_a_callback_waits_while_the_service_is_down_and_comes_when_it_is_back():
    async def story(village):
        await village.send(attempt())
        village.service.is_down = True
        await village.phones.advance_to(NOON_MS + 50_000)
        assert village.service.attempts["t1"].state is AttemptState.SUBMITTED
        assert len(village.phones.post.waiting) == 3
        assert village.phones.next_event_ms() == NOON_MS + 50_000
        village.service.is_down = False
        await village.phones.advance_to(NOON_MS + 50_000)
        assert [news.sequence for news in village.service.news] == [0, 1, 2]
        assert village.service.attempts["t1"].state is AttemptState.NO_ANSWER
        assert village.phones.next_event_ms() is None

    in_village(story)


def test_a_service_that_restarts_within_the_patience_loses_not_even_a_key():
    async def story(village):
        village.phones.at(DAUGHTER).answers(presses="1")
        await village.send(attempt())
        await village.play(until_ms=8_000)
        village.service.errors_left = RETRIES - 1
        await village.play()
        assert village.service.attempts["t1"].state is AttemptState.ACKED
        assert not village.phones.post.refused

    in_village(story)


def test_a_service_that_fails_for_one_callback_does_not_hold_up_the_next():
    async def story(village):
        village.service.errors_left = RETRIES
        await village.send(attempt())
        await village.play()
        assert [status for _, status in village.phones.post.refused] == [500]
        assert village.service.attempts["t1"].state is AttemptState.NO_ANSWER

    in_village(story)


def test_a_callback_that_the_service_refuses_is_kept_for_a_look():
    async def story(village):
        village.service.settings = msgspec.structs.replace(village.service.settings, auth_token="another")
        await village.send(attempt())
        await village.play()
        assert {status for _, status in village.phones.post.refused} == {403}
        assert village.service.attempts["t1"].state is AttemptState.SUBMITTED

    in_village(story)


def test_moving_time_fires_nothing_but_new_calls_bear_it():
    async def story(village):
        village.phones.move_to(NOON_MS + 1_000)
        await village.send(attempt())
        village.phones.move_to(NOON_MS + 500)
        (call,) = village.phones.calls.values()
        assert call.made_at_ms == village.phones.now_ms == NOON_MS + 1_000
        assert not village.service.news
        assert await village.phones.advance_to(NOON_MS + 1_000) == 1

    in_village(story)


def test_events_of_two_phones_come_in_the_order_of_time():
    seen = []

    async def story(village):
        village.phones.at(DAUGHTER).answers(after_s=9, presses="1")
        village.phones.at(SON).answers(after_s=3, presses="2")
        await village.send(attempt("t1"))
        await village.send(attempt("t2"), to=SON)
        await village.phones.advance_to(NOON_MS + 3_600_000)

    in_village(story, on_event=seen.append)
    times = [event.at_ms for event in seen]
    assert times == sorted(times)
    assert [event.to for event in seen if event.what == "pressed"] == [SON, DAUGHTER]


def test_words_of_a_story_follow_each_other_and_the_last_goes_on():
    async def story(village):
        village.phones.at(DAUGHTER).never_answers().then.busy().then.answers(presses="1")
        for number in range(4):
            await village.send(attempt(f"t{number}"))
            await village.play()
        return [ring.status for ring in village.phones.rings]

    assert in_village(story) == ["no-answer", "busy", "completed", "completed"]
