"""What the engine knows of a home, as the console shows it; only the engine's own thread may call these."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

from api.conversion import bilingual_view
from api.home_views import (
    CoverageView,
    DeviceView,
    ExplanationView,
    HomeRulesView,
    HomeView,
    LimitView,
    Presence,
    SignOfLifeView,
    SilenceLimitView,
)
from api.limit_wording import limit_why
from api.views import BilingualView, PersonBrief
from core.errors import ConfigurationError, NotFoundError
from core.events import Metric, Value
from core.ids import HomeId
from core.localtime import MINUTE_MS, from_ms, to_ms
from core.text import Bilingual
from registry.devices import Identity, identity_in
from registry.homes import Device, DeviceRole, Home, SuspensionReason
from rules.battery_trend import days_left
from rules.deadlines import REACHED, deadlines_of, lacks_a_witness
from rules.device_silence import learned_ms
from rules.engine import Engine
from rules.explaining import explain
from rules.findings import Finding, FindingKind
from rules.home import HomeRules
from rules.home_mode import mode_shown, standing_of
from rules.inactivity import LEARNING_DAYS, Silence
from rules.limit_values import LIMITS, shown
from rules.presets import built_in_presets
from rules.rulebook import InForce, Stamp
from rules.sight import blind_spots

NOTHING_RECEIVED = "还没有收到过这户的数据 / nothing has been received of this home yet"
HALF_HOUR_MS = 30 * MINUTE_MS
HALF_HOURS = 48
KEPT = "kept"
"""The layer of limits that a home keeps because its own cannot be used."""

_NOBODY: Mapping[str, Identity] = MappingProxyType({})
_DEVICE_KINDS = frozenset(
    {FindingKind.DEVICE_SILENT, FindingKind.SENSOR_FAULT, FindingKind.METER_FAULT, FindingKind.BATTERY_LOW}
)


def home_view(engine: Engine, home: Home, person: PersonBrief | None, alert_id: str | None) -> HomeView:
    """Return how a home stands; one registered a moment ago says that no rule has it yet."""
    try:
        status = engine.home_status(home.id)
    except NotFoundError:  # the rules take it up with the next reading
        return HomeView(home_id=home.id, area=home.area, person=person, open_alert_id=alert_id)
    rules = _rules_of(engine, home.id)
    mode = mode_shown(status.mode, None if rules is None else rules.state)
    presence = Presence.AWAY if status.is_away else Presence.HOME
    sign = None
    if status.last_sign_at_ms is not None:
        sign = SignOfLifeView(
            at_ms=status.last_sign_at_ms, device_id=status.last_sign_device or "", grade=status.last_sign_grade
        )
    return HomeView(
        home_id=home.id,
        area=home.area,
        person=person,
        mode=mode,
        mode_since_ms=None if mode is None else status.mode_since_ms,
        mode_reason=_reason(status.mode_reason),
        mode_until_ms=status.mode_until_ms,
        learning_day=None if rules is None else _day_of_learning(rules.view.silence),
        presence=Presence.UNKNOWN if status.is_blind or sign is None else presence,
        last_sign=sign,
        is_blind=status.is_blind,
        blind_since_ms=status.blind_since_ms,
        next_deadline_ms=status.next_deadline_ms,
        open_alert_id=alert_id,
    )


def device_views(engine: Engine, home: Home, identities: Mapping[str, Identity] = _NOBODY) -> list[DeviceView]:
    """Return a home's devices with how they are, ordered by id; `identities` by address, what each says it is."""
    told = [identity_of(device.address, identities) for device in _ordered(home)]
    try:
        rules = engine.rules_of(home.id)
    except NotFoundError:
        return [
            _with_identity(_device_view(one, {}, {}, {}), who) for one, who in zip(_ordered(home), told, strict=True)
        ]
    state = rules.state
    troubles = {key: held.finding for key, held in state.open.items() if held.finding.kind in _DEVICE_KINDS}
    views = (_device_view(device, state.heard_ms, state.values, troubles) for device in _ordered(home))
    return [
        _with_identity(view, who).model_copy(update=_learned(rules, device))
        for view, who, device in zip(views, told, _ordered(home), strict=True)
    ]


