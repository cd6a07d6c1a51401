"""The console's markup: nothing inline, everything escaped, usable without eyes or mouse."""

import re
from pathlib import Path

import pytest
from api_browser import Seen, submit
from api_console import Desk, run
from api_devices import parked_detail, waiting_device
from api_home import sample_activity, sample_explanation, sample_home_rules, sample_preset, sample_rules
from api_village import NASTY, NOW_MS, both, sample_alert, sample_due, sample_visit

import api
from alerts.model import AlertState
from api.home_views import DeviceView, HomeView
from api.views import AttemptView, EvidenceView, PersonBrief, RevealedView, TraceView
from registry.homes import DeviceRole

FRAGMENTS = ["/board", "/homes/h0001/now"]
PAGES = [
    "/login",
    "/",
    "/alerts/a1",
    "/alerts/a0",
    "/visits",
    "/visits?month=2024-02",
    "/homes",
    "/homes?area=shuren/xihe",
    "/homes/h0001",
    "/homes/h0001?at=2024-02-27T09:30",
    "/homes/h0002?day=2024-02-20",
    "/rules",
    "/devices/inbox",
    "/devices/inbox?state=rejected",
    "/parked",
    "/parked?reason=undecodable",
    "/parked/1",
    "/homes/h0001/walk?since_ms=1709000000000",
    "/nothing",
    *FRAGMENTS,
]
STATIC = Path(api.__file__).parent / "static"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_inline_script_style_or_handler_and_loads_nothing_from_elsewhere(path):
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            return (await browser.get(path)).text

    page = Seen(run(story()))
    assert page.inline == []
    for tag, attributes in page.tags:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        for name in ("src", "href", "action"):
            assert attributes.get(name, "/").startswith(("/", "#", "tel:")), (tag, attributes)
            assert not attributes.get(name, "").startswith("//")
        if tag == "script":
            assert attributes == {"type": "module", "src": "/static/board.js"}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_used_without_eyes_or_mouse(path):
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            return (await browser.get(path)).text

    text = run(story())
    page = Seen(text)
    names = [tag for tag, _ in page.tags]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    page.check()
    for _, attributes in page.tags:
        assert attributes.get("aria-labelledby", ids[0] if ids else None) in [*ids, None]
    for tag, attributes in page.tags:
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"].strip()
    if path not in FRAGMENTS:
        assert ("html", {"lang": "zh-CN"}) in page.tags
        assert names.count("main") == names.count("h1") == 1
        assert 'class="skip" href="#main"' in text
        assert 'aria-live="assertive"' in text


def test_numbers_are_shown_after_a_reason_and_on_no_other_page():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            answer, _ = await submit(browser, "/alerts/a1", "/alerts/a1/reveal", reason="联系女儿")
            empty, _ = await submit(browser, "/alerts/a1", "/alerts/a1/reveal", reason=" ")
            others = [(await browser.get(path)).text for path in PAGES]
            return answer, empty.status_code, others, desk.console.looks

    answer, empty, others, looks = run(story())
    assert "+8613900005678" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert (empty, looks) == (422, [("a1", "联系女儿", "zhang")])
    for text in others:
        for secret in ("13900005678", "李梅", "王秀英", "12号"):
            assert secret not in text


def nasty_desk():
    desk = Desk()
    person = PersonBrief(person_id=NASTY, name=NASTY)
    visit = sample_visit(person=person, note=NASTY, visitor=NASTY, policy_version=NASTY)
    attempt = AttemptView(
        attempt_id="t3", name=NASTY, relation=NASTY, channel=NASTY, state="failed", detail=NASTY, created_at_ms=NOW_MS
    )
    nasty = {
        "person": person,
        "home_id": NASTY,
        "sentence": both(NASTY),
        "owner": NASTY,
        "evidence": [EvidenceView(at_ms=NOW_MS, device_id=NASTY, grade=NASTY, text=both(NASTY))],
        "attempts": [attempt],
        "trace": [TraceView(at_ms=NOW_MS, what="opened", who=NASTY, text=both(NASTY))],
        "visit": visit,
        "outcome_note": NASTY,
        "closed_by": NASTY,
    }
    desk.console.alert_rows = {
        "a1": sample_alert("a1", **nasty),
        "a0": sample_alert("a0", state=AlertState.CLOSED, closed_at_ms=NOW_MS, **nasty),
    }
    desk.console.visit_rows = {"v1": visit}

    home = HomeView(home_id=NASTY, area=NASTY, person=person, open_alert_id=NASTY)

    async def homes(account):
        return [home]

    async def one_home(home_id):
        return home

    async def due(month, account):
        return [row.model_copy(update={"person": person, "area": NASTY, "why": both(NASTY)}) for row in sample_due()]

    async def reveal(alert_id, reason, account):
        return RevealedView(alert_id=alert_id, address=NASTY)

    async def explanation(home_id, at_ms):
        return sample_explanation(NASTY, at_ms, NASTY)

    async def home_rules(home_id):
        return sample_home_rules(NASTY, NASTY)

    async def devices(home_id):
        roles = {"role": DeviceRole.SOS_BUTTON, "room": NASTY, "troubles": [both(NASTY)]}
        return [DeviceView(device_id=NASTY, home_id=NASTY, **roles)]

    async def activity(home_id, day):
        return sample_activity(NASTY, day)

    async def presets():
        return [sample_preset(NASTY)]

    desk.console.homes, desk.console.due, desk.console.reveal = homes, due, reveal
    desk.console.home, desk.console.explanation, desk.console.home_rules = one_home, explanation, home_rules
    desk.console.devices, desk.console.activity, desk.console.presets = devices, activity, presets
    desk.console.rulebook = sample_rules(NASTY)
    desk.console.inbox_rows = {NASTY: waiting_device(NASTY, suggested_home=NASTY, is_allowed=False)}
    desk.console.parked_rows = {1: parked_detail(NASTY)}
    desk.accounts.passwords[NASTY] = "x"
    return desk


def test_no_text_from_outside_can_become_markup():
    async def story():
        desk = nasty_desk()
        async with desk.clerk(NASTY) as browser:
            texts = [(await browser.get(path)).text for path in PAGES]
            texts.append((await browser.post("/alerts/a1/reveal", data={"reason": "x"})).text)
            texts.append((await browser.post("/login", data={"name": NASTY, "password": "wrong"})).text)
            return texts

    texts = run(story())
    assert sum("&lt;script&gt;" in text for text in texts) >= 14
    for text in texts:
        assert "<script>" not in text
        assert [attributes for tag, attributes in Seen(text).tags if tag == "script"] in (
            [],
            [{"type": "module", "src": "/static/board.js"}],
        )


def test_the_script_is_one_small_module_that_a_strict_policy_lets_run():
    text = (STATIC / "board.js").read_text(encoding="utf-8")
    assert len(text) < 12_000
    assert int(re.search(r"RECONNECT_MS = (\d+)", text).group(1)) <= 3000
    for forbidden in ("eval(", "innerHTML", "new Function", ".style.", "setAttribute('style'", "http://", "https://"):
        assert forbidden not in text
    assert "未送达" in text
    css = (STATIC / "console.css").read_text(encoding="utf-8")
    assert "@import" not in css
    assert "url(" not in css
