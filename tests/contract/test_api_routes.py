"""The JSON API: who is let in, what errors look like, paging, two clerks at once, the provider's callbacks."""

import json
import warnings

import pytest
from api_console import Desk, run
from api_village import MINUTE_MS, NOW_MS, sample_alert

from api.home_views import ReadingView
from api.security import CONTENT_SECURITY_POLICY, SECURITY_HEADERS

WITHOUT_LOGIN = {"/api/v1/login", "/healthz", "/readyz", "/metrics"}


def operations(desk):
    for path, methods in desk.app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def filled(path):
    for name in ("alert_id", "attempt_id", "home_id", "person_id", "visit_id"):
        path = path.replace(f"{{{name}}}", "x1")
    return path


def test_every_operation_demands_a_login_but_the_few_that_hold_no_personal_data():
    async def story():
        desk = Desk()
        async with desk.client() as client:
            for path, method, _ in operations(desk):
                answer = await client.request(method, filled(path), json={} if method == "POST" else None)
                if path.startswith("/callbacks/"):
                    assert (path, answer.status_code, answer.json()["code"]) == (path, 403, "bad_signature")
                elif path in WITHOUT_LOGIN:
                    assert (path, answer.status_code) != (path, 401)
                else:
                    assert (path, answer.status_code, answer.json()["code"]) == (path, 401, "unauthorized")
                    assert answer.headers["content-type"] == "application/problem+json"

    run(story())


def test_the_description_is_openapi_3_1_without_warnings_and_explains_each_operation():
    desk = Desk()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        document = json.loads(json.dumps(desk.app.openapi()))
    assert document["openapi"].startswith("3.1")
    ids = []
    for path, method, operation in operations(desk):
        assert operation["tags"], (path, method)
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        assert "HTTPValidationError" not in json.dumps(operation)
        assert "application/problem+json" in operation["responses"]["default"]["content"]
        ids.append(operation["operationId"])
    assert len(ids) == len(set(ids))
    known = {tag["name"] for tag in document["tags"]}
    assert {tag for _, _, operation in operations(desk) for tag in operation["tags"]} == known
    assert "ProblemView" in document["components"]["schemas"]


def test_the_description_is_valid_to_an_independent_reader():
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415 - slow to import, used here only

    OpenAPIV31SpecValidator(Desk().app.openapi()).validate()


@pytest.mark.parametrize("path", ["/", "/login", "/healthz", "/nothing", "/static/console.css", "/api/v1/people"])
def test_every_answer_carries_the_policy_and_the_security_headers(path):
    async def story():
        async with Desk().client() as client:
            return await client.get(path)

    answer = run(story())
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert "strict-transport-security" not in answer.headers
    assert answer.headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")


def test_an_unforeseen_failure_is_a_problem_with_headers_and_says_nothing_of_its_cause():
    async def story():
        desk = Desk()
        desk.console.breaks_on_health = True
        async with desk.client(raises=False) as client:
            token = await desk.accounts.login("zhang", "right horse")
            return await client.get("/api/v1/health", headers={"authorization": f"Bearer {token}"})

    answer = run(story())
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "王秀英" not in answer.text
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_secure_cookies_bring_strict_transport_security():
    async def story():
        async with Desk(secure_cookies=True).client() as client:
            return await client.get("/healthz")

    assert run(story()).headers["strict-transport-security"].startswith("max-age=")


def test_a_refused_field_is_named_and_what_it_held_is_not_repeated():
    async def story():
        async with Desk().client() as client:
            return await client.post("/api/v1/login", json={"name": "zhang", "password": ["my secret"]})

    answer = run(story())
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (422, "validation", 422)
    assert problem["type"] == "urn:shouwang:problem:validation"
    assert problem["fields"][0]["field"] == "body.password"
    assert "my secret" not in answer.text


