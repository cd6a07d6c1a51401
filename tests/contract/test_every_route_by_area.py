"""A grid worker of another village goes through every route of the application and sees nobody who is not theirs."""

import re
from html import escape

import msgspec
import pytest
from fastapi.routing import APIRoute
from route_bodies import bodies_of, sent
from two_villages import FAR, MONTH, NEAR, SECRETS

from core.ids import PersonId
from registry.access import Grant, Role

WORKER = [Grant(Role.GRID, f"{FAR}/g1")]
OWN = [Grant(Role.GRID, f"{NEAR}/g1")]
DUTY = [Grant(Role.DUTY)]
OPEN_TO_ALL = ("/callbacks/", "/login", "/logout", "/api/v1/login", "/api/v1/logout", "/events", "/language")
"""What a provider signs, what ends the session, a reader's language, and a stream that never ends and holds a number."""


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


SEES_NOTHING = {"/records/find", "/gathering/conflicts"}
"""Posted though nothing changes, for what is searched or shown stays out of addresses: answered with nobody in it."""

TYPED = {("/records/new", "near-person")}
"""The form is given back as it was typed: an id that the account brought itself."""

NOTHING_THERE = ("/parked/", "/api/v1/parked/", "/gathering/conflicts/", "/api/v1/gathering/conflicts/")
"""Of these the two villages have none, so nobody gets past it."""


def templates_of(app):
    """Return the path of every route that changes something, as it is declared."""
    paths = {route.path for route in routes_of(app) if route.methods - {"GET", "HEAD"}}
    return sorted(path for path in paths if not path.startswith(OPEN_TO_ALL))


async def posted(app, browser, villages):
    """Return (path, answer) of every route that changes something, with a valid body about the other village."""
    bodies = bodies_of(villages.ids, f"{NEAR}/g1")
    asked = {path.partition("?")[0]: (path, body) for path, body in bodies.items()}
    ids, found = villages.ids | {"kind": "verify"}, []
    for template in templates_of(app):
        path, body = asked[template]  # whoever adds a route gives it a body
        path = re.sub(r"{(\w+)[^}]*}", lambda name: str(ids.get(name[1], "1")), path)
        found += [(template, await sent(browser, path, body, accept)) for accept in ("text/html", "application/json")]
    return found


def test_a_worker_of_another_village_changes_nobody_on_any_route(villages):
    before = list(iter_dump(villages.truth))
    found = villages.as_role(WORKER, lambda app, browser: posted(app, browser, villages))
    wrong = {(path, one.status_code) for path, one in found if one.status_code != (403, 200)[path in SEES_NOTHING]}
    leaks = {(path, secret) for path, answer in found for secret in seen_in(answer)}
    assert (wrong, leaks - TYPED) == (set(), set())
    assert len(found) > 100
    assert list(iter_dump(villages.truth)) == before


def iter_dump(truth):
    """Yield every row that a change of somebody's record would touch."""
    with truth.view() as unit:
        for name in ("near", "far"):
            person = PersonId(f"{name}-person")
            yield msgspec.json.encode(unit.privacy.rows_of(unit.privacy.subject(person)))


def test_the_same_bodies_are_taken_from_who_may(villages):
    """Whatever is refused here is refused for what it says: no 403, and no 422 that would have hidden one."""
    everywhere = [Grant(Role.TOWN), Grant(Role.VILLAGE)]
    found = villages.as_role(everywhere, lambda app, browser: posted(app, browser, villages))
    refused = {path for path, one in found if one.status_code in {403, 500}}
    assert {path for path in refused if not path.startswith(NOTHING_THERE)} == set()


BODY_IDS = (
    ("records/{visit_id}/merge", {"into": "visit_id"}),
    ("records/{visit_id}/correct", {"person_id": "person_id"}),
    ("follow-ups/{follow_up_id}/step", {"visit_id": "visit_id"}),
)


@pytest.mark.parametrize(("path", "foreign"), BODY_IDS)
@pytest.mark.parametrize("root", ["/", "/api/v1/ledger/"])
def test_what_a_body_names_of_another_village_is_refused_though_the_path_is_ones_own(villages, root, path, foreign):
    own, others = villages.ids_of["far"], villages.ids
    body = bodies_of(own, f"{FAR}/g1")[root + path] | {name: others[key] for name, key in foreign.items()}
    grants = [Grant(Role.VILLAGE, FAR)]

    async def story(_app, browser):
        return await sent(browser, root + path.format_map(own), body, "application/json")

    answer = villages.as_role(grants, story)
    assert (answer.status_code, seen_in(answer)) == (403, [])


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
