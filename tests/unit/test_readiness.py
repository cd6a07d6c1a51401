"""A contact's score says why; a refusal marks a number in its channel, a pressed key or a confirmation clears it."""

import msgspec
import pytest
from desk_room import CONTACTS, Room, finding

from alerts.bounces import is_bounce, with_attempt
from alerts.channels.aliyun_reports import report_news
from alerts.model import Attempt, AttemptState, PlaceCall, SendSms
from core.localtime import DAY_MS
from registry.readiness import CONFIRM_EVERY_MS, COSTS, REASON_WORDS, NumberState, Reason, reachable, readiness
from rules.findings import FindingKind, Priority

NOW = 400 * DAY_MS
DAUGHTER = CONTACTS[0]


def judged(contact=DAUGHTER, **state):
    return readiness(contact, NumberState(**state), NOW)


def attempts(kind) -> Attempt:
    room = Room()
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    return next(one for one in room.attempts.values() if isinstance(one.effect, kind))


def ended(state=AttemptState.FAILED, detail="", kind=PlaceCall) -> Attempt:
    return msgspec.structs.replace(attempts(kind), state=state, detail=detail)


@pytest.mark.parametrize(
    ("state", "score", "reasons"),
    [
        ({"answered_at_ms": NOW}, 100, ()),
        ({"confirmed_at_ms": NOW}, 90, (Reason.NEVER_ANSWERED,)),
        ({"answered_at_ms": NOW - CONFIRM_EVERY_MS}, 100, ()),
        ({"answered_at_ms": NOW - CONFIRM_EVERY_MS - 1}, 75, (Reason.CONFIRMATION_DUE,)),
        ({"answered_at_ms": 1, "confirmed_at_ms": NOW}, 100, ()),
        ({}, 50, (Reason.NEVER_CONFIRMED, Reason.NEVER_ANSWERED)),
        ({"answered_at_ms": NOW, "sms_bounced_at_ms": NOW}, 85, (Reason.NO_MESSAGES,)),
        ({"answered_at_ms": NOW - 2, "voice_bounced_at_ms": NOW - 1}, 0, (Reason.BOUNCED,)),
        ({"answered_at_ms": NOW, "voice_bounced_at_ms": NOW - 1}, 100, ()),
    ],
)
def test_the_score_is_full_less_what_each_reason_takes(state, score, reasons):
    found = judged(**state)
    assert (found.score, found.reasons) == (score, reasons)


def test_a_contact_without_a_number_has_that_one_reason():
    assert judged(msgspec.structs.replace(DAUGHTER, phone="")).reasons == (Reason.NO_NUMBER,)
    assert not judged(msgspec.structs.replace(DAUGHTER, phone="")).is_reachable


def test_every_reason_costs_something_and_has_words():
    assert set(COSTS) == set(REASON_WORDS) == set(Reason)
    assert all(cost > 0 for cost in COSTS.values())


@pytest.mark.parametrize(
    ("detail", "is_one"),
    [
        ("HTTP 400 code 21211: The 'To' number is not valid", True),
        ("HTTP 400 code 21610: unsubscribed", True),
        ("failed, ErrorCode 30003", True),
        ("failed, SipResponseCode 404", True),
        ("isv.MOBILE_NUMBER_ILLEGAL", True),
        ("failed, SipResponseCode 503", False),
        ("HTTP 400 code 21608: unverified, a trial account", False),
        ("gave up: no connection to the provider", False),
        ("no channel is left", False),
    ],
)
def test_only_what_blames_the_number_is_a_bounce(detail, is_one):
    assert is_bounce(ended(detail=detail)) is is_one


def test_aliyun_blames_a_number_that_does_not_exist_and_none_that_is_switched_off():
    assert is_bounce(ended(detail=report_news("200004", "1", NOW).detail))
    assert not is_bounce(ended(detail=report_news("200011", "1", NOW).detail))


def test_a_number_that_takes_no_messages_can_still_be_rung():
    refused = with_attempt(NumberState(), ended(detail="code 21614", kind=SendSms), NOW)
    assert (refused.sms_bounced_at_ms, refused.is_bounced) == (NOW, False)
    assert with_attempt(NumberState(), ended(detail="code 21211"), NOW).is_bounced


def test_a_pressed_key_clears_a_mark_and_voicemail_does_not():
    marked = NumberState(voice_bounced_at_ms=NOW - 1)
    assert not with_attempt(marked, ended(AttemptState.DECLINED), NOW).is_bounced
    for silent in (AttemptState.ANSWERED, AttemptState.NO_ANSWER, AttemptState.BUSY):
        assert with_attempt(marked, ended(silent), NOW) is marked


def test_who_can_be_reached_is_who_has_a_number_that_has_not_bounced():
    bad = {CONTACTS[1].phone: NumberState(voice_bounced_at_ms=1)}
    contacts = (*CONTACTS[:2], msgspec.structs.replace(CONTACTS[2], phone=""))
    assert reachable(contacts, lambda phone: bad.get(phone, NumberState())) == (DAUGHTER,)
