"""How fast simulated time may go in real time; it brakes and never hurries to make up for an outage."""

from core.clock import Clock

MAX_WAIT_MS = 1_000
"""Real time between two ticks: people who act in the console see the clock move every second."""

MAX_BEHIND_MS = 2_000
"""Further behind than this was an outage: the pace begins anew from where it stands."""


class Pace:
    """A brake: `speed` simulated seconds per real second, None for none at all."""

    def __init__(self, clock: Clock, speed: float | None) -> None:
        """Raise ValueError for a speed that is not positive."""
        if speed is not None and speed <= 0:
            raise ValueError(f"a speed is simulated seconds per real second and positive, not {speed}")
        self._clock = clock
        self._speed = speed
        self._anchor: tuple[int, int] | None = None

    @property
    def max_step_ms(self) -> int | None:
        """The longest step of simulated time that waits no longer than MAX_WAIT_MS; None without a brake."""
        return None if self._speed is None else max(1, int(self._speed * MAX_WAIT_MS))

    async def wait_for(self, sim_ms: int) -> None:
        """Return when simulated time may be `sim_ms`."""
        if self._speed is None:
            return
        now_ms = self._clock.now_ms()
        real_ms, from_ms = self._anchor or (now_ms, sim_ms)
        due_ms = real_ms + round((sim_ms - from_ms) / self._speed)
        if self._anchor is None or now_ms > due_ms + MAX_BEHIND_MS:
            self._anchor = (now_ms, sim_ms)
            return
        await self._clock.sleep_until_ms(due_ms)
