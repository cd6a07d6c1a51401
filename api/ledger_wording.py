"""The ledger pages' words for codes, in both languages; part of api.wording, whose test finds a code without words."""

from collections.abc import Mapping
from typing import Any

from core.text import Bilingual
from registry.standing import STATUS_WORDS
from registry.standing_facts import ABSENCE_WORDS, FACT_WORDS
from visits.annex2 import KIND_WORDS, NEED_WORDS, SIGNATURE_WORDS
from visits.due_board import Risk
from visits.eligibility import BENEFIT_WORDS, ApplicationState
from visits.follow_ups import FOLLOW_UP_WORDS, FollowUpState
from visits.follow_ups import Step as FollowUpStep
from visits.model import Met
from visits.rate import Missing
from visits.returns import ReturnState, ReturnStep
from visits.special import SPECIAL_WORDS, WarningLevel

LEDGER_WORDS: dict[str, Mapping[Any, Bilingual]] = {
    "visit_kind": KIND_WORDS,
    "need": NEED_WORDS,
    "visited_signature": SIGNATURE_WORDS,
    "follow_up": FOLLOW_UP_WORDS,
    "benefit": BENEFIT_WORDS,
    "special": SPECIAL_WORDS,
    "status": STATUS_WORDS,
    "fact": FACT_WORDS,
    "absence": ABSENCE_WORDS,
    "met": {
        Met.PERSON: Bilingual("见到或联系到本人", "the person"),
        Met.OTHER: Bilingual("他人代答", "somebody else"),
        Met.NOBODY: Bilingual("未联系到", "nobody"),
    },
    "risk": {
        Risk.OVERDUE: Bilingual("逾期", "overdue"),
        Risk.D2: Bilingual("2天内到期", "due in 2 days"),
        Risk.D5: Bilingual("5天内到期", "due in 5 days"),
        Risk.D10: Bilingual("10天内到期", "due in 10 days"),
        Risk.OPEN: Bilingual("待完成", "still to do"),
        Risk.DONE: Bilingual("已完成", "done"),
        Risk.NOT_REQUIRED: Bilingual("不计", "not required"),
    },
    "missing": {
        Missing.OWED: Bilingual("未探访", "not visited"),
        Missing.SUSPENDED: Bilingual("不计/异动，可电话问候", "suspended: a call still counts"),
        Missing.REFUSED: Bilingual("自愿拒绝", "refused of their own will"),
    },
    "follow_up_state": {
        FollowUpState.OPEN: Bilingual("待处理", "open"),
        FollowUpState.REMINDED: Bilingual("已提醒", "reminded"),
        FollowUpState.ACCEPTED: Bilingual("已受理", "accepted"),
        FollowUpState.DELIVERED: Bilingual("已提供服务", "delivered"),
        FollowUpState.DECLINED: Bilingual("未受理", "declined"),
        FollowUpState.CLOSED: Bilingual("已结案", "closed"),
    },
    "follow_up_step": {
        FollowUpStep.REMIND: Bilingual("提醒消除隐患", "remind"),
        FollowUpStep.ACCEPT: Bilingual("对方受理", "accepted"),
        FollowUpStep.DECLINE: Bilingual("对方不受理", "declined"),
        FollowUpStep.DELIVER: Bilingual("服务已提供", "delivered"),
        FollowUpStep.REFER_AGAIN: Bilingual("改转介", "refer again"),
        FollowUpStep.CLOSE: Bilingual("结案（写明结果）", "close, with the outcome"),
    },
    "application": {
        ApplicationState.FOUND: Bilingual("可能符合，未告知", "may be entitled, not told"),
        ApplicationState.TOLD: Bilingual("已告知", "told"),
        ApplicationState.APPLIED: Bilingual("已申请", "applied"),
        ApplicationState.GRANTED: Bilingual("已享受", "granted"),
        ApplicationState.REFUSED: Bilingual("未获批", "refused"),
        ApplicationState.NOT_WANTED: Bilingual("本人不需要", "not wanted"),
    },
    "return_state": {
        ReturnState.DRAFT: Bilingual("草稿", "draft"),
        ReturnState.SIGNED: Bilingual("村已签字", "signed by the village"),
        ReturnState.RECEIVED: Bilingual("镇已签收", "received by the town"),
        ReturnState.REOPENED: Bilingual("已重开", "reopened"),
    },
    "return_step": {
        ReturnStep.SIGN: Bilingual("村签字", "sign"),
        ReturnStep.RECEIVE: Bilingual("镇签收（回执号）", "receive, with the number"),
        ReturnStep.SEND_BACK: Bilingual("退回（原因）", "send back, with the reason"),
        ReturnStep.REOPEN: Bilingual("重开（原因）", "reopen, with the reason"),
        ReturnStep.CLOSE_AGAIN: Bilingual("再次结账", "close again"),
    },
    "level": {
        WarningLevel.BLUE: Bilingual("蓝色", "blue"),
        WarningLevel.YELLOW: Bilingual("黄色", "yellow"),
        WarningLevel.ORANGE: Bilingual("橙色", "orange"),
        WarningLevel.RED: Bilingual("红色", "red"),
    },
}
