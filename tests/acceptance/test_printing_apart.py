"""Documents that hang in the press keep neither a contact's key waiting nor the console: printing has its own threads."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from app.paper import typesetter
from app.paper.pdf import SET_WITHIN_S
from app.service import Service
from app.settings import Settings
from app.threads import CALLBACK_THREADS, CONSOLE_THREADS, LOOK_THREADS, PRINT_THREADS
from core.errors import NotFoundError
from core.ids import HomeId, PersonId
from core.localtime import DEFAULT_ZONE_NAME, local_date, zone
from registry.people import Category, Person
from store.truth.database import READERS

VILLAGE = "shuren/qiaotou"
PROVIDER_WAITS_S = 15
"""Twilio takes an answer for lost after it: the key is gone, and the next person is rung."""

HANGING = """
import os, pathlib, sys, time
sys.stdin.buffer.read()
pathlib.Path(__file__).with_name(f"begun-{os.getpid()}").touch()
for _ in range(600):
    if pathlib.Path(__file__).with_name("goes-on").exists():
        break
    time.sleep(0.1)
sys.stdout.buffer.write(b"%PDF")
"""


@pytest.fixture
def hanging(tmp_path, monkeypatch):
    """Let documents be set by a program that hangs; return the file whose coming ends it."""
    program = tmp_path / "hanging.py"
    program.write_text(HANGING, encoding="utf-8")
    monkeypatch.setattr(typesetter, "__file__", str(program))
    return Path(tmp_path / "goes-on")


def move_in(truth) -> None:
    person = Person(
        id=PersonId("p1"),
        home_id=HomeId("h1"),
        area=f"{VILLAGE}/g1",
        categories=frozenset({Category.ALONE}),
        active_from=date(2023, 1, 1),
    )
    with truth.transaction() as unit:
        unit.people.put_person(person)


def test_a_key_is_answered_and_the_console_opens_while_more_documents_hang_than_there_are_threads(tmp_path, hanging):
    settings = Settings(data_dir=tmp_path / "data", mqtt_port=0, http_port=0, ack_wait_s=1)

    async def story():
        service = Service(settings)
        await service.start()
        printing = []
        try:
            move_in(service.truth)
            ports = service._server.config.app.state.services
            today = local_date(service.clock.now_ms(), zone(DEFAULT_ZONE_NAME))
            drawn = await ports.ledger.draft_return(today.replace(day=1), VILLAGE, "zhang")
            for _ in range(CONSOLE_THREADS):
                printing.append(asyncio.create_task(ports.press.sheet(VILLAGE, reason="停电", account="zhang")))
                printing.append(asyncio.create_task(ports.ledger.return_file(drawn.return_id, "pdf", "zhang")))
            while len(list(tmp_path.glob("begun-*"))) < PRINT_THREADS:
                await service.clock.sleep_until_ms(service.clock.now_ms() + 10)
            with pytest.raises(NotFoundError):  # of a call that nobody made
                await asyncio.wait_for(ports.callbacks.gather("no-call", {"Digits": "1"}), PROVIDER_WAITS_S)
            await asyncio.wait_for(ports.ledger.villages("zhang"), PROVIDER_WAITS_S)
        finally:
            hanging.touch()
            printed = await asyncio.gather(*printing)
            await service.stop()
        return printed

    printed = asyncio.run(asyncio.wait_for(story(), 100))
    assert [one.content for one in printed] == [b"%PDF"] * (2 * CONSOLE_THREADS)


def test_whoever_reads_the_database_has_a_connection_to_spare():
    alone = ("desk", "outbox", "ingest", "parked", "loop")
    asking = CONSOLE_THREADS + CALLBACK_THREADS + LOOK_THREADS + PRINT_THREADS + len(alone)
    assert 2 * asking <= READERS


def test_a_document_that_hangs_is_given_up_within_a_minute():
    assert SET_WITHIN_S <= 60
