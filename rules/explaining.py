"""Why, and why not: what a home's rules know at one moment, in words; it judges nothing and changes nothing."""

from itertools import chain

import msgspec

from core.localtime import from_ms
from core.text import Bilingual
from rules.coverage import vouches
from rules.deadlines import AGAIN, SECOND_STAGE, SILENT_WATER, Deadline, Inner, deadlines_of
from rules.home import HomeRules
from rules.home_mode import never_heard
from rules.inactivity import LEARNING_DAYS
from rules.kind_words import KIND_WORDS
from rules.meter_fault import FROZEN
from rules.seeing import dark_since_ms
from rules.sentences import clock, evidence_of, lasting
from rules.suspension import held_back
from rules.watches import WATCHES

INNER_WORDS = {
    Inner.EXIT_PROVEN: Bilingual(
        "此后若屋内仍无动静，视为已外出", "nothing inside by then means that the person went out"
    ),
    Inner.BLIND_BEGINS: Bilingual(
        "此后若仍无心跳，视为看不到家中", "no heartbeat by then means that the home is blind"
    ),
    Inner.WATER_STOPPED: Bilingual(
        "此后水表若不走，视为已关水", "a register that stands until then means that the tap is shut"
    ),
    Inner.LESSON: Bilingual("夜间学习前一天的作息", "the night's lesson of yesterday"),
    Inner.NOTED: Bilingual("记下本户的习惯", "what this home usually does is noted"),
}
_DETAILS_ZH = {
    SECOND_STAGE: "（第二步，通知他人）",
    SILENT_WATER: "且无人活动",
    AGAIN: "（再次询问）",
    FROZEN: "（水表不走）",
}


class Explanation(msgspec.Struct, frozen=True):
    """One moment of one home: what is so, on what it rests, and what would happen next."""

    at_ms: int
    state: tuple[Bilingual, ...]  # where the person is believed to be, and how well the home is seen
    signs: tuple[Bilingual, ...]  # the last signs of life with their grade, newest last
    silence: tuple[Bilingual, ...]  # what the silence has used up, of what limit, and why
    open: tuple[Bilingual, ...]  # findings that hold
    waiting: tuple[Bilingual, ...]  # what would be found, and when, if nothing happens; earliest first


def explain(rules: HomeRules, now_ms: int) -> Explanation:
    """Return why a home rings at `now_ms`, or why it does not; UTC ms, not before the home's last reading."""
    state = rules.state
    due = chain(
        deadlines_of(state, rules.home, rules.parameters, rules.view.tz, rules.view.silence),
        (deadline for watch in WATCHES for deadline in watch.deadlines(rules.view)),
    )
    return Explanation(
        at_ms=now_ms,
        state=_state(rules, now_ms),
        signs=tuple(evidence_of(sign, rules.home, rules.view.tz).text for sign in state.signs),
        silence=_silence(rules, now_ms),
        open=tuple(held.finding.sentence for held in state.open.values() if not held.is_weakly_cleared),
        waiting=tuple(
            _waiting(rules, one)
            for one in sorted(held_back(due, state), key=lambda one: one.due_ms)
            if one.what is not Inner.NOTED  # a rule's own bookkeeping: it tells nobody anything
        ),
    )


def _state(rules: HomeRules, now_ms: int) -> tuple[Bilingual, ...]:
    state, tz = rules.state, rules.view.tz
    told: list[Bilingual] = []
    suspension = rules.home.suspension_at(now_ms)
    if suspension is not None:
        since = clock(suspension.from_ms, tz)
        told.append(Bilingual(f"自{since}起暂停看护", f"suspended since {since}: nobody is watched over"))
    elif rules.home.is_tested_at(now_ms):
        kept = len(state.suspension.kept)
        told.append(
            Bilingual(
                f"正在测试设备，测试结束时仍成立的{kept}项将报出",
                f"devices are being tried out; {kept} findings are told when that ends, if they still hold",
            )
            if kept
            else Bilingual("正在测试设备", "devices are being tried out")
        )
    told += _dark(rules, now_ms)
    if never_heard(state):
        told.append(Bilingual("登记后从未收到这户任何设备的消息", "no device of this home was ever heard"))
    if state.is_away and state.away_since_ms is not None:
        since, long = clock(state.away_since_ms, tz), lasting(now_ms - state.away_since_ms)
        told.append(Bilingual(f"{since}外出，已{long.zh}", f"out since {since}: {long.en}"))
    elif state.exit_ms is not None:
        since = clock(state.exit_ms, tz)
        told.append(Bilingual(f"{since}可能外出，尚未确定", f"perhaps went out at {since}; not proven yet"))
    if told:
        return tuple(told)
    if vouches(rules.home, state):
        return (Bilingual("在家，家中可见", "at home, and the home can be seen"),)
    return (
        Bilingual(
            "没有外出的迹象；设备不报心跳，家中是否可见无从得知",
            "nothing says that the person is out; without heartbeats nobody knows whether the home can be seen",
        ),
    )