def test_people_are_shown_masked_and_without_what_is_nobodys_business():
    async def story():
        desk = Desk()
        async with desk.program() as client:
            return await client.get("/api/v1/people"), await client.get("/api/v1/alerts/a1")

    people, alert = run(story())
    person = people.json()[0]
    assert (person["name"], person["phone"]) == ("王*", "•••1234")
    for answer in (people, alert):
        for secret in ("王秀英", "李梅", "13800001234", "13900005678", "512222193805010021", "12号", "高血压"):
            assert secret not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "people/p9",
        "homes/h9",
        "homes/h9/devices",
        "homes/h9/readings",
        "homes/h9/explanation",
        "homes/h9/coverage",
        "homes/h9/activity",
        "homes/h9/rules",
        "alerts/a9",
    ],
    ids=lambda p: p,
)
def test_what_does_not_exist_is_a_problem_with_the_code_not_found(path):
    async def story():
        desk = Desk()
        async with desk.program() as client:
            return await client.get(f"/api/v1/{path}")

    answer = run(story())
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "homes",
        "homes/h0001",
        "homes/h0001/devices",
        "homes/h0001/explanation",
        "homes/h0001/coverage",
        "homes/h0001/activity",
        "homes/h0001/rules",
        "rules",
        "rules/presets",
        "people/p1",
        "parked",
        "health",
        "visits",
        "visits/due?month=2024-02",
    ],
)
def test_each_record_can_be_read(path):
    async def story():
        desk = Desk()
        async with desk.program() as client:
            return await client.get(f"/api/v1/{path}")

    answer = run(story())
    assert answer.status_code == 200
    assert answer.json()


def test_pages_of_readings_lose_none_and_repeat_none_when_many_share_one_millisecond():
    async def story():
        desk = Desk()
        times = [NOW_MS, *[NOW_MS + 1] * 7, NOW_MS + 2, *[NOW_MS + 3] * 3]
        desk.console.reading_rows = [
            ReadingView(device_id="d", metric="power", value=n, observed_at_ms=at, received_at_ms=at, seq=n)
            for n, at in enumerate(times)
        ]
        seen, cursor = [], None
        async with desk.program() as client:
            while True:
                parameters = {"limit": 3} | ({"cursor": cursor} if cursor else {})
                page = (await client.get("/api/v1/homes/h0001/readings", params=parameters)).json()
                seen += [item["seq"] for item in page["items"]]
                cursor = page["next_cursor"]
                if cursor is None:
                    return seen, len(times)

    seen, count = run(story())
    assert seen == list(range(count))


def test_pages_of_alerts_lose_none_and_repeat_none_when_some_open_together():
    async def story():
        desk = Desk()
        desk.console.alert_rows = {
            f"a{n}": sample_alert(f"a{n}", opened_at_ms=NOW_MS - (n // 3) * MINUTE_MS) for n in range(8)
        }
        seen, cursor = [], ""
        async with desk.program() as client:
            while cursor is not None:
                url = "/api/v1/alerts?state=calling_contacts&limit=2" + (f"&cursor={cursor}" if cursor else "")
                page = (await client.get(url)).json()
                seen += [item["alert_id"] for item in page["items"]]
                cursor = page["next_cursor"]
        return seen

    assert run(story()) == [f"a{n}" for n in range(8)]


@pytest.mark.parametrize("cursor", ["!!", "bm90IG51bWJlcnM", "MTI6LTE", "LTU6MA"])
def test_a_cursor_that_is_not_ours_is_refused(cursor):
    async def story():
        desk = Desk()
        async with desk.program() as client:
            return await client.get("/api/v1/alerts", params={"cursor": cursor})

    answer = run(story())
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def test_alerts_can_be_asked_for_by_state():
    async def story():
        desk = Desk()
        async with desk.program() as client:
            closed = await client.get("/api/v1/alerts", params={"state": ["closed", "withdrawn"]})
            return closed, await client.get("/api/v1/alerts", params={"state": "asleep"})

    closed, wrong = run(story())
    assert [item["alert_id"] for item in closed.json()["items"]] == ["a0"]
    assert wrong.json()["code"] == "validation"


def test_the_process_is_alive_while_it_is_not_ready_and_says_what_stops_it():
    async def story():
        desk = Desk()
        async with desk.client() as client:
            ready = await client.get("/readyz")
            desk.console.problems = ["journal: disk is full"]
            return ready, await client.get("/readyz"), await client.get("/healthz")

    ready, unready, alive = run(story())
    assert (ready.status_code, unready.status_code, alive.status_code) == (200, 503, 200)
    assert unready.json() == {"is_ready": False, "problems": ["journal: disk is full"]}


def test_metrics_of_the_given_registry_are_served():
    async def story():
        async with Desk().client() as client:
            return await client.get("/metrics")

    answer = run(story())
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "shouwang_test_total 1.0" in answer.text
