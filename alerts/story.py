"""Lines of an alert's story: how an attempt stands, and why somebody was not told; pure."""

import msgspec

from alerts.attempts import SHOWN, is_only_shown
from alerts.model import Alert, Attempt, AttemptState, SendSms, TraceLine
from alerts.situation import Situation, who_of
from alerts.suppression import Suppression
from core.text import Bilingual

SHOWN_WORDS = Bilingual("未发送，仅显示在值班台（请人工拨打）", "not sent, shown on the duty board only (ring by hand)")
"""Of a call that is_only_shown."""

SHOWN_TEXT_WORDS = Bilingual("短信未发送，仅显示在值班台", "text message not sent, shown on the duty board only")
"""Of a text that is_only_shown: whoever is to be rung has a call of their own, and is not to be rung twice."""

KEY_PRESSED = "key_pressed"

_STATE_WORDS = {
    AttemptState.SUBMITTED: Bilingual("已拨出", "call placed"),
    AttemptState.RINGING: Bilingual("振铃中", "ringing"),
    AttemptState.ANSWERED: Bilingual("已接听", "answered"),
    AttemptState.DECLINED: Bilingual("按2：去不了", "pressed 2: cannot go"),
    AttemptState.DELIVERED: Bilingual("短信已送达", "message delivered"),
    AttemptState.NO_ANSWER: Bilingual("无人应答", "no answer"),
    AttemptState.BUSY: Bilingual("占线", "busy"),
    AttemptState.FAILED: Bilingual("呼叫失败", "failed"),
    AttemptState.CANCELED: Bilingual("已取消", "cancelled"),
    AttemptState.UNKNOWN: Bilingual("结果未知，正在核实", "outcome unknown, looking it up"),
}


def story_line(alert: Alert, at_ms: int, what: str, who: str, text: Bilingual) -> TraceLine:
    """Return one line of the alert's story."""
    return TraceLine(alert_id=alert.id, at_ms=at_ms, what=what, who=who, text=text)


def suppressed_line(alert: Alert, at_ms: int, about: Bilingual, suppression: Suppression) -> TraceLine:
    """Return the line that says what was not done, why, and what would end it."""
    why, end = suppression.reason, suppression.ends_with
    text = Bilingual(f"{about.zh}：{why.zh}；{end.zh}", f"{about.en}: {why.en}; {end.en}")
    line = story_line(alert, at_ms, f"suppressed_{suppression.kind}", "system", text)
    return msgspec.structs.replace(line, suppression=suppression)


def is_entered(line: TraceLine) -> bool:
    """Say whether a line is of a key that an account entered: nobody pressed it in a call of ours."""
    return line.what == KEY_PRESSED and line.who.startswith("account:")


def attempt_line(
    alert: Alert, attempt: Attempt, situation: Situation, now_ms: int, *, entered_by: str = ""
) -> TraceLine:
    """Return the line that says how an attempt stands, and which account entered a key for whom it rang by hand."""
    who = situation.words_for(attempt.contact_id)
    if attempt.state is AttemptState.ACKED:
        did = Bilingual(f"按键 {attempt.digits[:1]}", f"pressed {attempt.digits[:1]}")
    else:
        plain = Bilingual(attempt.state.value, attempt.state.value)
        did = _words(attempt) or _STATE_WORDS.get(attempt.state, plain)
    by = Bilingual(f"（值班员 {entered_by} 代按）", f" (entered on the board by {entered_by})")
    by = by if entered_by else Bilingual("", "")
    line = story_line(
        alert,
        now_ms,
        KEY_PRESSED if attempt.digits else f"attempt_{SHOWN if is_only_shown(attempt) else attempt.state.value}",
        entered_by or who_of(attempt.contact_id),
        Bilingual(f"{who.zh}：{did.zh}{by.zh}", f"{who.en}: {did.en}{by.en}"),
    )
    return msgspec.structs.replace(line, attempt_id=attempt.id)


def _words(attempt: Attempt) -> Bilingual | None:
    if is_only_shown(attempt):
        return SHOWN_TEXT_WORDS if isinstance(attempt.effect, SendSms) else SHOWN_WORDS
    if isinstance(attempt.effect, SendSms) and attempt.state is AttemptState.SUBMITTED:
        return Bilingual("短信已发出", "message sent")
    return None
