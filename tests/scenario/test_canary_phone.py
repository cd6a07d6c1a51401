"""The daily test alarm rings a real phone of the stand-in: broker, journal, rules, desk, dispatcher, SDK, callbacks."""

import asyncio

from free_port import free_port

from alerts.canary import CANARY_HOME
from alerts.model import AlertState, AttemptState
from app.service import Service
from app.settings import Settings
from core.clock import SystemClock
from device_sim.phone_requests import PhoneAccount
from device_sim.phone_server import PhoneServer
from device_sim.phones import PhoneNetwork

SID, TOKEN, FROM, SINK = "AC" + "0" * 32, "token", "+85212345678", "+85298765432"


async def rung(service: Service, phones: PhoneNetwork):
    """Play the phones in the service's own time until the alarm has rung or failed, and its call has been hung up."""
    while True:
        now_ms = service.clock.now_ms()
        await phones.advance_to(now_ms)
        last = service.watches.canary.last
        with service.truth.view() as unit:
            alerts = unit.alerts.list(None, home_id=CANARY_HOME)
            calls = [one for alert in alerts for one in unit.outbox.of_alert(alert.id)]
        if last is not None and not last.is_open and all(one.state is AttemptState.CANCELED for one in calls):
            return last, alerts, calls
        await service.clock.sleep_until_ms(now_ms + 50)


def test_the_test_alarm_rings_its_sink_number_and_nobody_else_and_is_hung_up(tmp_path):
    async def story():
        port = free_port()
        account = PhoneAccount(
            account_sid=SID, auth_token=TOKEN, from_number=FROM, callback_base=f"http://127.0.0.1:{port}"
        )
        phones = PhoneNetwork(account, now_ms=SystemClock().now_ms())
        server = PhoneServer(phones)
        settings = Settings(
            data_dir=tmp_path / "data",
            mqtt_port=0,
            http_port=port,
            ack_wait_s=1,
            canary_at="00:00",
            canary_number=SINK,
            twilio_account_sid=SID,
            twilio_auth_token=TOKEN,
            twilio_from_number=FROM,
            twilio_api_base=await server.start(),
        )
        service = Service(settings)
        await service.start()
        try:
            return await rung(service, phones), phones.rings, list(phones.texts)
        finally:
            await service.stop()
            await server.stop()
            await phones.close()

    (last, alerts, calls), rings, texts = asyncio.run(asyncio.wait_for(story(), 60))
    assert [(call.channel, call.contact_id) for call in calls] == [("twilio_voice", None)]
    assert [ring.to for ring in rings] == [SINK]
    assert texts == []
    assert 0 <= last.ring_ms < 30_000
    assert [(alert.state, alert.closed_by) for alert in alerts] == [(AlertState.CLOSED, "canary")]