def identity_of(address: str, identities: Mapping[str, Identity]) -> Identity:
    """Return what a device says it is; a part is what the device it is in says."""
    found = identities.get(address) or identities.get(address.rpartition("/")[0])
    return found or identity_in(address)


def _with_identity(view: DeviceView, who: Identity) -> DeviceView:
    return view.model_copy(update={"model": who.model, "maker": who.maker, "firmware": who.firmware})


def _learned(rules: HomeRules, device: Device) -> dict[str, int | None]:
    trend = rules.state.batteries.get(device.id)
    left = None if trend is None else days_left(trend)
    return {
        "battery_days_left": None if left is None else round(left),
        "learned_limit_ms": learned_ms(rules.state, device, rules.parameters),
    }


def coverage_views(engine: Engine, home_id: HomeId) -> list[CoverageView]:
    """Return how long a home was seen on each of the last days, oldest first; none before a rule has it."""
    try:
        days = engine.coverage(home_id)
    except NotFoundError:
        return []
    return [
        CoverageView(day=one.day, seen_min=one.seen_min, blind_min=one.blind_min, away_min=one.away_min) for one in days
    ]


def explanation_now(engine: Engine, home_id: HomeId, now_ms: int) -> ExplanationView:
    """Return why a home rings or does not; raises NotFoundError before a rule has it."""
    try:
        version, rules = engine.home_status(home_id).rules_version, engine.rules_of(home_id)
    except NotFoundError as error:
        raise NotFoundError(NOTHING_RECEIVED) from error
    return explanation_view(rules, now_ms, judged_by(version, engine.rulebook.stamp), version=version, is_now=True)


def explanation_view(
    rules: HomeRules, at_ms: int, judge: BilingualView, *, version: int, is_now: bool
) -> ExplanationView:
    """Return one moment of a home whose rules stand at that moment."""
    told = explain(rules, at_ms)
    standing = standing_of(rules.state, rules.home, rules.parameters, at_ms)
    return ExplanationView(
        home_id=rules.home.id,
        at_ms=at_ms,
        is_now=is_now,
        mode=mode_shown(standing.mode, rules.state),
        mode_since_ms=standing.since_ms,
        mode_reason=_reason(standing.reason),
        state=_both(told.state),
        signs=_both(told.signs),
        silence=_both(told.silence),
        open=_both(told.open),
        waiting=_both(told.waiting),
        rules_version=version,
        judged_by=judge,
    )


def home_rules_view(engine: Engine, home: Home, now_ms: int) -> HomeRulesView:
    """Return how a home is judged; one whose own limits cannot be used says so and shows those it keeps."""
    rulebook, rules, version = engine.rulebook, None, 0
    try:
        version = engine.home_status(home.id).rules_version
        rules = engine.rules_of(home.id)
    except NotFoundError:  # no rule has it yet: its limits are known all the same
        pass
    parameters, refusal = rulebook.defaults if rules is None else rules.parameters, ""
    try:
        in_force = rulebook.in_force(home)
    except ConfigurationError as error:
        refusal = str(error)
        in_force = {name: InForce(value, KEPT) for name, value in msgspec.structs.asdict(parameters).items()}
    preset = next((layer.preset for layer in reversed(rulebook.layers_of(home)) if layer.preset), "")
    return HomeRulesView(
        home_id=home.id,
        rules_version=version,
        judged_by=judged_by(version, rulebook.stamp),
        preset=preset,
        preset_title=next((bilingual_view(one.title) for one in built_in_presets() if one.name == preset), None),
        refusal=refusal,
        limits=[limit_view(name, one) for name, one in in_force.items() if one.value != LIMITS[name]],
        blind_spots=_both(blind_spots(home, parameters, None if rules is None else rules.state)),
        silence=None if rules is None else _silence_limit(rules, now_ms),
    )


def limit_view(name: str, held: InForce) -> LimitView:
    """Return one limit beside its default."""
    return LimitView(
        name=name,
        value=shown(name, held.value),
        default=shown(name, LIMITS[name]),
        layer=held.layer,
        why=limit_why(name),
    )


