"""The list of alerts says which of them nobody is told of for now, and by what."""

from alarm_house import register
from command_line import shouwang
from desk_room import CONTACTS, HOME, finding

from alerts.silences import Silence
from app.desk_service import DeskService
from app.files import DataFiles
from core.clock import SystemClock
from core.localtime import HOUR_MS
from visits.policy import built_in_policy


def test_a_silenced_alert_is_marked_in_the_list_and_another_is_not(tmp_path):
    truth, clock = DataFiles(tmp_path / "data").open_truth(), SystemClock()
    register(truth, CONTACTS)
    desk = DeskService(truth, clock, built_in_policy(), on_change=lambda _lines: None)
    now_ms = clock.now_ms()
    span = {"from_ms": now_ms, "until_ms": now_ms + HOUR_MS}
    desk.silence(Silence(id="s1", home_id=HOME, author="li", reason="检修", **span))
    desk.take_findings([finding(at_ms=now_ms)])
    listed = shouwang("alerts", "list", "--data-dir", "data", cwd=tmp_path).stdout
    assert "P1 open 暂不通知 held: silence" in listed
    desk.end_silence("s1", "account:li")
    desk.run_timers(clock.now_ms())
    listed = shouwang("alerts", "list", "--data-dir", "data", cwd=tmp_path).stdout
    assert "1 alerts" in listed
    assert "held" not in listed
