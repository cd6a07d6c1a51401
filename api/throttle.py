"""Failed logins per name and asker; refuses for a while after too many, without asking whether the name exists."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from core.localtime import MINUTE_MS

MAX_FAILURES = 5
"""Of one name from one address. A clerk mistypes two or three times; a guesser needs thousands of tries."""

MAX_FAILURES_ANYWHERE = 100
"""Of one name from all addresses: twenty machines that guess at once are an attack, and no town has so many desks.

Under 10,000 guesses a day, too few for a password of ten characters. An address from which the account has logged in
since the start is spared, so that nobody closes the desk by guessing elsewhere.
"""

WINDOW_MS = 15 * MINUTE_MS
"""Five guesses a quarter of an hour are under 500 a day, too few even for a weak password."""

MAX_NAMES = 10_000
"""Names remembered at once, the oldest forgotten first, so that made-up names cannot fill the memory.

A name goes when its window has passed; a quarter of an hour of tries, each with its slow hash, is some 15 MB.
"""

MAX_DESKS = 1_000
"""Names with an address from which they have logged in: more than a county's staff has machines; under 1 MB."""

IPV6_OF_ONE_ASKER = 64
"""A home or an office is given a whole /64 and may speak from any address in it."""


@dataclass
class _Tries:
    """What one name's failures were, the oldest first: when and from where; and the newest password that was tried."""

    failures: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    password_set_ms: int = 0


class LoginThrottle:
    """Counts failures of each name in a sliding window; kept in memory, so a restart forgets them."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._desks: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait_ms(self, name: str, address: str, password_set_ms: int = 0) -> int:
        """Return how long this name must wait at an address, 0 when it may try.

        `password_set_ms` is when the account's password was set: once it is a newer one, what was guessed of the one
        before holds nobody up.
        """
        tries = self._tries.get(_key(name))
        if tries is None:
            return 0
        if password_set_ms > tries.password_set_ms:
            del self._tries[_key(name)]
            return 0
        asker = asker_of(address)
        here = [at_ms for at_ms, whence in tries.failures if whence == asker]
        waits = [self._until_free_ms(here, MAX_FAILURES)]
        if (_key(name), asker) not in self._desks:
            waits.append(self._until_free_ms([at_ms for at_ms, _ in tries.failures], MAX_FAILURES_ANYWHERE))
        return max(waits)

    def fail(self, name: str, address: str, password_set_ms: int = 0) -> None:
        """Count one failure."""
        self._forget_passed()
        tries = self._tries.setdefault(_key(name), _Tries())
        oldest_ms = self._now_ms() - WINDOW_MS
        recent = [one for one in tries.failures if one[0] > oldest_ms]
        tries.failures = [*recent, (self._now_ms(), asker_of(address))][-MAX_FAILURES_ANYWHERE:]
        tries.password_set_ms = max(tries.password_set_ms, password_set_ms)
        self._tries.move_to_end(_key(name))
        if len(self._tries) > MAX_NAMES:
            self._tries.popitem(last=False)

    def forgive(self, name: str, address: str) -> None:
        """Forget a name's failures at an address from which it has logged in; guesses from elsewhere still count."""
        desk = (_key(name), asker_of(address))
        tries = self._tries.get(desk[0])
        if tries is not None:
            tries.failures = [one for one in tries.failures if one[1] != desk[1]]
        self._desks[desk] = None
        self._desks.move_to_end(desk)
        if len(self._desks) > MAX_DESKS:
            self._desks.popitem(last=False)

    def _until_free_ms(self, failures: list[int], most: int) -> int:
        return max(0, failures[-most] + WINDOW_MS - self._now_ms()) if len(failures) >= most else 0

    def _forget_passed(self) -> None:
        oldest_ms = self._now_ms() - WINDOW_MS
        while self._tries:
            name, tries = next(iter(self._tries.items()))
            if tries.failures and tries.failures[-1][0] > oldest_ms:
                return
            del self._tries[name]


def asker_of(address: str) -> str:
    """Return whom an address counts as: itself, of IPv6 its /64; all that are no addresses count as one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.IPv6Address(int(found) >> IPV6_OF_ONE_ASKER << IPV6_OF_ONE_ASKER))
    return str(found)


def _key(name: str) -> str:
    return name.strip().casefold()
