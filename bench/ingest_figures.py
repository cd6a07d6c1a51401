"""The figures of the ingest: each with its baseline of the same run, on one machine with broker and load.

ingest.py                  every row, about three minutes
ingest.py single latency   only these
ingest.py memory 600       5,000 devices for ten minutes
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
from costs import resident_bytes
from figures import print_cost, print_figure
from mosquitto_broker import MISSING, Mosquitto, is_installed
from other_clients import GmqttLink, PahoLink
from stream import Bare, Ingest, Publishers, Rates, settings_for, timed

from app.broker import EmbeddedBroker
from core.clock import SystemClock, monotonic_s
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from ingest.admission import DEDUPE_KEYS
from ingest.link import Link
from ingest.session import Client
from store.journal import Journal

DEVICES = 200
MESSAGES = 40_000
PACK, PACKS = 20, 5_000
ROUNDS = 3
NOBODY = ("", "")

SINGLE_TARGET = 0.9
PACK_TARGET = 8.0
PACK_ENOUGH = 150_000
CLIENT_TARGET = 1.5
"""What a client must gain, end to end, to take another's place."""

BATCH, COMMITS = 500, 100
COMMIT_TARGET = 0.8

PER_S, LATENCY_S, LATENCY_TARGET_MS = 5_000, 10, 20

MANY, MEMORY_S, MEMORY_TARGET_MB, FLAT_MB = 5_000, 60, 150, 5


class Room(NamedTuple):
    """A broker and a folder for the journals; and a number that makes every session a new one."""

    broker: Mosquitto | EmbeddedBroker
    folder: Path
    taken: list[int]

    @property
    def ours(self) -> tuple[str, str]:
        """The account of the ingest."""
        account = self.broker.accounts.ingest
        return account.username, account.password

    @property
    def theirs(self) -> tuple[str, str]:
        """The account of the devices."""
        account = self.broker.accounts.device
        return account.username, account.password

    def name(self) -> str:
        """Return a client id that nobody had."""
        self.taken.append(len(self.taken))
        return f"bench-{len(self.taken)}"


def through_ingest(room: Room, *, messages: int, pack: int = 1, client: Client = Link) -> Rates:
    """Return readings a second through everything, rules included."""
    ingest = Ingest(
        settings_for(room.broker, room.name(), room.ours),
        room.folder,
        homes=DEVICES,
        wanted=messages * pack,
        client=client,
    )
    load = Publishers(room.broker, room.theirs, devices=DEVICES, messages=messages, pack=pack)
    return timed(ingest, load, messages * pack)


def bare(room: Room, *, messages: int, pack: int = 1, client: Client = Link) -> Rates:
    """Return readings a second to a client that only counts and acknowledges."""
    listener = Bare(settings_for(room.broker, room.name(), room.ours), wanted=messages, client=client)
    load = Publishers(room.broker, room.theirs, devices=DEVICES, messages=messages, pack=pack)
    return timed(listener, load, messages * pack)


def single(room: Room) -> bool:
    """Print single readings against a bare subscriber."""
    pairs = [(through_ingest(room, messages=MESSAGES), bare(room, messages=MESSAGES)) for _ in range(ROUNDS)]
    ours, others = zip(*pairs, strict=True)
    told = print_figure("single", "readings/s", _wall(ours), _wall(others), target=SINGLE_TARGET)
    print_figure("single, processor", "readings/cpu-s", _processor(ours), _processor(others), target=0.0)
    return told


