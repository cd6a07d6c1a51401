"""A valid body of every route that changes something: without one, 422 would be said before the door is asked."""

from collections.abc import Mapping
from typing import Any

import msgspec
from ledger_kit import FORM

SEEN = {"version": 1}
WHY = {"reason": "核对电话"}
VISIT = {"kind": "home", "started_at": "2024-03-05T10:00"}
CLOSED = SEEN | {"outcome": "hazard_removed", "note": "已来电"}
VERIFIED = {"on": "2024-03-05", "version": "1", "why": "入户"}
ANNEX1 = msgspec.to_builtins(FORM)
PERIOD = {"id": "w9", "from_date": "2024-03-05", "until_date": "2024-03-06", "level": "red", "title": "大风"}
CHILD = {"on": "2024-03-05", "channel": "phone", "note": "已通话"}
LIST = "姓名,身份证号码\n甲,1\n".encode()
MERGE = SEEN | {"reason": "重复"}


def bodies_of(ids: Mapping[str, str], area: str) -> dict[str, Any]:
    """Return the body of each route by its path, of the person and things that `ids` name; None: it takes none."""
    person = {"person_id": ids["person_id"]}
    home = {"address": "a/new", "home_id": ids["home_id"], "role": "interior_motion"}
    ledger = {
        "records/{visit_id}/form": SEEN | {"kind": "home"},
        "records/{visit_id}/sign": SEEN,
        "records/{visit_id}/correct": VISIT | person | MERGE,
        "records/{visit_id}/approve": SEEN,
        "records/{visit_id}/merge": MERGE | {"into": ids["visit_id"]},
        "follow-ups": person | {"kind": "hazard", "what": "煤气"},
        "follow-ups/{follow_up_id}/step": SEEN | {"step": "remind", "on": "2024-03-05"},
        "benefits": person | {"benefit": "disability"},
        "benefits/{eligibility_id}/step": SEEN | {"state": "told", "on": "2024-03-05"},
    }
    both = {
        "alerts/{alert_id}/close": CLOSED,
        "attempts/{attempt_id}/press": {"digits": "1"},
        "alerts/{alert_id}/reveal": WHY,
        "visits/{visit_id}/review": None,
        "devices/inbox/adopt": home,
        "devices/inbox/reject": {"address": "a/new"},
        "gathering/conflicts/{conflict_id}": {"decided": "kept", "why": "核实"},
        "gathering/verifications/{person_id}": {"outcome": "moved", "why": "邻居说"},
    }
    found: dict[str, Any] = {f"/api/v1/ledger/{path}": body for path, body in ledger.items()}
    found |= {f"/{path}": body for path, body in ledger.items()}
    found |= {f"{root}{path}": body for root in ("/", "/api/v1/") for path, body in both.items()}
    return found | _of_the_api(person, area) | _of_pages(person, area)


def _of_the_api(person: Mapping[str, str], area: str) -> dict[str, Any]:
    verify = {"command": {"kind": "verify", "on": "2024-03-05"}, "version": 1, "why": "入户"}
    return {
        "/api/v1/alerts/{alert_id}/acknowledge": SEEN,
        "/api/v1/parked/retry": {"parked_ids": [1]},
        "/api/v1/ledger/records": VISIT | person,
        "/api/v1/ledger/people/{person_id}/facts": {"kind": "died", "on": "2024-03-05"},
        "/api/v1/ledger/people/{person_id}/monitored-month?month=2024-02": None,
        "/api/v1/ledger/special-periods": PERIOD | {"area": area},
        "/api/v1/register": {"form": ANNEX1, "area": area, "why": "新建"},
        "/api/v1/register/{person_id}/reveal": WHY,
        "/api/v1/register/{person_id}/changes": verify,
        "/api/v1/register/{person_id}/child-contacts": CHILD,
        "/api/v1/gathering?source=grid": LIST,
    }


def _of_pages(person: Mapping[str, str], area: str) -> dict[str, Any]:
    return {
        "/alerts/{alert_id}/acknowledge": SEEN | {"idempotency_key": "k1"},
        "/parked/{parked_id}/retry": None,
        "/records/new": VISIT | person,
        "/records/find": {"find": "海棠"},
        "/standing/{person_id}": {"kind": "died", "on": "2024-03-05"},
        "/standing/{person_id}/monitored": {"month": "2024-02"},
        "/special": PERIOD | {"area": area},
        "/returns": {"month": "2024-02", "area": area},
        "/returns/{return_id}/step": SEEN | {"step": "sign"},
        "/registry/new": {"name": "甲", "area": area, "why": "新建", "version": "0"},
        "/registry/{person_id}/reveal": WHY,
        "/registry/{person_id}/form": {"name": "甲", "area": area, "why": "改", "version": "1"},
        "/registry/{person_id}/child-contacts": CHILD,
        "/registry/{person_id}/{kind}": VERIFIED,
        "/print/annex1/{person_id}": WHY,
        "/print/annex2/{visit_id}": WHY,
        "/print/sheet": WHY | {"area": area},
        "/print/ledger": WHY | {"area": area},
        "/gathering/conflicts": WHY,
        "/gathering": {"source": "grid", "file": LIST},
    }


async def sent(browser: Any, path: str, body: Any, accept: str) -> Any:  # noqa: ANN401 - the answer of httpx
    """Post a body as its route takes it: a list of people as it is or as a file of a form, JSON, or a form."""
    says = {"accept": accept}
    if isinstance(body, bytes):
        return await browser.post(path, content=body, headers=says)
    if path.startswith("/api/"):
        return await browser.post(path, json=body, headers=says)
    files = {"file": ("list.csv", body["file"])} if body and "file" in body else None
    data = {name: value for name, value in (body or {}).items() if name != "file"}
    return await browser.post(path, data=data, files=files, headers=says)
