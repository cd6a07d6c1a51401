"""Starts the embedded broker again when it has ended or takes no message, and waits for one that reads its store."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from app.broker import STILL_READS, EmbeddedBroker
from app.broker_pulse import Pulse
from app.rounds import Rounds
from core.clock import SystemClock, monotonic_s
from core.errors import ConfigurationError
from core.text import Bilingual

LOOK_EVERY_MS = 1_000
"""An SOS that is pressed meanwhile waits in its gateway; a look is one system call."""

FIRST_PAUSE_S = 1.0
"""An operator who ends the whole control group ends the broker beside its service: nothing is started in between."""

LONGEST_PAUSE_S = 30.0
"""A port or a disk that is free again is used half a minute later; it is never given up, for nobody else starts it."""

STEADY_S = 60.0
"""Whoever ran for a minute has read its store and served: the next end is another matter and waits a second again."""

NOTICE_S = 3_600.0

ENDS_KEPT = 200
"""More than the pauses allow in an hour."""

_NO_ROOM = Bilingual(
    "内嵌消息服务器所在磁盘没有空间，设备的消息一概收不下；请腾出空间，之后会自动恢复",
    "the disk of the embedded broker has no room, and nothing from devices is taken: free some, it goes on by itself",
)
_TAKES_NOTHING = Bilingual(
    "内嵌消息服务器在运行，但收不下任何消息，正在自动重新启动；原因见服务日志",
    "the embedded broker runs and takes no message, and is started again by itself; the service's log says why",
)
_log = logging.getLogger(__name__)


def _nothing() -> int:
    """Return what a command hears that runs the broker without a service."""
    return 0


class BrokerWatch:
    """Looks in rounds, used by one thread at a time; what it found is read by any."""

    def __init__(
        self, broker: EmbeddedBroker, seconds: Callable[[], float] = monotonic_s, heard: Callable[[], int] = _nothing
    ) -> None:
        """Watch a broker that has been started."""
        self._broker = broker
        self._seconds = seconds
        self._pause_s = FIRST_PAUSE_S
        self._due_s: float | None = None  # of the next start; None while it runs
        self._started_s = seconds()
        self._ends_s: deque[float] = deque(maxlen=ENDS_KEPT)
        self._how = ""
        self._pulse = Pulse(broker, seconds, heard)
        self.restarts = 0

    def look(self, _now_ms: int) -> None:
        """Start it again if it has ended and its pause is over; blocks for as long as it is waited for at a time."""
        broker = self._broker
        if broker.is_let_go:
            self._due_s = None
        elif broker.is_alive() and broker.is_listening:
            self._due_s = None
            if self._pulse.is_restart_due():
                self._how = f"stopped, for it took no message: {self._pulse.why}"
                broker.put_down()
                self._note_end()
                if self._pause_s == FIRST_PAUSE_S:  # nobody else has ended it
                    self._start_again()
        elif broker.is_alive():
            self._wait_for_its_store()
        else:
            due_s = self._note_end() if self._due_s is None else self._due_s
            self._how = broker.ending() or self._how
            if self._seconds() >= due_s:
                self._start_again()

    def notices(self) -> list[str]:
        """Return that it is away, or that it ended several times lately."""
        if self._due_s is not None and self._broker.is_alive():
            minutes = int(self._seconds() - self._started_s) // 60
            reading = Bilingual(
                f"内嵌消息服务器已重新启动，正在读取存储（已{minutes}分钟），读完之前收不到任何设备",
                f"the embedded broker was started again and has been reading its store for {minutes} min:"
                " no device is heard before it has",
            )
            return [str(reading)]
        if self._due_s is not None:
            zh, en = "内嵌消息服务器停了，正在自动重新启动", "the embedded broker has ended and is being started again"
            away = Bilingual(f"{zh}；原因见服务日志", f"{en}; the service's log says why")
            return [str(away)]
        if self._pulse.is_lost:
            return [str(_NO_ROOM if self._pulse.no_room else _TAKES_NOTHING)]
        lately = sum(self._seconds() - one < NOTICE_S for one in tuple(self._ends_s))
        if lately < 2:  # noqa: PLR2004  # once is mended by the start; twice has a cause that stays
            return []
        often = Bilingual(
            f"内嵌消息服务器一小时内停了{lately}次，均已重新启动；请检查内存和磁盘，原因见服务日志",
            f"the embedded broker ended {lately} times within the hour and was started again:"
            " look at memory and disk; the service's log says why",
        )
        return [str(often)]

    def _note_end(self) -> float:
        now_s = self._seconds()
        if now_s - self._started_s >= STEADY_S:
            self._pause_s = FIRST_PAUSE_S
        self._ends_s.append(now_s)
        self._due_s = now_s + self._pause_s
        return self._due_s

    def _start_again(self) -> None:
        _log.error("the embedded broker has ended (%s) and is started again", self._how)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        try:
            self._broker.start_again()
        except (ConfigurationError, OSError) as error:  # OSError: a full disk does not take its configuration
            _log.error("the embedded broker does not start, tried again in %g s: %s", self._pause_s, error)
        finally:
            self._started_s = self._seconds()
            self._due_s = self._started_s + self._pause_s
        if self._broker.is_listening:
            self._runs_again()
        elif self._broker.is_alive():
            _log.warning(STILL_READS)

    def _wait_for_its_store(self) -> None:
        """See whether it listens by now; whoever killed it instead would have it begin anew, and never come up."""
        try:
            if self._broker.listens() or self._broker.accepts():
                self._runs_again()
        except ConfigurationError as error:
            _log.error("the embedded broker has ended while it read its store: %s", error)

    def _runs_again(self) -> None:
        self._due_s = None
        self._pulse.at_once()
        self.restarts += 1
        _log.warning("the embedded broker runs again on port %d", self._broker.port)


def rounds_of(watch: BrokerWatch) -> Rounds:
    """Return its looks: a driven clock would stand while its broker is away, and none that takes long is waited for."""
    return Rounds("broker", watch.look, every_ms=LOOK_EVERY_MS, clock=SystemClock(), executor=None)


async def started(broker: EmbeddedBroker, *, takes_over: bool = False) -> None:
    """Start it off the loop, as its `start` does; whoever is cancelled meanwhile leaves none behind."""
    try:
        await asyncio.to_thread(broker.start, takes_over=takes_over)
    except asyncio.CancelledError:
        broker.stop()  # otherwise its thread waits on, and the process with it
        raise


async def until_wanted(broker: EmbeddedBroker) -> None:
    """Return when a service waits to take it over."""
    clock = SystemClock()
    while not broker.is_wanted():
        await clock.sleep_until_ms(clock.now_ms() + LOOK_EVERY_MS)
