"""A call about the service itself: nobody lives there, so nobody is to be visited, and nobody can have been spoken to."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from alarm_house import Line, register, twilio
from desk_room import CONTACTS
from rota_plans import local_ms, town_rota

from alerts.messages import call_script, key_news, script_without_keys, thanks_for
from alerts.model import AlertState, AttemptState, CallPurpose, PlaceCall
from alerts.service_findings import deaf_finding
from api.wording import key_said
from app.callbacks import TwilioCallbacks
from app.desk_service import DeskService
from core.clock import ManualClock
from core.localtime import MINUTE_MS
from rules.findings import FindingKind
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.policy import built_in_policy

NOON_MS = local_ms("2026-03-02T12:00")
OF_SERVICE = (
    FindingKind.ROTA_GAP,
    FindingKind.CANARY_SILENT,
    FindingKind.STORAGE_TROUBLE,
    FindingKind.SERVICE_DEAF,
)


@pytest.fixture
def calls(tmp_path):
    """The callbacks, the desk, the clock, and the first call to the supervisor of a service that hears nothing."""
    truth, clock = Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32)), ManualClock(NOON_MS)
    register(truth, CONTACTS)
    with truth.transaction() as unit:
        unit.rota.put(town_rota(), at_ms=NOON_MS, by="clerk")
    desk = DeskService(truth, clock, built_in_policy(), on_change=lambda _trace: None)
    desk.take_findings((deaf_finding(now_ms=NOON_MS, since_ms=NOON_MS, is_long=True),))
    api = twilio(Line(api_base="http://127.0.0.1:1", public_base_url="http://127.0.0.1:1"))

    def first_call():
        for _ in range(600):
            clock.advance_to_ms(clock.now_ms() + MINUTE_MS)
            desk.run_timers(clock.now_ms())
            with truth.view() as unit:
                (alert,) = unit.alerts.list()
                rung = [one for one in unit.outbox.of_alert(alert.id) if isinstance(one.effect, PlaceCall)]
            if rung:
                return alert.id, rung[0].id
        raise AssertionError("nobody is ever rung of a service that hears nothing")

    with ThreadPoolExecutor(1) as threads:
        yield TwilioCallbacks(api, truth, desk, clock, threads), truth, first_call
    api.close()
    truth.close()


@pytest.mark.parametrize("kind", OF_SERVICE)
def test_the_script_says_that_it_is_the_service_and_sends_nobody_to_a_home(kind):
    asked = CallPurpose.ASK_SERVICE
    for said in (
        call_script(asked, (kind,)),
        script_without_keys(asked, (kind,), "+865720000000"),
        *(thanks_for(asked, key) for key in "12"),
    ):
        assert [word for word in ("看望", "老人家", "前往") if word in said.zh] == []
        assert "home you look after" not in said.en
    assert "系统自身" in call_script(asked, (kind,)).zh
    assert thanks_for(asked, "33") is None
    assert key_news(asked, "33", 0) is None


def test_who_is_rung_about_a_home_hears_its_script_and_about_the_service_that_of_the_service(calls):
    _, truth, first_call = calls
    _, attempt_id = first_call()
    with truth.view() as unit:
        assert unit.outbox.get(attempt_id).effect.purpose is CallPurpose.ASK_SERVICE
    assert key_said(CallPurpose.ASK_SERVICE, "1").zh == "我来处理"
    assert "去看望请按1" in call_script(CallPurpose.ASK_CONTACT, (FindingKind.CONTACT_UNREACHABLE,)).zh


def test_three_means_nothing_and_one_takes_it(calls):
    callbacks, truth, first_call = calls
    alert_id, attempt_id = first_call()
    said = asyncio.run(callbacks.gather(attempt_id, {"Digits": "3"}))
    assert "系统自身" in said
    assert "已和老人本人通话" not in said
    again = asyncio.run(callbacks.gather(attempt_id, {"Digits": "3", "said": "3"}))
    assert "系统自身" in again
    taken = asyncio.run(callbacks.gather(attempt_id, {"Digits": "1"}))
    assert "在值班台结案" in taken
    with truth.view() as unit:
        assert unit.alerts.get(alert_id).state is AlertState.ACKNOWLEDGED
        assert unit.outbox.get(attempt_id).state is AttemptState.ACKED