def _dark(rules: HomeRules, now_ms: int) -> list[Bilingual]:
    state, tz = rules.state, rules.view.tz
    if not state.is_blind:
        return []
    since = clock(dark_since_ms(state, rules.home, rules.parameters) or now_ms, tz)
    told = [Bilingual(f"自{since}起看不到家中情况", f"the home cannot be seen since {since}")]
    if state.deaf.from_ms is not None:
        since = clock(state.deaf.from_ms, tz)
        zh, en = f"自{since}起系统收不到任何住户的消息", f"the service itself hears no home since {since}"
        told.append(Bilingual(f"{zh}，不判断安静", f"{en}: no silence is judged"))
    return told


def _silence(rules: HomeRules, now_ms: int) -> tuple[Bilingual, ...]:
    state, silence = rules.state, rules.view.silence
    if state.clock_from_ms is None:
        return (Bilingual("尚未收到任何设备的消息：无法判断", "nothing was heard yet: nothing can be said"),)
    if state.suspension.is_suspended:
        return (Bilingual("暂停看护期间不计无活动时间", "suspended: silence is not counted"),)
    if state.is_away or state.is_blind:
        return (Bilingual("外出或看不到时不计无活动时间", "away or blind: silence is not counted"),)
    long = lasting(max(now_ms - (state.signs[-1].at_ms if state.signs else state.started_ms), 0))
    used_up = state.used.plus(silence.used(state.clock_from_ms, now_ms))
    told = [Bilingual(f"已{long.zh}没有活动", f"no sign of life for {long.en}")]
    if silence.limits.is_personal:
        used, budget = used_up.expected, silence.limits.budget.first_per_30d
        told.append(
            Bilingual(
                f"按本户作息应有{used:.1f}个半小时有活动，限度{silence.limit:.1f}（误报预算每30天{budget:g}次）",
                f"by this home's habits {used:.1f} half hours with activity were expected, the limit is "
                f"{silence.limit:.1f} (a budget of {budget:g} false alarms in 30 days)",
            )
        )
        day = silence.learning_day
        if day <= LEARNING_DAYS:
            told.append(Bilingual(f"学习第{day}天，共{LEARNING_DAYS}天", f"learning day {day} of {LEARNING_DAYS}"))
        if state.fewer_until_ms is not None:
            until = clock(state.fewer_until_ms, rules.view.tz)
            told.append(
                Bilingual(
                    f"有传感器被移除，{until}前重新学习作息，不早于固定限度",
                    f"a sensor was taken away: relearned until {until}, until then not sooner than the fixed limits",
                )
            )
    else:
        used = used_up.fixed * 100
        told.append(Bilingual(f"固定限度已用{used:.0f}%", f"{used:.0f} % of the fixed limit is used up"))
    return tuple(told)


def _waiting(rules: HomeRules, deadline: Deadline) -> Bilingual:
    tz = rules.view.tz
    at = from_ms(deadline.due_ms, tz).strftime("%m-%d %H:%M")
    if isinstance(deadline.what, Inner):
        words = INNER_WORDS.get(deadline.what, Bilingual(str(deadline.what), str(deadline.what).replace("_", " ")))
    else:
        since, detail = clock(deadline.since_ms, tz), f" {deadline.detail}" if deadline.detail else ""
        detail_zh = detail_zh_of(deadline.detail)
        what = KIND_WORDS[deadline.what]
        words = Bilingual(f"{what.zh}{detail_zh}（自{since}计）", f"{what.en}{detail} (from {since})")
    return Bilingual(f"{at} {words.zh}", f"{at} {words.en}")


def detail_zh_of(detail: str) -> str:
    """Return a deadline's detail in Chinese; ids and numbers stay as they are."""
    word, _, rest = detail.partition(" ")
    if detail in _DETAILS_ZH or not detail:
        return _DETAILS_ZH.get(detail, "")
    return f"{_DETAILS_ZH[word]} {rest}" if word in _DETAILS_ZH else f" {detail}"
