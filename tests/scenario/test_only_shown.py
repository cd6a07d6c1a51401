"""Without a provider nothing is sent, and neither page, story, feed nor JSON says that it was."""

import asyncio
import re

import msgspec
import pytest
from desk_room import Room, finding

from alerts.attempts import with_news
from alerts.channels.console import Console
from alerts.model import Attempt, PlaceCall, SendSms
from alerts.ports import Delivery
from alerts.story import SHOWN_TEXT_WORDS, SHOWN_WORDS, attempt_line
from api.conversion import attempt_view
from api.wording import attempt_said
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
