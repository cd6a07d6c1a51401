"""How long a township's list takes to be taken in, listed and verified: ratios to reading the same rows bare."""

import sys
import tempfile
from pathlib import Path

from app.console_registry import RegistryConsole
from app.gatherer import Gatherer
from app.register import Register
from core.clock import ManualClock, monotonic_s
from registry.gathering import Source
from registry.identity import check_character
from store.cipher import FieldCipher
from store.truth.audit_file import verify_file
from store.truth.database import Truth

NOW_MS = 1_709_000_000_000


def listed(people: int) -> bytes:
    """Return a CSV of so many people."""
    rows = ["姓名,身份证号,联系电话,居住地址"]
    for number in range(people):
        body = f"{512222 + number // 900:06d}19380501{number % 900:03d}"
        rows.append(f"老人{number},{body}{check_character(body)},138{number:08d},{number % 50}组{number}号")
    return "\n".join(rows).encode()


def main(people: int) -> None:
    """Print seconds and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "truth.sqlite"
        truth, clock = Truth(path, FieldCipher(b"k" * 32)), ManualClock(NOW_MS)
        register, gatherer = Register(truth, clock, "Asia/Shanghai"), Gatherer(truth, clock, "Asia/Shanghai")
        times: dict[str, float] = {}
        content = listed(people)
        for name, work in (
            ("dry run", lambda: gatherer.plan(content, Source.GRID, where="list")),
            ("take", lambda: gatherer.take(content, Source.GRID, where="list", actor="cli:bench")),
            ("bare read", lambda: _read(truth)),
            ("everybody", register.all),
            ("the page's rows", lambda: RegistryConsole._entries(_Console(truth, register), "")),  # noqa: SLF001
            ("verify offline", lambda: verify_file(path)),
        ):
            began = monotonic_s()
            work()
            times[name] = monotonic_s() - began
        truth.close()
    for name, seconds in times.items():
        print(f"{name:16} {seconds:7.2f} s  {seconds / times['bare read']:6.1f} × bare read")


class _Console(RegistryConsole):
    """A console without threads."""

    def __init__(self, truth: Truth, register: Register) -> None:
        self._truth, self._register = truth, register


def _read(truth: Truth) -> None:
    with truth.view() as unit:
        assert unit.people.persons()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