def judged_by(version: int, stamp: Stamp) -> BilingualView:
    """Return who judges, in words; `version` is the one that a home has taken up."""
    if not version:
        return BilingualView(zh="出厂规则（第0版）", en="the rules that ship with the service (v0)")
    if version != stamp.version:
        return BilingualView(zh=f"规则第{version}版", en=f"rules v{version}")
    who = f"{stamp.changed_by}, {stamp.changed_at}"
    return BilingualView(zh=f"规则第{version}版（{who}）", en=f"rules v{version} ({who})")


def _silence_limit(rules: HomeRules, now_ms: int) -> SilenceLimitView:
    silence, limits = rules.view.silence, rules.view.silence.limits
    due = _inactivity_due(rules)
    return SilenceLimitView(
        is_personal=limits.is_personal,
        learning_day=_day_of_learning(silence),
        limit_half_hours=silence.limit if limits.is_personal else None,
        budget_first_per_30d=limits.budget.first_per_30d,
        floor_ms=limits.floor_ms,
        cap_ms=limits.cap_ms,
        second_after_ms=limits.second_after_ms,
        from_ms=None if due is None else rules.state.signs[-1].at_ms,
        due_ms=due,
        lasting_ms=list(_lasting_ms(rules, now_ms)),
    )


def _inactivity_due(rules: HomeRules) -> int | None:
    state = rules.state
    if state.suspension.is_suspended or state.suspension.is_tested:
        return None
    waiting = deadlines_of(state, rules.home, rules.parameters, rules.view.tz, rules.view.silence)
    return next((one.due_ms for one in waiting if one.what is FindingKind.INACTIVITY), None)


def _lasting_ms(rules: HomeRules, now_ms: int) -> Iterator[int]:
    today = from_ms(now_ms, rules.view.tz).date()
    midnight_ms = to_ms(datetime(today.year, today.month, today.day, tzinfo=rules.view.tz))
    is_degraded = lacks_a_witness(rules.state, rules.home)
    for index in range(HALF_HOURS):
        at_ms = midnight_ms + index * HALF_HOUR_MS
        yield rules.view.silence.due_ms(at_ms, is_degraded=is_degraded) - at_ms


def _rules_of(engine: Engine, home_id: HomeId) -> HomeRules | None:
    try:
        return engine.rules_of(home_id)
    except NotFoundError:
        return None


def _day_of_learning(silence: Silence) -> int | None:
    is_learning = silence.limits.is_personal and silence.learning_day <= LEARNING_DAYS
    return silence.learning_day if is_learning else None


def _device_view(
    device: Device, heard_ms: dict[str, int], values: dict[str, Value], troubles: dict[str, Finding]
) -> DeviceView:
    own = {key: finding for key, finding in troubles.items() if _is_about(device, key, finding)}
    kinds = {finding.kind for key, finding in own.items() if not key.startswith(REACHED)}
    battery = values.get(f"{device.id} {Metric.BATTERY_PERCENT}")
    return DeviceView(
        device_id=device.id,
        home_id=device.home_id,
        role=device.role,
        room=device.room,
        last_heard_ms=heard_ms.get(device.id),
        heartbeat_ms=device.heartbeat_ms,
        battery_percent=None if battery is None else float(battery),
        is_silent=FindingKind.DEVICE_SILENT in kinds,
        is_at_fault=bool(kinds & {FindingKind.SENSOR_FAULT, FindingKind.METER_FAULT}),
        is_battery_low=FindingKind.BATTERY_LOW in kinds,
        troubles=_both(finding.sentence for finding in own.values()),
    )


def _is_about(device: Device, key: str, finding: Finding) -> bool:
    """Return whether a finding is about a device; a home has one water meter, and its faults do not name it."""
    is_meters = finding.kind is FindingKind.METER_FAULT and device.role is DeviceRole.WATER_METER
    return is_meters or key.rpartition(" ")[2] == device.id


def _ordered(home: Home) -> list[Device]:
    return sorted(home.devices, key=lambda device: device.id)


def _reason(text: str) -> SuspensionReason | None:
    return SuspensionReason(text) if text else None


def _both(texts: Iterable[Bilingual]) -> list[BilingualView]:
    return [bilingual_view(text) for text in texts]
