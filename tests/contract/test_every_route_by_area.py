"""A grid worker of another village goes through every route of the application and sees nobody who is not theirs."""

import re
from html import escape

import pytest
from alerts_village import Village
from fastapi.routing import APIRoute
from two_villages import FAR, MONTH, NEAR, SECRETS, TwoVillages

from registry.access import Grant, Role

WORKER = [Grant(Role.GRID, f"{FAR}/g1")]
OWN = [Grant(Role.GRID, f"{NEAR}/g1")]
DUTY = [Grant(Role.DUTY)]
OPEN_TO_ALL = ("/callbacks/", "/login", "/logout", "/api/v1/login", "/api/v1/logout", "/events")
"""What a provider signs, what ends the session, and a stream that never ends and holds a number."""


@pytest.fixture
def villages(tmp_path):
    with Village.at(tmp_path / "truth.sqlite", homes=1) as village:
        one = TwoVillages(village, tmp_path)
        yield one
        one.close()


def routes_of(app):
    """Yield every route; a router that was included keeps its own."""
    for one in app.routes:
        yield from getattr(getattr(one, "original_router", None), "routes", [one] if isinstance(one, APIRoute) else [])


def paths_of(app, ids):
    """Yield (method, path, the named ids in it) of every route that is not open to all."""
    for route in routes_of(app):
        if route.path.startswith(OPEN_TO_ALL):
            continue
        names = re.findall(r"{(\w+)", route.path)
        path = re.sub(r"{(\w+)[^}]*}", lambda found: str(ids.get(found[1], "1")), route.path)
        for method in sorted(route.methods - {"HEAD"}):
            yield method, path, tuple(name for name in names if name in ids)


async def walked(app, browser, ids, methods):
    """Return (method, path, named ids, answer) of every route, asked plainly and for the other village."""
    asked = {"month": MONTH, "area": NEAR, "person_id": ids["person_id"], "show": "all"}
    found = []
    for method, path, names in paths_of(app, ids):
        if method not in methods:
            continue
        for query in ({}, asked) if method == "GET" else ({},):
            for accept in ("text/html", "application/json"):
                answer = await browser.request(method, path, params=query, headers={"accept": accept})
                found.append((method, path, names, answer))
    return found


def seen_in(answer):
    """Return the secrets in an answer, but for the address that was asked: the form of the language leads back to it."""
    asked = escape(answer.request.url.raw_path.decode())
    return [secret for secret in SECRETS if secret in answer.text.replace(asked, "")]


def test_a_worker_of_another_village_reads_nobody_on_any_route(villages):
    found = villages.as_role(WORKER, lambda app, browser: walked(app, browser, villages.ids, {"GET"}))
    leaks = {(path, secret) for _, path, _, answer in found for secret in seen_in(answer)}
    told = {(path, answer.status_code) for _, path, names, answer in found if names and answer.status_code != 403}
    broken = {(path, answer.status_code) for _, path, _, answer in found if answer.status_code >= 500}
    assert (leaks, told, broken) == (set(), set(), set())
    assert len({path for _, path, _, _ in found}) > 50


def test_a_worker_of_another_village_changes_nobody_on_any_route(villages):
    methods = {"POST", "PUT", "PATCH", "DELETE"}
    found = villages.as_role(WORKER, lambda app, browser: walked(app, browser, villages.ids, methods))
    done = {(path, answer.status_code) for _, path, names, answer in found if names and answer.status_code < 400}
    leaks = {(path, secret) for _, path, _, answer in found for secret in seen_in(answer)}
    assert (done, leaks) == (set(), set())


def test_their_own_worker_finds_them_on_the_same_walk(villages):
    found = villages.as_role(OWN, lambda app, browser: walked(app, browser, villages.ids, {"GET"}))
    shown = {path.split("?")[0] for _, path, _, answer in found if answer.status_code == 200 and seen_in(answer)}
    for path in (
        "/",
        "/homes",
        "/registry",
        "/due",
        "/follow-ups",
        "/api/v1/homes",
        "/api/v1/alerts",
        "/api/v1/people",
    ):
        assert path in shown
    assert {answer.status_code for _, _, _, answer in found if answer.status_code >= 500} == set()
    assert not [path for _, path, _, answer in found if "far-person" in answer.text or "far-home" in answer.text]


def test_the_duty_desk_sees_every_home_and_alert_and_changes_no_register(villages):
    async def story(app, browser):
        board, homes = await browser.get("/"), await browser.get("/homes")
        alert = await browser.get(f"/alerts/{villages.ids['alert_id']}")
        revealed = await browser.post(f"/registry/{villages.ids['person_id']}/reveal", data={"reason": "核对"})
        form = {"on": "2024-03-05", "version": "1", "why": "入户"}
        changed = await browser.post(f"/registry/{villages.ids['person_id']}/verify", data=form)
        return board, homes, alert, revealed, changed

    board, homes, alert, revealed, changed = villages.as_role(DUTY, story)
    for answer in (board, homes):
        assert "near-home" in answer.text
        assert "far-home" in answer.text
    assert [one.status_code for one in (alert, revealed, changed)] == [200, 403, 403]


def test_an_auditor_sees_no_home(villages):
    async def story(app, browser):
        return [await browser.get(path) for path in ("/", "/homes", "/api/v1/alerts", "/api/v1/people")]

    for answer in villages.as_role([Grant(Role.AUDITOR)], story):
        assert (answer.status_code, seen_in(answer)) == (200, [])
