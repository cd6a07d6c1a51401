"""The calls and messages of one step, as effects with keys, and what the alert's story says of them; pure."""

from alerts.ladder import Step
from alerts.messages import SMS_ALERT, SMS_BUNDLE
from alerts.model import Alert, CallPurpose, PlaceCall, SendSms, TraceLine
from alerts.service_findings import is_of_service
from alerts.situation import Bundle, Situation, who_of
from alerts.story import story_line
from alerts.throttle import Reached
from core.ids import ContactId, EffectKey
from core.text import Bilingual
from rules.findings import Priority


def effects_of(
    alert: Alert, step: Step, reached: Reached, situation: Situation, now_ms: int
) -> tuple[PlaceCall | SendSms, ...]:
    """Return the calls and messages of a step that an alert has taken; their keys say which step of which round."""
    prefix = f"{alert.id}:{alert.round}/{alert.step}"
    calls = [
        PlaceCall(
            key=EffectKey(f"{prefix}/{who_of(contact_id)}/call"),
            alert_id=alert.id,
            contact_id=contact_id,
            purpose=_purpose_of(alert, contact_id),
            priority=alert.priority,
            not_before_ms=now_ms,
            told_version=alert.version,
        )
        for contact_id in reached.calls
    ]
    messages: list[SendSms] = []
    for contact_id in reached.messages:
        bundle = situation.bundles.get(contact_id) if step.at_local and alert.priority is Priority.P3 else None
        plain = EffectKey(f"{prefix}/{who_of(contact_id)}/sms"), SMS_ALERT, {"number": alert.id[:6].upper()}
        key, template, variables = plain if bundle is None else _bundled(bundle, step)
        messages.append(
            SendSms(
                key=key,
                alert_id=alert.id,
                contact_id=contact_id,
                template=template,
                variables=variables,
                priority=alert.priority,
                not_before_ms=now_ms,
            )
        )
    return (*calls, *messages)


def _purpose_of(alert: Alert, contact_id: ContactId | None) -> CallPurpose:
    if contact_id is None:
        return CallPurpose.ASK_RESIDENT
    return CallPurpose.ASK_SERVICE if is_of_service(alert.home_id) else CallPurpose.ASK_CONTACT


def _bundled(bundle: Bundle, step: Step) -> tuple[EffectKey, str, dict[str, str]]:
    return EffectKey(f"{bundle.of}/{step.at_local}/sms"), SMS_BUNDLE, {"count": str(bundle.count)}


def effect_line(alert: Alert, effect: PlaceCall | SendSms, situation: Situation, now_ms: int) -> TraceLine | None:
    """Return the line that says who is rung, or that a message speaks of a whole morning; None for a plain message."""
    who = situation.words_for(effect.contact_id)
    if isinstance(effect, PlaceCall):
        return story_line(alert, now_ms, "calling", "system", Bilingual(f"呼叫{who.zh}", f"ringing {who.en}"))
    if effect.template != SMS_BUNDLE:
        return None
    count = effect.variables["count"]
    text = Bilingual(
        f"并入今早发给{who.zh}的一条汇总短信（{count}项）", f"in this morning's one message to {who.en} ({count})"
    )
    return story_line(alert, now_ms, "bundled", "system", text)
