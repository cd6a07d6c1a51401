"""Reports pushed to the secret address: keys take alerts, ends are written down, strangers are turned away."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from api_console import FakeAccounts, FakeCallbacks, FakeConsole
from dispatch_room import NOON_MS, TAKEN, ToldChannel, in_room
from prometheus_client import CollectorRegistry

from alerts.channels.aliyun_reports import OUT_ID_CHARS
from alerts.model import AlertState, AttemptState
from api.application import create_app
from app.aliyun_calls import AliyunCalls
from core.ids import AlertId

TOKEN = "a-secret-that-nobody-guesses"
TEXT_ROUTES = '[[route]]\nprefix = "+"\nvoice = ["console"]\nsms = ["aliyun_sms"]\n'


def aliyun():
    return ToldChannel("aliyun_voice")


def reports_of(room):
    return AliyunCalls(TOKEN, room.truth, room.desk, room.clock, ThreadPoolExecutor(1))


def report(room, name="fall", **more):
    return json.dumps([{"call_id": "CA1", "out_id": room.attempt(name).id[:OUT_ID_CHARS], **more}]).encode()


def alert(room, name="fall"):
    with room.truth.view() as unit:
        return unit.alerts.get(AlertId(name))


@pytest.mark.parametrize(
    ("fields", "state", "alert_state"),
    [
        ({"status_code": "300000", "dtmf": "1"}, AttemptState.ACKED, AlertState.ACKNOWLEDGED),
        ({"status_code": "200000", "dtmf": "1"}, AttemptState.ACKED, AlertState.ACKNOWLEDGED),
        ({"status_code": "300000", "dtmf": "2"}, AttemptState.DECLINED, AlertState.CALLING_CONTACTS),
        ({"status_code": "300000", "dtmf": "3"}, AttemptState.SUBMITTED, AlertState.CALLING_CONTACTS),
        ({"status_code": "200000"}, AttemptState.NO_ANSWER, AlertState.CALLING_CONTACTS),
        ({"status_code": "200002"}, AttemptState.BUSY, AlertState.CALLING_CONTACTS),
    ],
)
def test_a_report_does_what_a_human_did_and_nothing_more(tmp_path, fields, state, alert_state):
    async def story(room, _channel):
        room.queue("fall")
        await room.drain()
        await reports_of(room).take(report(room, **fields))
        assert (room.attempt("fall").state, alert(room).state) == (state, alert_state)

    in_room(tmp_path, story, aliyun)


def test_order_and_repeats_of_reports_do_not_matter(tmp_path):
    async def story(room, _channel):
        room.queue("fall")
        await room.drain()
        calls = reports_of(room)
        await calls.take(report(room, status_code="200000"))
        await calls.take(report(room, status_code="300000", dtmf="1"))
        await calls.take(report(room, status_code="300000", dtmf="1"))
        await calls.take(report(room, status_code="200000"))
        assert room.attempt("fall").state is AttemptState.ACKED
        assert alert(room).owner == "contact:c-fall"

    in_room(tmp_path, story, aliyun)


def test_a_report_that_belongs_to_no_call_of_ours_changes_nothing(tmp_path):
    async def story(room, _channel, board):
        board.answers = [TAKEN]
        room.queue("fall")
        await room.drain()
        before = room.states()
        for out_id in ("", "0" * OUT_ID_CHARS, "%" * OUT_ID_CHARS, room.attempt("fall").id[:OUT_ID_CHARS]):
            body = json.dumps([{"out_id": out_id, "dtmf": "1", "status_code": "300000"}]).encode()
            await reports_of(room).take(body)
        assert room.states() == before  # the last one names a call that another channel carries

    in_room(tmp_path, story, lambda: ToldChannel("aliyun_voice", refused="+86"), lambda: ToldChannel("console"))


def test_a_call_whose_answer_was_never_seen_is_known_by_its_report(tmp_path):
    async def story(room, channel):
        channel.gate.clear()
        room.queue("fall")
        await room.start()
        await reports_of(room).take(report(room, status_code="200002"))
        assert (room.attempt("fall").state, room.attempt("fall").provider_id) == (AttemptState.BUSY, "CA1")
        assert room.clock.now_ms() == NOON_MS

    in_room(tmp_path, story, aliyun)


@pytest.mark.parametrize("where", ["voice", "sms"])
@pytest.mark.parametrize(
    ("token", "body", "status"),
    [
        (TOKEN, b"[]", 200),
        (TOKEN, b"not a batch", 400),
        ("a-stranger", b"[]", 403),
        (f"{TOKEN}x", b"[]", 403),
    ],
)
def test_the_addresses_take_reports_only_under_their_secret_and_answer_as_aliyun_asks(
    tmp_path, token, body, status, where
):
    async def story(room, _channel):
        app = create_app(
            FakeConsole(),
            FakeAccounts(),
            FakeCallbacks(),
            CollectorRegistry(),
            now_ms=room.clock.now_ms,
            reports=reports_of(room),
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
            answer = await http.post(f"/callbacks/aliyun/{token}/{where}", content=body)
        assert answer.status_code == status
        if status == 200:
            assert answer.json()["code"] == 0

    in_room(tmp_path, story, aliyun)


def test_a_report_tells_whether_a_text_was_delivered_and_one_of_others_changes_nothing(tmp_path):
    async def story(room, _channel):
        for name in ("fall", "silence"):
            room.queue(name, is_text=True)
        await room.drain()
        told = [
            {"out_id": room.attempt("fall").id, "success": True, "err_code": "DELIVERED"},
            {"out_id": room.attempt("silence").id, "success": False, "err_code": "MK:0001, 13800000001"},
            *({"out_id": out_id, "success": False} for out_id in ("", "%", "0" * 20, 7)),
        ]
        for _ in range(2):
            await reports_of(room).take_texts(json.dumps(told).encode())
        assert room.attempt("fall").state is AttemptState.DELIVERED
        assert (room.attempt("silence").state, room.attempt("silence").detail) == (
            AttemptState.FAILED,
            "MK:0001, [number]",
        )
        assert alert(room).owner == ""

    in_room(tmp_path, story, lambda: ToldChannel("aliyun_sms"), routes=TEXT_ROUTES)


def test_without_a_secret_nothing_is_believed(tmp_path):
    async def story(room, _channel):
        assert not AliyunCalls("", room.truth, room.desk, room.clock, ThreadPoolExecutor(1)).is_known("")

    in_room(tmp_path, story, aliyun)