def packs(room: Room) -> bool:
    """Print packs of twenty against single readings."""
    pairs = [
        (through_ingest(room, messages=PACKS, pack=PACK), through_ingest(room, messages=MESSAGES))
        for _ in range(ROUNDS)
    ]
    ours, others = zip(*pairs, strict=True)
    told = print_figure("packs of 20", "readings/s", _wall(ours), _wall(others), target=PACK_TARGET)
    print_figure("packs of 20, processor", "readings/cpu-s", _processor(ours), _processor(others), target=0.0)
    return told or sorted(_wall(ours))[ROUNDS // 2] >= PACK_ENOUGH


def clients(room: Room) -> bool:
    """Print our own client against paho and gmqtt behind the same port, end to end."""
    others: dict[str, Client] = {"paho": PahoLink, "gmqtt": GmqttLink}
    is_best = True
    for name, client in others.items():
        pairs = [
            (through_ingest(room, messages=MESSAGES // 4), through_ingest(room, messages=MESSAGES // 4, client=client))
            for _ in range(ROUNDS)
        ]
        ours, theirs = zip(*pairs, strict=True)
        is_best &= print_figure(f"own against {name}", "readings/s", _wall(ours), _wall(theirs), target=CLIENT_TARGET)
        print_figure(
            f"own against {name}, processor",
            "readings/cpu-s",
            _processor(ours),
            _processor(theirs),
            target=CLIENT_TARGET,
        )
    return is_best


def commit(room: Room) -> bool:
    """Print the journal's commits of 500 readings against appending as many bytes to a file and fdatasync."""
    now_ms = SystemClock().now_ms()
    readings = [
        Reading(
            HomeId(f"h{n % DEVICES}"), DeviceId(f"h{n % DEVICES}/pir"), Metric.MOTION, n % 2 == 0, now_ms + n, now_ms, n
        )
        for n in range(BATCH)
    ]
    ours, others = [], []
    encode = msgspec.msgpack.Encoder().encode
    for number in range(ROUNDS):
        journal = Journal(room.folder / f"commit-{number}.db")
        ours.append(_per_s(lambda journal=journal: journal.append(readings, log_time_ms=now_ms)))
        journal.close()
        data = encode(tuple(readings))
        file = os.open(room.folder / f"raw-{number}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        others.append(_per_s(lambda file=file, data=data: (os.write(file, data), os.fdatasync(file))))
        os.close(file)
    return print_figure("journal commit of 500", "commits/s", ours, others, target=COMMIT_TARGET)


def latency(room: Room) -> bool:
    """Print the time from the broker's delivery to the rules, at 5,000 readings a second, rounded up."""
    count = PER_S * LATENCY_S
    ingest = Ingest(settings_for(room.broker, room.name(), room.ours), room.folder, homes=DEVICES, wanted=count)
    load = Publishers(room.broker, room.theirs, devices=DEVICES, messages=count, per_s=PER_S)
    load.go()
    ingest.finish()
    load.end()
    delays_ms = sorted(delay_ms + 1 for delay_ms in ingest.rules.delays_ms[PER_S:])
    p50, p99 = delays_ms[len(delays_ms) // 2], delays_ms[len(delays_ms) * 99 // 100]
    print(json.dumps({"name": "added latency", "p50_ms": p50, "p99_ms": p99, "most_ms": delays_ms[-1]}))
    return print_cost("added latency p99", "ms", [p99], [LATENCY_TARGET_MS], target=1.0)


def memory(room: Room, seconds: int = MEMORY_S) -> bool:
    """Print what the ingest takes with 5,000 devices connected and speaking, at first and at last."""
    words = [
        sys.executable,
        __file__,
        "ingest-process",
        room.broker.host,
        str(room.broker.port),
        str(room.folder),
        *room.ours,
    ]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "listening"
        load = Publishers(room.broker, room.theirs, devices=MANY, messages=MANY * (seconds // 10), per_s=MANY / 10)
        load.go()
        megabytes, end_s = [], monotonic_s() + seconds
        for line in process.stdout:
            megabytes.append(float(line))
            if monotonic_s() > end_s:
                break
        load.end()
        process.stdin.close()
    settled = megabytes[len(megabytes) // 4 :]
    print(json.dumps({"name": "memory", "devices": MANY, "first_mb": settled[0], "last_mb": settled[-1], "s": seconds}))
    is_flat = settled[-1] - settled[0] <= FLAT_MB
    return print_cost("memory", "MB", [max(megabytes)], [MEMORY_TARGET_MB], target=1.0) and is_flat


def ingest_process(host: str, port: str, folder: str, username: str, password: str) -> None:
    """Ingest until standard input ends, telling the memory each second; the rules and their homes are counted too."""

    class Named(NamedTuple):
        host: str
        port: int

    settings = settings_for(Named(host, int(port)), "memory", (username, password))
    # The window of known readings is full from the start, as it is on any day but the first.
    # Their times are as large as real ones: a small number takes less room.
    known = (((f"h{n % MANY}/pir", "motion", 1_790_000_000_000 + n, 1_000 + n), True) for n in range(DEDUPE_KEYS))
    ingest = Ingest(settings, Path(folder), homes=MANY, wanted=1 << 60, known=known)
    print("listening", flush=True)
    ended: list[str] = []
    reader = threading.Thread(target=lambda: ended.append(sys.stdin.read()), daemon=True)
    reader.start()
    while not ended:
        reader.join(1.0)
        with suppress(BrokenPipeError):  # who asked has heard enough
            print(round(resident_bytes() / 1e6, 1), flush=True)
    ingest.session.stop()


def kills(_room: Room) -> bool:
    """Kill ingest twenty times and the broker ten times; print how many promised readings were lost."""
    test = Path(__file__).parents[1] / "tests/crash/test_ingest_kill.py"
    words = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-m", "slow", str(test)]
    is_whole = subprocess.run(words, cwd=test.parents[2], stdout=subprocess.DEVNULL, check=False).returncode == 0
    print(
        json.dumps(
            {
                "name": "lost after 20 kills of ingest and 10 of the broker",
                "value": 0 if is_whole else "some",
                "holds": is_whole,
            }
        )
    )
    return is_whole


ROWS: dict[str, Callable[[Room], bool]] = {
    "single": single,
    "packs": packs,
    "clients": clients,
    "commit": commit,
    "latency": latency,
    "memory": memory,
    "kills": kills,
}


def main() -> int:
    """Measure the rows that are named, or all; return 0 when each holds."""
    named = [word for word in sys.argv[1:] if not word.isdigit()] or list(ROWS)
    seconds = next((int(word) for word in sys.argv[1:] if word.isdigit()), MEMORY_S)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not is_installed():
            print(json.dumps({"note": f"{MISSING}; measured on NATS, which is slower than what is measured"}))
        broker = Mosquitto(folder / "broker") if is_installed() else EmbeddedBroker(folder / "broker")
        broker.start()
        room = Room(broker, folder, [])
        try:
            held = [memory(room, seconds) if row == "memory" else ROWS[row](room) for row in named]
        finally:
            broker.stop()
    return int(not all(held))


def _per_s(work: Callable[[], object]) -> float:
    begun_s = monotonic_s()
    for _ in range(COMMITS):
        work()
    return COMMITS / (monotonic_s() - begun_s)


def _wall(rates: tuple[Rates, ...]) -> list[float]:
    return [one.wall for one in rates]


def _processor(rates: tuple[Rates, ...]) -> list[float]:
    return [one.processor for one in rates]


if __name__ == "__main__":
    if sys.argv[1:2] == ["ingest-process"]:
        ingest_process(*sys.argv[2:])
    else:
        sys.exit(main())
