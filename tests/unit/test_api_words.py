"""Masks hold, every code has its words, time left is told in two units, cursors come back as they went."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.attempts import SHOWN
from alerts.model import AlertState, AttemptState, CallPurpose, Outcome
from api.board import acknowledge_key
from api.conversion import PRIORITY_CODES, visit_view
from api.home_views import Presence
from api.limit_wording import LIMIT_WORDS_ZH, limit_why
from api.masking import masked_name, masked_phone
from api.paging import MAX_TIES, Cursor, next_cursor, read_cursor
from api.rendering import span
from api.security import CONTENT_SECURITY_POLICY, HSTS
from api.views import DueStatus, PersonBrief
from api.wording import WORDS, key_said, keys_of
from core.ids import PersonId, VisitId
from registry.homes import ContactRole, DeviceRole, SuspensionReason
from registry.people import Tier
from rules.findings import FindingKind
from rules.grading import Grade
from rules.home_mode import HomeMode
from rules.limit_values import LIMITS
from visits.model import ContactClass, Obligation, Visit


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("priority", PRIORITY_CODES.values()),
        ("state", AlertState),
        ("kind", FindingKind),
        ("attempt", [*AttemptState, SHOWN]),
        ("outcome", Outcome),
        ("role", [*ContactRole, "resident"]),
        ("presence", Presence),
        ("mode", HomeMode),
        ("reason", SuspensionReason),
        ("grade", Grade),
        ("device", DeviceRole),
        ("tier", Tier),
        ("contact_class", ContactClass),
        ("obligation", Obligation),
        ("due", DueStatus),
    ],
)
def test_every_code_has_words_in_both_languages(group, codes):
    assert set(WORDS[group]) == set(codes)
    assert all(words.zh and words.en and words.zh != words.en for words in WORDS[group].values())


def test_every_limit_says_in_both_languages_what_it_means():
    assert set(LIMIT_WORDS_ZH) == set(LIMITS)
    assert limit_why("burst_personal_times").en.startswith("of the second highest day's best hour")
    assert limit_why("door_open_day_ms").en == "an outside door that stands open by day"
    assert limit_why("no_such_limit_ms").en == "no such limit"
    assert limit_why("no_such_limit_ms").zh == "no_such_limit_ms"


@pytest.mark.parametrize(("name", "masked"), [("王秀英", "王*"), ("王*", "王*"), (" 李 ", "李*"), ("", "")])
def test_a_name_keeps_its_first_character_and_no_more(name, masked):
    assert masked_name(name) == masked
    assert PersonBrief(person_id="p", name=name).name == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("+8613800001234", "•••1234"), ("•••1234", "•••1234"), ("110", "•••"), ("1234", "•••"), ("", ""), ("x", "")],
)
def test_a_number_keeps_its_last_four_digits_and_a_short_one_none(phone, masked):
    assert masked_phone(phone) == masked


@given(st.text())
def test_masking_twice_is_masking_once(text):
    assert masked_name(masked_name(text)) == masked_name(text)
    assert masked_phone(masked_phone(text)) == masked_phone(text)


def test_a_key_means_what_its_script_says():
    assert set(keys_of(CallPurpose.ASK_RESIDENT)) == {"1"}
    assert set(keys_of(CallPurpose.ASK_CONTACT)) == {"1", "2", "3"}
    assert key_said(CallPurpose.ASK_RESIDENT, "1").zh == "我平安"
    assert key_said(CallPurpose.ASK_CONTACT, "1").zh == "我去看"
    assert key_said(None, "7").en == "key 7"


@pytest.mark.parametrize(
    ("length_ms", "en"),
    [(0, "0 s"), (59_999, "59 s"), (60_000, "1 min"), (-3_660_000, "1 h 1 min"), (90_000_000, "1 d 1 h")],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(length_ms, en):
    assert span(length_ms).en == en


@given(st.integers(0, 4_102_444_800_000), st.integers(0, MAX_TIES))
def test_a_cursor_comes_back_as_it_went(at_ms, skip):
    cursor = Cursor(at_ms=at_ms, skip=skip)
    assert read_cursor(str(cursor)) == cursor


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(1, 7))
def test_pages_cover_every_row_once_in_order_whatever_the_ties(times, limit):
    rows = sorted(times)
    shown: list[int] = []
    cursor: Cursor | None = None
    while True:
        left = [at for at in rows if cursor is None or at >= cursor.at_ms]
        skip = cursor.skip if cursor else 0
        fetched = left[: skip + limit + 1]
        shown += fetched[skip : skip + limit]
        cursor = next_cursor(fetched, limit, skip)
        if cursor is None:
            break
    assert shown == rows


def test_one_clerks_presses_on_one_version_share_a_key_and_no_others_do():
    keys = {acknowledge_key("a1", "zhang", 3), acknowledge_key("a1", "chen", 3), acknowledge_key("a1", "zhang", 4)}
    assert len(keys) == 3
    assert acknowledge_key("a1", "zhang", 3) in keys


@pytest.mark.parametrize(
    ("contact_class", "reviewed_by", "is_drill", "waits"),
    [
        (ContactClass.C4A_REMOTE_CONFIRMED_CALL, "", False, True),
        (ContactClass.C4A_REMOTE_CONFIRMED_CALL, "account:zhang", False, False),
        (ContactClass.C4A_REMOTE_CONFIRMED_CALL, "", True, False),
        (ContactClass.C2_PHONE, "", False, False),
    ],
)
def test_only_a_call_confirmed_by_key_waits_for_a_signature(contact_class, reviewed_by, is_drill, waits):
    from datetime import date  # noqa: PLC0415 - one use

    visit = Visit(
        id=VisitId("v"),
        person_id=PersonId("p"),
        contact_class=contact_class,
        started_at_ms=0,
        local_date=date(1970, 1, 1),
        reviewed_by=reviewed_by,
        is_drill=is_drill,
    )
    assert visit_view(visit, PersonBrief(person_id="p")).needs_review is waits


def test_the_policy_lets_nothing_in_but_our_own_files():
    sources = [part.split()[1:] for part in CONTENT_SECURITY_POLICY.split(";")]
    assert {source for directive in sources for source in directive} == {"'none'", "'self'"}
    assert HSTS.startswith("max-age=")
