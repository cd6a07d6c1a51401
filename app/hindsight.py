"""One minute of one home told again from the journal; bounded, and on its own thread, so that no desk waits for it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from api.problem_codes import ProblemCode, RefusedError
from core.clock import monotonic_s
from core.errors import NotFoundError
from core.localtime import MINUTE_MS, zone
from core.log import HomeEntry
from registry.homes import Home
from rules.engine import Engine
from rules.explaining import Explanation, explain
from rules.home import HomeRules
from rules.parameters import RuleParameters
from rules.rulebook import Rulebook
from rules.sentences import clock
from store.journal import Journal

SPAN_ENTRIES = 2_048
"""Read at once: some milliseconds, after which a replay that nobody waits for any more stops."""

MAX_REPLAYS = 4
"""Under way and waiting: one runs at a time and takes half a core from the desk; a fifth clerk is asked to wait."""

LONGEST_REPLAY_S = 60.0
"""Whoever waits a minute at a desk has left it; the command line (rules why) has no such limit."""


def explain_at(journal: Journal, home: Home, at_ms: int, rules: Rulebook | None = None) -> Explanation:
    """Replay what the journal holds of a home up to a moment, deadlines included, and explain that moment.

    Raises NotFoundError when nothing had been received by then.
    """
    return explain(replayed(journal, home, at_ms, Engine(rules)), at_ms)


def replayed(
    journal: Journal,
    home: Home,
    at_ms: int,
    engine: Engine,
    *,
    parameters: RuleParameters | None = None,
    check: Callable[[], None] = lambda: None,
) -> HomeRules:
    """Return a home's rules as they stood at a moment; `engine` is a fresh one. `check` may raise to stop.

    Raises NotFoundError when the journal is empty or begins later.
    """
    engine.set_home(home, parameters)
    begin_ms = _beginning_ms(journal, home, at_ms)
    at_ms = max(at_ms, begin_ms)  # within the minute of the very first message: that moment
    engine.on_readings(begin_ms, ())
    for entry in _entries_until(journal, home, at_ms, check):
        engine.on_readings(entry.log_time_ms, entry.readings)
        if entry.is_tick:
            engine.on_time(entry.log_time_ms, is_deaf=entry.is_deaf)
    engine.on_readings(at_ms, ())  # where nothing was written for long, the service was not deaf: it did not run
    engine.on_time(at_ms, is_deaf=engine.is_deaf)
    return engine.rules_of(home.id)


class Hindsight:
    """Replays for the console, one at a time; used from the loop's thread."""

    def __init__(self, journal: Journal) -> None:
        """`journal` is one of its own, so that a long read holds up nobody else's; close() closes it."""
        self._journal = journal
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hindsight")
        self._in_hand = 0
        self._is_closing = threading.Event()

    async def rules_at(self, home: Home, parameters: RuleParameters, at_ms: int) -> HomeRules:
        """Return a home's rules as they stood at a moment, judged by these limits.

        Raises NotFoundError as replayed() does, RefusedError(too_many_replays, replay_too_long).
        """
        if self._in_hand >= MAX_REPLAYS:
            raise RefusedError(ProblemCode.TOO_MANY_REPLAYS)
        self._in_hand += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, lambda: self._replay(home, parameters, at_ms)
            )
        finally:
            self._in_hand -= 1

    def close(self) -> None:
        """Stop what is under way and close the journal; blocking, for some tens of milliseconds."""
        self._is_closing.set()
        self._thread.shutdown(cancel_futures=True)
        self._journal.close()

    def _replay(self, home: Home, parameters: RuleParameters, at_ms: int) -> HomeRules:
        until_s = monotonic_s() + LONGEST_REPLAY_S

        def check() -> None:
            if self._is_closing.is_set() or monotonic_s() > until_s:
                raise RefusedError(ProblemCode.REPLAY_TOO_LONG, f'shouwang rules why {home.id} --at "..."')

        return replayed(self._journal, home, at_ms, Engine(), parameters=parameters, check=check)


def _beginning_ms(journal: Journal, home: Home, at_ms: int) -> int:
    first = journal.read(0, 1)
    if not first:
        raise NotFoundError("还没有收到过任何数据 / nothing has been received yet")
    begin_ms = first[0].log_time_ms
    if begin_ms >= at_ms + MINUTE_MS:  # a minute is named by its beginning
        since = clock(begin_ms, zone(home.zone_name))
        raise NotFoundError(
            f"当时还没有数据，记录始于 {since} / nothing had been received by then, it begins at {since}"
        )
    return begin_ms


def _entries_until(journal: Journal, home: Home, at_ms: int, check: Callable[[], None]) -> Iterator[HomeEntry]:
    seq, last_seq = journal.read(0, 1)[0].seq - 1, journal.last()[0]
    while seq < last_seq:
        check()
        for entry in journal.read_home(home.id, seq, SPAN_ENTRIES, with_ticks=True):
            if entry.log_time_ms > at_ms:
                return
            yield entry
        seq += SPAN_ENTRIES
