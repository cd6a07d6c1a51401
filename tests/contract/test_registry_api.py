"""The register's API: filed, read masked, revealed with a reason, changed; no error repeats a value."""

import asyncio
import json

import msgspec
import pytest
from api_console import Desk
from ledger_kit import FORM
from people_town import SECRETS, PeopleTown
from register_kit import GRID

from registry.annex1_words import answers


@pytest.fixture
def town(tmp_path):
    town = PeopleTown(tmp_path)
    yield town
    town.close()


def test_the_api_files_reads_masked_reveals_changes_and_tells_the_history(town):
    body = {"form": json.loads(msgspec.json.encode(FORM)), "area": GRID, "why": "入户调查"}

    async def story(client):
        made = await client.post("/api/v1/register", json=body)
        base = f"/api/v1/register/{made.json()['person']['person_id']}"
        change = {"command": {"kind": "tier", "tier": "general"}, "version": 1, "why": "与女儿同住"}
        return {
            "made": made,
            "list": await client.get("/api/v1/register?area=shuren"),
            "entry": await client.get(base),
            "bare": await client.post(f"{base}/reveal", json={"reason": ""}),
            "clear": await client.post(f"{base}/reveal", json={"reason": "核对"}),
            "change": await client.post(f"{base}/changes", json=change),
            "again": await client.post(f"{base}/changes", json=change),
            "child": await client.post(f"{base}/child-contacts", json={"on": "2024-02-20", "channel": "phone"}),
            "history": await client.get(f"{base}/history"),
            "audit": await client.get("/api/v1/register/audit"),
            "verdict": await client.get("/api/v1/register/audit/verdict"),
            "snapshots": await client.get("/api/v1/register/snapshots"),
            "nobody": await client.get("/api/v1/register/nobody"),
        }

    seen = town.ask(story)
    codes = {name: answer.status_code for name, answer in seen.items()}
    assert codes == dict.fromkeys(seen, 200) | {"made": 201, "bare": 422, "again": 409, "child": 201, "nobody": 404}
    for name in ("made", "list", "entry", "history", "child"):
        for secret in SECRETS:
            assert secret not in seen[name].text
    assert seen["clear"].json()["person"]["name"] == "王秀英"
    assert len(seen["entry"].json()["answers"]) == len(list(answers(FORM)))
    assert [one["version"] for one in seen["history"].json()] == [2, 1]
    assert seen["verdict"].json()["broken_at"] is None
    assert [row["action"] for row in seen["audit"].json() if row["action"] != "rows.kept"][:3] == [
        "entry.history_read",
        "child_contact.recorded",
        "entry.tier",
    ]


def test_the_api_names_every_wrong_field_and_never_what_it_held(town):
    form = json.loads(msgspec.json.encode(FORM)) | {"id_number": "512222193805010021", "phone": "70605678"}

    async def story(client):
        wrong = await client.post("/api/v1/register", json={"form": form, "area": GRID, "why": "x"})
        shape = await client.post(
            "/api/v1/register", json={"form": form | {"capacity": "王秀英"}, "area": GRID, "why": "x"}
        )
        return wrong, shape

    wrong, shape = town.ask(story)
    assert (wrong.status_code, shape.status_code) == (422, 422)
    assert [one["field"] for one in wrong.json()["fields"]] == ["id_number", "phone"]
    assert "$.form.capacity" in shape.json()["detail"]
    for answer in (wrong, shape):
        assert "512222193805010021" not in answer.text
        assert "王秀英" not in answer.text


def test_a_service_without_a_register_says_that_there_is_none():
    async def story():
        async with Desk().program() as client:
            return (await client.get("/api/v1/register")).status_code

    assert asyncio.run(asyncio.wait_for(story(), 60)) == 404
