"""A million inputs for every decoder and for the frame codec: only the declared exception, none slower than 1 ms a kB.

A millisecond is that of the reference machine, on which the yardstick takes 0.1 ms: what is judged is the ratio to the
yardstick, measured beside whatever looks slow, since a busy or older machine is slow, not wrong. Printed are both.

Inputs are messages that a convention speaks, with bytes flipped, cut, doubled and spliced, values of the wrong kind,
and plain noise; from a seed, so that what fails can be asked again: `fuzz_formats.py 1000000 7`.
"""

import gc
import json
import random
import sys
from collections.abc import Callable, Iterator
from time import thread_time
from typing import NamedTuple

from fuzz_inputs import CODEC, DECODERS, Input, Known, inputs, warmed

from ingest import mqtt_packets as mqtt
from ingest.formats.conventions import Conventions
from ingest.framing import Framer
from ingest.raw import UnreadableError

MS_PER_KB = 1.0
"""The bound of the specification; a small input may take this long for its first kilobyte too."""

YARDSTICK_MS = 0.1
"""What `_yardstick` takes on the reference machine."""

AGAIN = 5
"""What was slow is measured so many times more, in turns with the yardstick; the best of each counts."""

FRESH_AFTER = 500
"""Definitions pile up: after so many inputs a decoder begins anew, with a county's own definitions."""


class Findings(NamedTuple):
    """What a run of one decoder came to."""

    name: str
    inputs: int
    read: int
    refused: int
    slowest_ms_per_kb: float
    yardstick_ms: float
    faults: tuple[str, ...]


def main() -> int:
    """Fuzz each decoder with its share of the inputs; return 0 when nothing but the declared happened."""
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    names = [*DECODERS, *CODEC]
    is_well = True
    for name in names:
        found = fuzz(name, -(-total // len(names)), seed)
        is_well &= not found.faults
        print(json.dumps(found._asdict()), flush=True)
    return int(not is_well)


def fuzz(name: str, count: int, seed: int) -> Findings:
    """Return what so many inputs of one decoder came to."""
    chance = random.Random(f"{name} {seed}")
    run = _codec(CODEC[name]) if name in CODEC else _decoder(DECODERS[name])
    read = refused = 0
    slowest, faults = 0.0, []
    gc.disable()
    for number, one in enumerate(inputs(name, chance, count)):
        if number % FRESH_AFTER == 0:
            run = _codec(CODEC[name]) if name in CODEC else _decoder(DECODERS[name])
            gc.collect()
        try:
            spent = _cost(run, one)
        except Exception as error:  # noqa: BLE001  # whatever it is, it was not declared: that is what is looked for
            faults.append(f"{type(error).__name__}: {error!s:.80} for {one!r:.200}")
            continue
        read, refused = read + (not spent.is_refused), refused + spent.is_refused
        pace = spent.ms / (1 + len(one.payload) / 1024)
        if pace > MS_PER_KB:
            again = [(_cost(run, one).ms, _yardstick()) for _ in range(AGAIN)]
            pace = min(ms for ms, _ in again) / (1 + len(one.payload) / 1024)
            if pace > MS_PER_KB * min(yardstick for _, yardstick in again) / YARDSTICK_MS:
                faults.append(f"{pace:.1f} ms a kB for {one!r:.200}")
        slowest = max(slowest, pace)
    gc.enable()
    yardstick = round(min(_yardstick() for _ in range(AGAIN)), 3)
    return Findings(name, count, read, refused, round(slowest, 3), yardstick, tuple(faults[:5]))


def _yardstick() -> float:
    """Return the milliseconds of the thread's own time that a fixed piece of plain Python takes."""
    begun_s = thread_time()
    sum(range(10_000))
    return (thread_time() - begun_s) * 1000


class _Spent(NamedTuple):
    ms: float
    is_refused: bool


def _cost(run: Callable[[Input], None], one: Input) -> _Spent:
    begun_s, is_refused = thread_time(), False
    try:
        run(one)
    except (UnreadableError, mqtt.MalformedError):
        is_refused = True
    return _Spent((thread_time() - begun_s) * 1000, is_refused)


def _decoder(known: Known) -> Callable[[Input], None]:
    conventions: Conventions = warmed(known)

    def run(one: Input) -> None:
        conventions.decode(one.message)

    return run


def _codec(version: mqtt.Version) -> Callable[[Input], None]:
    def run(one: Input) -> None:
        framer = Framer(version)
        for chunk in _chunks(one):
            _, controls = framer.feed(chunk)
            for control in controls:
                _read(version, control.kind, control.body)

    return run


def _read(version: mqtt.Version, kind: int, body: bytes) -> None:
    if kind == mqtt.CONNACK:
        mqtt.connack(version, body)
    elif kind == mqtt.SUBACK:
        mqtt.suback(version, body)
    elif kind == mqtt.DISCONNECT:
        mqtt.disconnect_reason(body)


def _chunks(one: Input) -> Iterator[bytes]:
    at = 0
    for size in one.cuts:
        yield one.payload[at : at + size]
        at += size
    yield one.payload[at:]


if __name__ == "__main__":
    sys.exit(main())
