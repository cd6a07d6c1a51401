"""No deadline is judged before what waited at the broker is in the journal; nor is judging put off for ever."""

import msgspec
import pytest

from app.settling import BACKLOG_AT_MOST_S, JUDGED_AT_LEAST_S, SETTLE_AT_MOST_S, Settling
from ingest.broker_account import MAIN_BROKER
from ingest.session import Counters

ACK_WAIT_S = 5.0
WAIT_S = 7.0


class Watched:
    """A session's counters, and the seconds that pass."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.seen = Counters(
            received=0,
            admitted=0,
            duplicates=0,
            parked=0,
            commits=0,
            acked=0,
            queued=0,
            connects=0,
            faults=0,
            is_connected=False,
            brokers_away=(MAIN_BROKER,),
        )
        self.settling = Settling(lambda: self.seen, ACK_WAIT_S, lambda: self.now_s)

    def now(self, **counters) -> None:
        self.seen = msgspec.structs.replace(self.seen, **counters)

    def resumed(self) -> None:
        self.now(holds=self.seen.holds + 1, brokers_away=())

    def after(self, seconds: float, per_s: float = 0) -> bool:
        """Ask every second, as the pipeline does while a deadline is due; return the last answer."""
        answer = self.settling.is_over()
        for _ in range(round(seconds)):
            self.now_s += 1
            self.now(received=self.seen.received + round(per_s))
            answer = self.settling.is_over()
        return answer


@pytest.fixture
def watched():
    watched = Watched()
    watched.settling.begin()
    return watched


def test_what_a_start_takes_before_ingest_listens_does_not_count():
    watched = Watched()
    assert not watched.after(10 * SETTLE_AT_MOST_S)
    watched.settling.begin()
    watched.resumed()
    assert not watched.after(WAIT_S)
    assert watched.after(1)


def test_a_broker_that_cannot_be_reached_holds_up_the_clock_for_a_minute(watched):
    assert not watched.after(SETTLE_AT_MOST_S)
    assert watched.after(1)


def test_a_further_broker_that_is_away_holds_up_nothing(watched):
    watched.now(brokers_away=("town2",))
    assert not watched.after(WAIT_S)
    assert watched.after(1)


@pytest.mark.parametrize("live_per_s", [20, 5_000])
def test_a_backlog_is_waited_for_as_long_as_it_comes(watched, live_per_s):
    watched.resumed()
    assert not watched.after(360, per_s=20_000)
    watched.after(1, per_s=live_per_s)
    assert watched.after(1, per_s=live_per_s)


def test_a_stream_that_never_ends_is_no_backlog(watched):
    watched.resumed()
    assert not watched.after(BACKLOG_AT_MOST_S, per_s=5_000)
    assert watched.after(1, per_s=5_000)


def test_what_is_held_or_not_committed_yet_is_waited_for(watched):
    watched.resumed()
    watched.now(is_held=True)
    assert not watched.after(30)
    watched.now(is_held=False, in_hand=20_000)
    assert not watched.after(3)
    watched.now(in_hand=0)
    assert watched.after(0)


def test_a_session_that_is_resumed_is_waited_for_again(watched):
    watched.resumed()
    assert watched.after(WAIT_S + 1)
    assert watched.after(3_600, per_s=20)
    watched.resumed()
    assert not watched.after(WAIT_S, per_s=20)
    assert watched.after(1, per_s=20)


def test_a_link_that_drops_all_the_time_does_not_stop_the_clock(watched):
    answers = []
    for _ in range(200):
        watched.resumed()
        answers.append(watched.after(5))
    judged = 5 * sum(answers)
    assert judged >= 1_000 * JUDGED_AT_LEAST_S / (SETTLE_AT_MOST_S + JUDGED_AT_LEAST_S) - JUDGED_AT_LEAST_S
    assert not all(answers)
