"""Declares that a home's devices are being tried out, for hours at most, with its row in the audit chain."""

from difflib import get_close_matches

import msgspec

from core.clock import Clock
from core.errors import ConfigurationError, ConflictError, NotFoundError
from core.ids import HomeId
from core.localtime import HOUR_MS, MINUTE_MS
from core.text import Bilingual
from registry.homes import LONGEST_TEST_MS, Home
from store.truth.database import Truth, Unit

BEGUN = "home.test_begun"
ENDED = "home.test_ended"

NEAR_SHOWN = 3
"""Ids that may have been meant: more cannot be told apart at a glance."""

_LONGEST_MIN = LONGEST_TEST_MS // MINUTE_MS
_LONGEST_H = LONGEST_TEST_MS // HOUR_MS


class TryingOut:
    """Changes which homes are under test; any process may call it, a running service takes it up by itself."""

    def __init__(self, truth: Truth, clock: Clock) -> None:
        self._truth = truth
        self._clock = clock

    def begin(self, home_id: str, minutes: int, who: str) -> int:
        """Put a home under test from now on and return until when; one that is gets this end instead.

        Raises NotFoundError, and ConfigurationError for no time at all and for longer than the rules hold a test.
        """
        if not 1 <= minutes <= _LONGEST_MIN:
            why = Bilingual(
                f"{minutes} 分钟不行：测试最长{_LONGEST_H}小时，忘记结束的住户当天就恢复看护",
                f"{minutes} min is no length of a test: {_LONGEST_H} h are the most, so that a home left under test by "
                "mistake is watched over again the same day",
            )
            remedy = f"写 1 到 {_LONGEST_MIN}；不够时到点再执行一次 / write 1 to {_LONGEST_MIN}; do it again for longer"
            raise ConfigurationError(str(why), where="--minutes", remedy=remedy)
        with self._truth.transaction() as unit:
            now_ms = self._clock.now_ms()
            until_ms = now_ms + minutes * MINUTE_MS
            self._put(unit, _home(unit, home_id), until_ms)
            unit.audit.append(who, BEGUN, home_id, f"{minutes} min", now_ms)
        return until_ms

    def end(self, home_id: str, who: str) -> None:
        """End a test before its time: what still holds is told now; raises NotFoundError and ConflictError."""
        with self._truth.transaction() as unit:
            now_ms = self._clock.now_ms()
            home = _home(unit, home_id)
            if not home.is_tested_at(now_ms):
                raise ConflictError(f"{home_id} 不在测试中，无需结束 / {home_id} is not under test: nothing to end")
            self._put(unit, home, None)
            unit.audit.append(who, ENDED, home_id, "", now_ms)

    @staticmethod
    def _put(unit: Unit, home: Home, until_ms: int | None) -> None:
        unit.people.put_home(msgspec.structs.replace(home, test_until_ms=until_ms))


def _home(unit: Unit, home_id: str) -> Home:
    home = unit.people.home(HomeId(home_id))
    if home is not None:
        return home
    near = get_close_matches(home_id, [str(one.id) for one in unit.people.homes()], n=NEAR_SHOWN)
    listed = "shouwang registry list"
    zh = f"是不是 {'、'.join(near)}？" if near else f"全部住户：{listed}"
    en = f"did you mean {', '.join(near)}?" if near else f"see: {listed}"
    raise NotFoundError(f"没有此住户 {home_id}；{zh} / no home {home_id}; {en}")
