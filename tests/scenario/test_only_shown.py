"""Without a provider nothing is sent, and neither page, story, feed nor JSON says that it was."""

import asyncio
import re

import msgspec
import pytest
from alerts_village import HOUR_MS, MIDNIGHT, Village
from desk_room import Room, finding

from alerts.attempts import CallNews, with_news
from alerts.channels.console import Console
from alerts.model import Attempt, AttemptState, PlaceCall, SendSms
from alerts.ports import Delivery
from alerts.routing import BOARD
from alerts.story import SHOWN_TEXT_WORDS, SHOWN_WORDS, attempt_line
from api.conversion import attempt_view
from api.wording import attempt_said
from core.ids import PersonId
from core.localtime import MINUTE_MS
from rules.findings import FindingKind, Priority

CLAIMS = re.compile("已送达|已拨出|已发出|delivered|submitted|call placed|message sent")


def shown_attempt(kind: type) -> tuple[Room, Attempt]:
    """The first call or text of an SOS, after the duty board took it."""
    room = Room(now_ms=MINUTE_MS)
    room.find(finding(FindingKind.EMERGENCY, Priority.P0, at_ms=MINUTE_MS))
    queued = next(one for one in room.attempts.values() if isinstance(one.effect, kind))
    queued = msgspec.structs.replace(queued, channel="console", tries=1)
    delivery = Delivery(attempt=queued, to="+8613800000001")
    result = asyncio.run(Console().send(delivery, now_ms=MINUTE_MS + 30))
    return room, with_news(queued, result.news)


WORDS = {PlaceCall: SHOWN_WORDS, SendSms: SHOWN_TEXT_WORDS}


@pytest.mark.parametrize(("kind", "words"), WORDS.items())
def test_the_story_says_in_both_languages_that_it_was_not_sent(kind, words):
    room, attempt = shown_attempt(kind)
    line = attempt_line(room.alert, attempt, room.situation(), MINUTE_MS)
    assert line.what == "attempt_shown"
    assert words.zh in line.text.zh
    assert words.en in line.text.en
    assert not CLAIMS.search(str(line.text))


def test_a_text_that_only_the_board_shows_asks_nobody_to_ring():
    assert "人工拨打" in SHOWN_WORDS.zh
    assert "短信未发送" in SHOWN_TEXT_WORDS.zh
    assert "text message not sent" in SHOWN_TEXT_WORDS.en
    assert "拨打" not in SHOWN_TEXT_WORDS.zh
    assert "ring" not in SHOWN_TEXT_WORDS.en


@pytest.mark.parametrize(("kind", "words"), WORDS.items())
def test_the_page_and_the_json_say_shown_and_no_time_of_sending(kind, words):
    _, attempt = shown_attempt(kind)
    view = attempt_view(attempt, None, None)
    assert (view.state, view.submitted_at_ms, view.detail) == ("shown", None, "")
    assert attempt_said(view.state, is_call=view.purpose is not None) == words
    assert not CLAIMS.search(view.model_dump_json(exclude={"submitted_at_ms"}))


@pytest.fixture
def village(tmp_path):
    with Village.at(tmp_path / "truth.sqlite") as made:
        yield made


def given_to(village: Village, attempt: Attempt, channel: str) -> None:
    """Let a channel take an attempt, as the dispatcher would."""
    now_ms = village.clock.now_ms()
    with village.truth.transaction() as unit:
        unit.outbox.claim(attempt.id, channel, now_ms)
    is_call = isinstance(attempt.effect, PlaceCall)
    state = AttemptState.SUBMITTED if is_call else AttemptState.DELIVERED
    village.desk.news_of(attempt.id, CallNews(state=state, at_ms=now_ms))


def told_ms(village: Village) -> list[int]:
    """When the throttle takes the resident of the first home to have been rung."""
    with village.truth.view() as unit:
        calls, _ = unit.silences.tried_ms(PersonId("p0"), [], MIDNIGHT - HOUR_MS)
    return list(calls.get("", ()))


def test_life_hazards_go_on_prompting_the_clerk_where_only_the_board_shows_their_calls(village):
    homes = range(3)  # three calls to the one duty number at once
    for n in homes:
        village.find(n, FindingKind.EMERGENCY, Priority.P0)
    for _ in range(14):
        for attempt in village.attempts():
            if attempt.state is AttemptState.NEW:
                given_to(village, attempt, BOARD)
        village.forward(MINUTE_MS)
    with village.truth.view() as unit:
        lines = [line for n in homes for line in unit.alerts.trace(village.alert(n).id)]
    assert "suppressed_throttle" not in {line.what for line in lines}
    calls = [one for one in village.attempts() if isinstance(one.effect, PlaceCall)]
    assert sum(str(one.contact_id).startswith("duty") for one in calls) == 6


def test_a_call_that_only_the_board_showed_is_no_ring_until_the_clerk_says_what_was_answered(village):
    village.find(0)
    (call,) = village.attempts()
    given_to(village, call, BOARD)
    assert told_ms(village) == []
    village.desk.press(call.id, "1", entered_by="account:li")
    assert told_ms(village) == [MIDNIGHT]  # the clerk has rung that phone by hand


def test_a_call_that_the_board_showed_and_nobody_rang_before_the_end_is_no_ring(village):
    village.find(0)
    (call,) = village.attempts()
    given_to(village, call, BOARD)
    village.desk.news_of(call.id, CallNews(state=AttemptState.CANCELED, at_ms=MIDNIGHT))
    assert told_ms(village) == []


def test_a_call_that_a_provider_has_counts_also_where_the_board_shows_it_beside(village):
    village.find(0)
    (call,) = village.attempts()
    given_to(village, call, "twilio_voice")
    with village.truth.transaction() as unit:
        unit.outbox.queue_beside(call, MIDNIGHT)
    (beside,) = [one for one in village.attempts() if one.id != call.id]
    given_to(village, beside, BOARD)
    assert told_ms(village) == [MIDNIGHT]
