"""A small village for tests of the API and pages: one person, two homes, an open alert and an ended one."""

from datetime import date

from alerts.model import AlertState, AttemptState, CallPurpose
from api.conversion import bilingual_view
from api.views import (
    AlertDetail,
    AttemptView,
    BilingualView,
    CreditView,
    DueStatus,
    DueView,
    EvidenceView,
    ParkedView,
    PersonBrief,
    TraceView,
    VisitView,
)
from core.ids import HomeId, PersonId
from core.log import ParkReason
from core.text import Bilingual
from registry.homes import ContactRole
from registry.people import Category, Person, Tier
from rules.findings import FindingKind
from visits.model import ContactClass, Obligation

NOW_MS = 1_709_000_000_000  # 2024-02-27 10:13:20 in Shanghai
MINUTE_MS = 60_000
BASE = "http://desk.test"
NASTY = "<script>alert('x')</script>"
SIGNATURE = "signed"

WANG = Person(
    id=PersonId("p1"),
    home_id=HomeId("h0001"),
    area="shuren/qiaotou/g3",
    categories=frozenset({Category.ALONE}),
    birth_date=date(1938, 5, 1),
    name="王秀英",
    phone="+8613800001234",
    id_number="512222193805010021",
    address="桥头村3组12号",
    illness="高血压",
)


def both(text: str) -> BilingualView:
    return bilingual_view(Bilingual(text, text))


def sample_alert(alert_id: str = "a1", **changes: object) -> AlertDetail:
    alert = AlertDetail(
        alert_id=alert_id,
        home_id="h0001",
        person=PersonBrief(person_id="p1", name=WANG.name, tier=Tier.KEY),
        state=AlertState.CALLING_CONTACTS,
        priority="P1",
        kinds=[FindingKind.INACTIVITY],
        sentence=BilingualView(zh="超过12小时没有活动", en="no activity for 12 hours"),
        opened_at_ms=NOW_MS - 20 * MINUTE_MS,
        since_ms=NOW_MS - 740 * MINUTE_MS,
        deadline_ms=NOW_MS + 2 * MINUTE_MS,
        version=3,
        evidence=[
            EvidenceView(
                at_ms=NOW_MS - 740 * MINUTE_MS, device_id="h0001/kitchen_pir", grade="B", text=both("厨房最后一次活动")
            )
        ],
        attempts=[
            AttemptView(
                attempt_id="t1",
                name=WANG.name,
                phone=WANG.phone,
                channel="twilio_voice",
                purpose=CallPurpose.ASK_RESIDENT,
                state=AttemptState.NO_ANSWER,
                created_at_ms=NOW_MS - 19 * MINUTE_MS,
            ),
            AttemptView(
                attempt_id="t2",
                role=ContactRole.FAMILY,
                relation="女儿",
                name="李梅",
                phone="+8613900005678",
                channel="console",
                purpose=CallPurpose.ASK_CONTACT,
                state=AttemptState.RINGING,
                created_at_ms=NOW_MS - MINUTE_MS,
            ),
        ],
        trace=[TraceView(at_ms=NOW_MS - 20 * MINUTE_MS, what="opened", who="system", text=both("报警建立"))],
    )
    return alert.model_copy(update=changes)


def sample_visit(visit_id: str = "v1", **changes: object) -> VisitView:
    visit = VisitView(
        visit_id=visit_id,
        person=PersonBrief(person_id="p1", name=WANG.name, tier=Tier.KEY),
        contact_class=ContactClass.C4A_REMOTE_CONFIRMED_CALL,
        started_at_ms=NOW_MS - 90 * MINUTE_MS,
        local_date=date(2024, 2, 27),
        visitor="account:zhang",
        alert_id="a0",
        needs_review=True,
        review_until_ms=NOW_MS + 60 * MINUTE_MS,
        credits=[
            CreditView(
                obligation=Obligation.KEY_HALFMONTH,
                counts=False,
                clause="四(二)",
                why=BilingualView(zh="只有上门才算", en="only a home visit counts"),
            ),
            CreditView(
                obligation=Obligation.GEN_MONTH,
                counts=True,
                clause="四(二)",
                why=BilingualView(zh="按键确认并复核", en="confirmed by key and signed"),
            ),
        ],
        policy_version="2024-01",
    )
    return visit.model_copy(update=changes)


def sample_due() -> list[DueView]:
    wang = PersonBrief(person_id="p1", name=WANG.name, tier=Tier.KEY)
    return [
        DueView(
            person=wang,
            area=WANG.area,
            obligation=Obligation.KEY_HALFMONTH,
            window_from=date(2024, 2, 1),
            window_until=date(2024, 2, 15),
            status=DueStatus.SATISFIED,
            owed=0,
            visit_id="v0",
            why=both("2月3日已上门"),
        ),
        DueView(
            person=wang,
            area=WANG.area,
            obligation=Obligation.KEY_HALFMONTH,
            window_from=date(2024, 2, 16),
            window_until=date(2024, 2, 29),
            status=DueStatus.OPEN,
            owed=1,
            why=both("每半月至少上门一次"),
        ),
    ]


PARKED = ParkedView(
    parked_id=1,
    received_at_ms=NOW_MS,
    topic="care/h0001/x/event",
    reason=ParkReason.UNDECODABLE,
    detail="not JSON",
    payload_bytes=3,
)
