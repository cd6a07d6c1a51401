"""The rules are asked for their deadline when it may have moved, and not a hundred times a second."""

from app.deadline_look import LOOK_EVERY_MS, DeadlineLook

NOW_MS = 1_795_392_300_000


class Rules:
    """Rules whose next deadline is an hour away, and who count how often they are asked."""

    def __init__(self) -> None:
        self.asked = 0

    def next_deadline_ms(self) -> int:
        self.asked += 1
        return NOW_MS + 3_600_000 + self.asked


def test_they_are_asked_once_while_nothing_comes():
    rules = Rules()
    look = DeadlineLook(rules.next_deadline_ms)
    assert [look.due_ms(7, now_ms=NOW_MS, now_s=second) for second in range(50)] == [NOW_MS + 3_600_001] * 50
    assert rules.asked == 1


def test_while_readings_pour_in_they_are_asked_ten_times_a_second_and_between_that_is_what_is_waited_for():
    rules = Rules()
    look = DeadlineLook(rules.next_deadline_ms)
    for n in range(1_000):  # a second of an entry each millisecond
        due_ms = look.due_ms(n, now_ms=NOW_MS + n, now_s=n / 1000)
        assert due_ms is not None
        assert due_ms > NOW_MS + n  # never taken for due only because it is not known
        assert due_ms <= NOW_MS + n + LOOK_EVERY_MS + 1 or due_ms > NOW_MS + 3_600_000
    assert 9 <= rules.asked <= 11


def test_what_came_last_is_known_a_tenth_of_a_second_later():
    rules = Rules()
    look = DeadlineLook(rules.next_deadline_ms)
    look.due_ms(1, now_ms=NOW_MS, now_s=0.0)
    again_ms = look.due_ms(2, now_ms=NOW_MS, now_s=0.01)
    assert again_ms is not None
    assert again_ms <= NOW_MS + LOOK_EVERY_MS
    assert look.due_ms(2, now_ms=again_ms, now_s=0.01 + (again_ms - NOW_MS) / 1000) == NOW_MS + 3_600_002


def test_a_replay_asks_after_every_entry():
    rules = Rules()
    look = DeadlineLook(rules.next_deadline_ms, every_ms=0)
    assert [look.due_ms(n, now_ms=NOW_MS, now_s=0.0) for n in range(3)] == [NOW_MS + 3_600_000 + n for n in (1, 2, 3)]


def test_they_are_asked_anew_when_homes_have_changed():
    rules = Rules()
    look = DeadlineLook(rules.next_deadline_ms)
    look.due_ms(1, now_ms=NOW_MS, now_s=0.0)
    look.forget()
    assert look.due_ms(1, now_ms=NOW_MS + 200, now_s=0.2) == NOW_MS + 3_600_002
