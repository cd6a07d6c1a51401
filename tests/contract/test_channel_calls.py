"""The real SDK rings the village: each way a phone may end, and what becomes of the attempt."""

import pytest
from twilio_village import ASKED, DAUGHTER, NOON_MS, SON, THANKED, attempt, in_village

from alerts.channels.twilio_callbacks import NO_KEY_PRESSED
from alerts.model import AttemptState


def told(phone, behaviour):
    return getattr(phone, behaviour[0])(**behaviour[1])


@pytest.mark.parametrize(
    ("behaviour", "state", "status", "seconds"),
    [
        (("answers", {"after_s": 5, "presses": "1"}), AttemptState.ACKED, "completed", 10),
        (("answers", {"after_s": 5, "presses": "2"}), AttemptState.DECLINED, "completed", 10),
        (("answers", {"after_s": 5}), AttemptState.NO_ANSWER, "completed", 17),
        (("voicemail", {}), AttemptState.NO_ANSWER, "completed", 32),
        (("answers", {"after_s": 46, "presses": "1"}), AttemptState.NO_ANSWER, "no-answer", 46),
        (("never_answers", {}), AttemptState.NO_ANSWER, "no-answer", 46),
        (("busy", {}), AttemptState.BUSY, "busy", 1),
        (("unreachable", {}), AttemptState.FAILED, "failed", 1),
    ],
)
def test_a_call_ends_as_the_phone_was_told(behaviour, state, status, seconds):
    async def story(village):
        told(village.phones.at(DAUGHTER), behaviour)
        assert (await village.send(attempt())).news.state is AttemptState.SUBMITTED
        await village.play()
        ended = village.service.attempts["t1"]
        (ring,) = village.phones.rings
        assert ended.state is state
        assert (ring.to, ring.status, ring.sid) == (DAUGHTER, status, ended.provider_id)
        assert village.phones.now_ms == NOON_MS + seconds * 1000
        assert not village.phones.post.refused

    in_village(story)


def test_the_daughter_hears_the_question_presses_1_and_is_thanked():
    async def story(village):
        village.phones.at(DAUGHTER).answers(presses="1")
        await village.send(attempt())
        await village.play()
        (ring,) = village.phones.rings
        assert ring.digits == "1"
        assert ring.heard == (ASKED, THANKED)

    in_village(story)


def test_a_key_that_means_nothing_has_the_question_read_again():
    async def story(village):
        village.phones.at(DAUGHTER).answers(presses="91")
        await village.send(attempt())
        await village.play()
        (ring,) = village.phones.rings
        assert ring.digits == "91"
        assert ring.heard == (ASKED, ASKED, THANKED)
        assert village.service.attempts["t1"].state is AttemptState.ACKED

    in_village(story)


def test_voicemail_is_no_acknowledgement_and_says_why():
    async def story(village):
        village.phones.at(DAUGHTER).voicemail()
        await village.send(attempt())
        await village.play()
        ended = village.service.attempts["t1"]
        assert (ended.state, ended.detail, ended.digits) == (AttemptState.NO_ANSWER, NO_KEY_PRESSED, "")
        assert ended.answered_at_ms == NOON_MS + 21_000

    in_village(story)


@pytest.mark.parametrize("faults", [{"is_doubling": True}, {"is_shuffling": True}, {"is_silent": True}])
@pytest.mark.parametrize(("presses", "state"), [("1", AttemptState.ACKED), ("", AttemptState.NO_ANSWER)])
def test_spoiled_callbacks_never_change_what_a_human_said(faults, presses, state):
    async def story(village):
        village.phones.at(DAUGHTER).answers(presses=presses).with_faults(**faults)
        await village.send(attempt())
        await village.play()
        is_unheard = faults.get("is_silent") and not presses
        expected = AttemptState.SUBMITTED if is_unheard else state
        assert village.service.attempts["t1"].state is expected

    in_village(story)


def test_a_cancelled_call_stops_ringing_and_nothing_else_rings():
    async def story(village):
        village.phones.at(DAUGHTER).answers(after_s=30, presses="1")
        await village.send(attempt())
        await village.play(until_ms=10_000)
        await village.voice.cancel(village.service.attempts["t1"], now_ms=NOON_MS + 10_000)
        await village.play()
        assert [ring.status for ring in village.phones.rings] == ["canceled"]
        assert village.service.attempts["t1"].state is AttemptState.CANCELED

    in_village(story)


def test_a_conversation_is_not_cut_off_by_a_late_cancel():
    async def story(village):
        village.phones.at(DAUGHTER).answers(after_s=5, presses="1", after_press_s=4)
        await village.send(attempt())
        await village.play(until_ms=7_000)
        await village.voice.cancel(village.service.attempts["t1"], now_ms=NOON_MS + 7_000)
        await village.play()
        assert village.service.attempts["t1"].state is AttemptState.ACKED

    in_village(story)


def test_an_attempt_that_never_reached_the_provider_needs_no_cancelling():
    async def story(village):
        await village.voice.cancel(attempt(), now_ms=NOON_MS)
        await village.sms.cancel(attempt(is_text=True), now_ms=NOON_MS)
        assert not village.phones.requests

    in_village(story)


@pytest.mark.parametrize(
    ("behaviour", "state"),
    [("never_answers", AttemptState.DELIVERED), ("unreachable", AttemptState.FAILED)],
)
def test_a_text_arrives_whether_or_not_the_phone_is_answered(behaviour, state):
    async def story(village):
        getattr(village.phones.at(SON), behaviour)()
        await village.send(attempt(is_text=True), to=SON, text="守望提醒：编号 A1")
        await village.play()
        assert village.service.attempts["t1"].state is state
        assert [(text.to, text.body) for text in village.phones.texts] == [(SON, "守望提醒：编号 A1")]
        assert not village.phones.rings

    in_village(story)


def test_a_feed_is_told_what_happens_as_it_happens():
    seen = []

    async def story(village):
        village.phones.at(DAUGHTER).answers(presses="1")
        await village.send(attempt())
        await village.play()

    in_village(story, on_event=seen.append)
    assert [event.what for event in seen] == ["ringing", "answered", "heard", "pressed", "heard", "completed"]
    assert seen[3].text == "1"
