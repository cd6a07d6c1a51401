"""Two homes for tests of the API and pages, one seen and one not: how they stand, their day, their limits, their rules."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from api_village import MINUTE_MS, NOW_MS, WANG, both

from api.home_views import (
    ActiveDayView,
    ActivityView,
    CoverageView,
    DeviceView,
    ExplanationView,
    HomeRulesView,
    HomeView,
    LimitView,
    Presence,
    ReadingView,
    SignOfLifeView,
    SilenceLimitView,
    SpanView,
    StripView,
)
from api.rule_views import LayerView, MeasuredView, PresetView, RulesView
from api.views import PersonBrief
from core.errors import NotFoundError
from core.localtime import DAY_MS, HOUR_MS, zone
from core.localtime import from_ms as local
from registry.access import Deed
from registry.homes import DeviceRole
from registry.people import Tier
from rules.home_mode import HomeMode

TODAY = local(NOW_MS, zone("Asia/Shanghai")).date()  # 2024-02-27
MIDNIGHT_MS = NOW_MS - NOW_MS % DAY_MS + 16 * HOUR_MS - DAY_MS
"""The midnight in Shanghai before NOW_MS, which is 10:13 there."""


class FakeHomes:
    """The homes and rules of the Console port in memory."""

    def __init__(self) -> None:
        self.reading_rows: list[ReadingView] = []
        self.asked_ms: list[int | None] = []  # the minutes that were to be explained
        self.explanation_error: Exception | None = None  # of a past minute
        self.rulebook: RulesView = sample_rules()
        self.home_reads = 0
        self.known_homes = [seen_home("h0001"), blind_home("h0002")]

    async def deeds(self, account: str) -> Collection[Deed]:  # noqa: ARG002 - every account may do all here
        return list(Deed)

    async def homes(self, account: str) -> Sequence[HomeView]:  # noqa: ARG002 - every account sees all here
        return self.known_homes

    async def home(self, home_id: str) -> HomeView:
        self.home_reads += 1
        return self._known(home_id)

    async def devices(self, home_id: str) -> Sequence[DeviceView]:
        self._known(home_id)
        device = f"{home_id}/kitchen_pir"
        return [DeviceView(device_id=device, home_id=home_id, role=DeviceRole.INTERIOR_MOTION, room="厨房")]

    async def readings(self, home_id: str, from_ms: int, until_ms: int, limit: int) -> Sequence[ReadingView]:
        self._known(home_id)
        return [row for row in self.reading_rows if from_ms <= row.observed_at_ms < until_ms][:limit]

    async def activity(self, home_id: str, day: date) -> ActivityView:
        self._known(home_id)
        return sample_activity(home_id, day)

    async def explanation(self, home_id: str, at_ms: int | None) -> ExplanationView:
        self._known(home_id)
        self.asked_ms.append(at_ms)
        if self.explanation_error is not None and at_ms is not None:
            raise self.explanation_error
        return sample_explanation(home_id, at_ms)

    async def coverage(self, home_id: str) -> Sequence[CoverageView]:
        self._known(home_id)
        return [
            CoverageView(day=TODAY - timedelta(days=1), seen_min=1380, blind_min=60, away_min=120),
            CoverageView(day=TODAY, seen_min=None, blind_min=None, away_min=0),
        ]

    async def home_rules(self, home_id: str) -> HomeRulesView:
        self._known(home_id)
        return sample_home_rules(home_id)

    async def rules(self, account: str) -> RulesView:  # noqa: ARG002 - every account sees all here
        return self.rulebook

    async def presets(self) -> Sequence[PresetView]:
        return [sample_preset()]

    def _known(self, home_id: str) -> HomeView:
        found = next((one for one in self.known_homes if one.home_id == home_id), None)
        if found is None:
            raise NotFoundError(f"no home {home_id}")
        return found


def seen_home(home_id: str) -> HomeView:
    return HomeView(
        home_id=home_id,
        area=WANG.area,
        person=PersonBrief(person_id="p1", name=WANG.name, tier=Tier.KEY),
        mode=HomeMode.HOME,
        mode_since_ms=NOW_MS - 900 * MINUTE_MS,
        learning_day=3,
        presence=Presence.HOME,
        last_sign=SignOfLifeView(at_ms=NOW_MS - 740 * MINUTE_MS, device_id=f"{home_id}/kitchen_pir", grade="B"),
        next_deadline_ms=NOW_MS + 5 * MINUTE_MS,
        open_alert_id="a1",
    )


def blind_home(home_id: str) -> HomeView:
    since_ms = NOW_MS - 30 * MINUTE_MS
    return HomeView(
        home_id=home_id,
        area="shuren/xihe/g1",
        mode=HomeMode.OFFLINE,
        mode_since_ms=since_ms,
        is_blind=True,
        blind_since_ms=since_ms,
    )


def sample_activity(home_id: str = "h0001", day: date = TODAY) -> ActivityView:
    from_ms = MIDNIGHT_MS - (TODAY - day).days * DAY_MS
    spans = [
        SpanView(from_ms=from_ms + 420 * MINUTE_MS, until_ms=from_ms + 440 * MINUTE_MS, grade="A"),
        SpanView(from_ms=from_ms + 440 * MINUTE_MS, until_ms=from_ms + 450 * MINUTE_MS, grade="B"),
    ]
    kitchen = StripView(device_id=f"{home_id}/kitchen_pir", role=DeviceRole.INTERIOR_MOTION, room="厨房", spans=spans)
    door = StripView(device_id=f"{home_id}/door", role=DeviceRole.OUTSIDE_DOOR, spans=[])
    days = [
        ActiveDayView(day=day - timedelta(days=age), from_ms=from_ms - age * DAY_MS, half_hours=[14, 15, 20])
        for age in range(27, -1, -1)
    ]
    return ActivityView(
        home_id=home_id, day=day, from_ms=from_ms, until_ms=from_ms + DAY_MS, strips=[kitchen, door], days=days
    )


def sample_explanation(home_id: str = "h0001", at_ms: int | None = None, text: str = "") -> ExplanationView:
    return ExplanationView(
        home_id=home_id,
        at_ms=NOW_MS if at_ms is None else at_ms,
        is_now=at_ms is None,
        mode=HomeMode.HOME,
        mode_since_ms=NOW_MS - 900 * MINUTE_MS,
        state=[both(text or "在家，家中可见")],
        signs=[both(text or "厨房：有人活动（B级）")],
        silence=[both(text or "已3小时没有活动")],
        open=[both(text)] if text else [],
        waiting=[both(text or "18:05 长时间无活动")],
        rules_version=3,
        judged_by=both(text or "规则第3版"),
    )


def sample_silence() -> SilenceLimitView:
    return SilenceLimitView(
        is_personal=True,
        learning_day=3,
        limit_half_hours=9.5,
        budget_first_per_30d=0.6,
        floor_ms=45 * MINUTE_MS,
        cap_ms=12 * HOUR_MS,
        second_after_ms=20 * MINUTE_MS,
        from_ms=NOW_MS - 60 * MINUTE_MS,
        due_ms=NOW_MS + 180 * MINUTE_MS,
        lasting_ms=[9 * HOUR_MS] * 12 + [4 * HOUR_MS] * 36,
    )


def sample_home_rules(home_id: str = "h0001", text: str = "") -> HomeRulesView:
    limit = LimitView(
        name=text or "stove_ms", value=text or "30 min", default="45 min", layer=text or "area a", why=both(text)
    )
    return HomeRulesView(
        home_id=home_id,
        rules_version=3,
        judged_by=both(text or "规则第3版"),
        preset=text or "day4_night8",
        preset_title=both(text or "白天4小时"),
        refusal=text,
        limits=[limit],
        blind_spots=[both(text or "卫生间没有传感器")],
        silence=sample_silence(),
    )


def sample_rules(text: str = "") -> RulesView:
    layer = LayerView(name=text or "area shuren", limits={text or "stove_ms": text or "30 min"})
    limits = [
        LimitView(
            name=text or "stove_ms", value=text or "30 min", default="45 min", layer=text or "all", why=both("一顿饭")
        ),
        LimitView(name="hot_c", value="30", default="30", layer="default", why=both("高温")),
    ]
    return RulesView(
        version=3,
        changed_by=text or "王主任",
        changed_at=date(2024, 2, 1),
        why=text or "试行一个月",
        judged_by=both(text or "规则第3版"),
        notices=[text] if text else [],
        loosened=[both(text)] if text else [],
        layers=[layer],
        home_layers=[layer],
        homes_listed=1,
        homes_with_layers=1,
        limits=limits,
    )


def sample_preset(text: str = "") -> PresetView:
    return PresetView(
        name=text or "day4_night8",
        title=both(text or "白天4小时，夜间8小时"),
        source=both(text or "各地常用"),
        limits={text or "inactivity_day_ms": text or "4 h"},
        measured=[
            MeasuredView(alarms_per_30d=0.48, delay_h=5.2, where=both(text or "HH101，1户一年")),
            MeasuredView(alarms_per_30d=13.8, low=2.1, high=22.4, where=both(text or "11户水表")),
        ],
    )
