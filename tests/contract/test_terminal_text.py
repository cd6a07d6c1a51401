"""What devices made up, on the operator's terminal: nothing of it moves the cursor, and all of it can be read."""

from command_line import printed

from core.log import ParkedMessage, ParkReason
from core.text import printable
from store.journal import Journal

CLEARS = "care/h1/\x1b[2J\x1b]0;all is well\x07"
SHOWN = r"care/h1/\x1b[2J\x1b]0;all is well\x07"


def test_a_topic_that_would_clear_the_screen_is_shown_as_what_it_is(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    parked = ParkedMessage(
        received_at_ms=1, topic=CLEARS, payload=b"\x1b[2J", reason=ParkReason.UNKNOWN_DEVICE, detail=f"of {CLEARS}"
    )
    journal.append((), [parked], log_time_ms=1)
    journal.close()
    for said in (printed("parked", "list", data_dir=tmp_path), printed("parked", "show", "1", data_dir=tmp_path)):
        assert "\x1b" not in said
        assert "\x07" not in said
        assert said.count(SHOWN) == 2


def test_chinese_and_lines_stay_as_they_are():
    assert printable("未登记 nobody\n    订阅") == "未登记 nobody\n    订阅"
