"""A process that ingests into a journal and prints each entry it committed, until it is killed."""

import sys
import threading
from pathlib import Path

from ingest_directory import DirectoryInMemory

from core.clock import SystemClock
from ingest.admission import DEDUPE_KEYS, Admission
from ingest.session import IngestSession, SessionSettings
from store.journal import Journal


def main() -> None:
    path, port, username, password = sys.argv[1:]
    journal = Journal(Path(path))
    session = IngestSession(
        SessionSettings(client_id="ingest", port=int(port), username=username, password=password, ack_wait_s=1),
        Admission(DirectoryInMemory("care/h1/pir"), journal.recent_readings(DEDUPE_KEYS)),
        journal,
        SystemClock(),
        on_committed=lambda seq: print(seq, flush=True),
        on_tick=lambda _tick: None,
        on_fatal=lambda error: print(f"fatal {error}", flush=True),
    )
    session.start()
    threading.Event().wait()


main()
