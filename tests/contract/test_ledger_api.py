"""The ledger's API over the real ledger: the board, a record by a program, a weather warning with its signature."""

import hashlib
import hmac
import json

import pytest
from api_console import run
from ledger_office import SECRET, VISIT, LedgerOffice
from ledger_town import VILLAGE

from app.ledger_console import LedgerConsole


@pytest.fixture
def office(tmp_path):
    office = LedgerOffice(tmp_path)
    yield office
    office.close()


def test_the_api_tells_the_board_and_takes_a_record_with_its_signature(office):
    async def story():
        async with office.desk.program() as client:
            entry = {**VISIT, "household_count": 0, "needs": ["comfort"], "key": "post-1"}
            made = await client.post("/api/v1/ledger/records", json=entry)
            again = await client.post("/api/v1/ledger/records", json=entry)
            assert (made.status_code, made.json()) == (201, again.json())
            path = f"/api/v1/ledger/records/{made.json()['visit_id']}"
            assert [one["visit_id"] for one in (await client.get("/api/v1/ledger/records/unsigned")).json()] == [
                made.json()["visit_id"]
            ]
            signed = (await client.post(f"{path}/sign", json={"version": 1})).json()
            stale = await client.post(f"{path}/sign", json={"version": 1})
            board = (
                await client.get("/api/v1/ledger/board", params={"month": "2024-02", "area": "shuren/qiaotou"})
            ).json()
            rows = (await client.get("/api/v1/ledger/follow-ups")).json()
            unknown = await client.post("/api/v1/ledger/records", json={**entry, "surprise": 1})
            child = await client.post("/api/v1/ledger/records", json={**entry, "visitor": "contact:c3", "key": "x"})
            return signed, stale.status_code, board, rows, unknown.status_code, child.status_code

    signed, stale, board, rows, unknown, child = run(story())
    assert (signed["number"], signed["signed_by"], stale, unknown, child) == (1, "account:zhang", 409, 422, 404)
    assert [(row["person"]["person_id"], row["home_visits_owed"]) for row in board["rows"]] == [
        ("p1", 1),
        ("p2", 2),
        ("p3", 0),
    ]
    assert (board["rate"]["contacted"], board["rate"]["active"], len(board["rate"]["missing"])) == (1, 3, 2)
    assert board["villages"][0]["name"] == VILLAGE
    assert [(row["kind"], row["what"]) for row in rows] == [("referral", "精神慰藉")]


def test_a_contact_who_is_a_registered_visitor_makes_a_home_visit_that_counts(office):
    async def story():
        async with office.desk.program() as client:
            entry = {**VISIT, "household_count": 0, "visitor": "contact:c1"}
            made = (await client.post("/api/v1/ledger/records", json=entry)).json()
            return (await client.post(f"/api/v1/ledger/records/{made['visit_id']}/sign", json={"version": 1})).json()

    signed = run(story())
    assert signed["visitor"] == "contact:c1"
    assert signed["credits"][0]["counts"]


def test_a_weather_warning_is_taken_once_when_signed_and_refused_otherwise(office):
    warning = {
        "id": "20240220-1",
        "level": "orange",
        "from_date": "2024-02-20",
        "until_date": "2024-02-21",
        "area": "shuren",
        "title": "大风",
    }

    async def post(client, body, secret=SECRET):
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return (
            await client.post("/callbacks/weather", content=body, headers={"X-Shouwang-Signature": signature})
        ).status_code

    async def story():
        body = json.dumps(warning).encode()
        async with office.desk.client() as client:
            codes = [
                await post(client, body),
                await post(client, body),
                await post(client, body, "another secret here"),
            ]
            codes += [
                await post(client, wrong)
                for wrong in (
                    b"{",
                    b'{"id": "x"}',
                    json.dumps({**warning, "level": "purple"}).encode(),
                    json.dumps({**warning, "until_date": "2024-02-01"}).encode(),
                )
            ]
        return codes, await office.ledger.specials(2024, "zhang")

    codes, periods = run(story())
    assert codes == [204, 204, 403, 422, 422, 422, 409]
    assert [one.words.zh for one in periods if one.kind == "weather"] == ["极端天气：大风"]


def test_without_a_secret_no_warning_is_taken(office):
    assert not LedgerConsole(office.town.book, office.threads).is_weather_signed(
        b"", hmac.new(b"", b"", hashlib.sha256).hexdigest()
    )
