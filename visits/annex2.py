"""Annex 2 (探访关爱服务记录表) as plain data: every field and option in the form's order; it judges nothing."""

from datetime import date
from enum import StrEnum

import msgspec

from core.text import Bilingual

PRINTED_COPIES = (
    Bilingual("乡镇（街道）存档", "kept by the town"),
    Bilingual("村（社区）存档", "kept by the village"),
    Bilingual("服务人员所在单位存档", "kept by the visitor's employer"),
)
"""此表一式三份 (R34)."""


class VisitKind(StrEnum):
    """探访方式; the form has no box for remote monitoring, which is printed as 其他（远程监测）."""

    HOME = "home"
    PHONE = "phone"
    VIDEO = "video"
    REMOTE_MONITORING = "remote_monitoring"
    OTHER = "other"


class HouseholdChange(StrEnum):
    """家庭人口."""

    UNCHANGED = "unchanged"
    MORE = "more"
    FEWER = "fewer"
    NOT_ASSESSED = "not_assessed"


class Condition(StrEnum):
    """无变化 / 较好 / 较差: abilities, mood, hygiene, rooms."""

    UNCHANGED = "unchanged"
    GOOD = "good"
    POOR = "poor"
    NOT_ASSESSED = "not_assessed"


class Illness(StrEnum):
    """疾病状况."""

    UNCHANGED = "unchanged"
    SEVERE = "severe"
    BETTER = "better"
    NOT_ASSESSED = "not_assessed"


class Safety(StrEnum):
    """安全 / 较安全 / 不安全: gas, water and heating, electricity."""

    SAFE = "safe"
    FAIRLY_SAFE = "fairly_safe"
    UNSAFE = "unsafe"
    NOT_ASSESSED = "not_assessed"


class Need(StrEnum):
    """What a person may need (R28); each opens a referral."""

    DAILY_CARE = "daily_care"
    REHABILITATION = "rehabilitation"
    COMFORT = "comfort"
    RESCUE = "rescue"
    HOME_ADAPTATION = "home_adaptation"


class VisitedSignature(StrEnum):
    """Whether the visited person signed, and if not, why."""

    MISSING = "missing"
    SIGNED = "signed"
    REFUSED = "refused"
    UNABLE = "unable"
    REMOTE = "remote"  # 远程，未签字


class Care(msgspec.Struct, frozen=True, kw_only=True):
    """Part 2 of the form (关爱服务情况): one service given. Texts are personal."""

    on: date
    text: str
    signature: str  # account of who served
    satisfaction: str = ""


class Annex2(msgspec.Struct, frozen=True, kw_only=True):
    """One filled form. What nobody assessed says so (未评估); texts are personal and sealed wherever they rest."""

    kind: VisitKind
    other_method: str = ""
    household: HouseholdChange = HouseholdChange.NOT_ASSESSED
    household_count: int = 0
    expression: Condition = Condition.NOT_ASSESSED
    movement: Condition = Condition.NOT_ASSESSED
    illness: Illness = Illness.NOT_ASSESSED
    illness_name: str = ""
    mood: Condition = Condition.NOT_ASSESSED
    gas: Safety = Safety.NOT_ASSESSED
    water_heating: Safety = Safety.NOT_ASSESSED
    electricity: Safety = Safety.NOT_ASSESSED
    personal_hygiene: Condition = Condition.NOT_ASSESSED
    home_hygiene: Condition = Condition.NOT_ASSESSED
    indoors: Condition = Condition.NOT_ASSESSED
    needs: frozenset[Need] = frozenset()
    needs_text: str = ""
    advice: str = ""
    visitor_signature: str = ""  # account of who visited
    visited_signature: VisitedSignature = VisitedSignature.MISSING
    visited_signature_note: str = ""  # a recording's reference, or why the person could not sign
    recorder_signature: str = ""  # account of who typed it in
    filled_on: date | None = None
    care: Care | None = None
    reaction: Condition = Condition.NOT_ASSESSED  # 反应能力: in the plan's text, in neither annex (R26)
    family_duty: Condition = Condition.NOT_ASSESSED  # 家属履行赡养义务: likewise
    is_annex1_confirmed: bool = False  # annex 1 was gone through with the person (LEDGER-6M)


class Field(msgspec.Struct, frozen=True):
    """One answer of the form: the name in Annex2, its section and label, and its options in the form's order."""

    name: str
    section: Bilingual
    label: Bilingual
    options: dict[str, Bilingual]


KIND_WORDS = {
    VisitKind.PHONE: Bilingual("电话问候", "phone call"),
    VisitKind.HOME: Bilingual("上门探访", "home visit"),
    VisitKind.VIDEO: Bilingual("互联网音（视）频探访", "internet audio or video"),
    VisitKind.REMOTE_MONITORING: Bilingual("其他（远程监测）", "other (remote monitoring)"),
    VisitKind.OTHER: Bilingual("其他", "other"),
}
"""The form's order; the last two share its box 其他."""

_NOT_ASSESSED = Bilingual("未评估", "not assessed")
_HOUSEHOLD: dict[str, Bilingual] = {
    HouseholdChange.UNCHANGED: Bilingual("无变化", "unchanged"),
    HouseholdChange.MORE: Bilingual("增加", "more"),
    HouseholdChange.FEWER: Bilingual("减少", "fewer"),
    HouseholdChange.NOT_ASSESSED: _NOT_ASSESSED,
}
_CONDITION: dict[str, Bilingual] = {
    Condition.UNCHANGED: Bilingual("无变化", "unchanged"),
    Condition.GOOD: Bilingual("较好", "rather good"),
    Condition.POOR: Bilingual("较差", "rather poor"),
    Condition.NOT_ASSESSED: _NOT_ASSESSED,
}
_ILLNESS: dict[str, Bilingual] = {
    Illness.UNCHANGED: Bilingual("无变化", "unchanged"),
    Illness.SEVERE: Bilingual("严重", "severe"),
    Illness.BETTER: Bilingual("转好", "better"),
    Illness.NOT_ASSESSED: _NOT_ASSESSED,
}
_SAFETY: dict[str, Bilingual] = {
    Safety.SAFE: Bilingual("安全", "safe"),
    Safety.FAIRLY_SAFE: Bilingual("较安全", "fairly safe"),
    Safety.UNSAFE: Bilingual("不安全", "unsafe"),
    Safety.NOT_ASSESSED: _NOT_ASSESSED,
}
_HEALTH = Bilingual("健康状况", "health")
_SAFE = Bilingual("安全情况", "safety")
_HYGIENE = Bilingual("卫生状况", "hygiene")
_BEYOND = Bilingual("方案正文要求", "asked for by the plan's text")

FORM_FIELDS = (
    Field("household", Bilingual("家庭状况", "household"), Bilingual("家庭人口", "members"), _HOUSEHOLD),
    Field("expression", _HEALTH, Bilingual("表达能力", "speech"), _CONDITION),
    Field("movement", _HEALTH, Bilingual("行动能力", "movement"), _CONDITION),
    Field("illness", _HEALTH, Bilingual("疾病状况", "illness"), _ILLNESS),
    Field("mood", Bilingual("精神状态", "spirits"), Bilingual("情绪状态", "mood"), _CONDITION),
    Field("gas", _SAFE, Bilingual("燃气安全", "gas"), _SAFETY),
    Field("water_heating", _SAFE, Bilingual("水暖安全", "water and heating"), _SAFETY),
    Field("electricity", _SAFE, Bilingual("用电安全", "electricity"), _SAFETY),
    Field("personal_hygiene", _HYGIENE, Bilingual("个人卫生", "personal"), _CONDITION),
    Field("home_hygiene", _HYGIENE, Bilingual("家庭卫生", "home"), _CONDITION),
    Field("indoors", Bilingual("居住环境", "surroundings"), Bilingual("室内环境", "indoors"), _CONDITION),
)
"""The boxes of part 1, top to bottom."""

EXTRA_FIELDS = (
    Field("reaction", _BEYOND, Bilingual("反应能力", "reaction"), _CONDITION),
    Field("family_duty", _BEYOND, Bilingual("家属履行赡养义务", "family does its duty"), _CONDITION),
)
"""Kept beside the form; neither is on the paper."""

NEED_WORDS = {
    Need.DAILY_CARE: Bilingual("生活照料", "daily care"),
    Need.REHABILITATION: Bilingual("康复护理", "rehabilitation and nursing"),
    Need.COMFORT: Bilingual("精神慰藉", "comfort"),
    Need.RESCUE: Bilingual("紧急救援", "emergency rescue"),
    Need.HOME_ADAPTATION: Bilingual("居家适老化改造", "home adaptation"),
}

SIGNATURE_WORDS = {
    VisitedSignature.MISSING: Bilingual("未签字", "not signed"),
    VisitedSignature.SIGNED: Bilingual("本人已签字", "signed"),
    VisitedSignature.REFUSED: Bilingual("拒绝签字", "refused to sign"),
    VisitedSignature.UNABLE: Bilingual("无法签字", "unable to sign"),
    VisitedSignature.REMOTE: Bilingual("远程，未签字", "remote, not signed"),
}

NUMBER_LABEL = Bilingual("第 次开展探访", "visit number")
DATE_LABEL = Bilingual("探访日期", "date of the visit")
METHOD_LABEL = Bilingual("探访方式", "method")
ILLNESS_NAME_LABEL = Bilingual("疾病名称", "name of the illness")
NEEDS_LABEL = Bilingual("老年人服务需求", "services needed")
ADVICE_LABEL = Bilingual("实施关爱服务建议", "care advised")
VISITOR_LABEL = Bilingual("探访人员（签字）", "visitor (signature)")
VISITED_LABEL = Bilingual("被探访人（签字）", "visited person (signature)")
RECORDER_LABEL = Bilingual("信息录入人（签字）", "recorder (signature)")
FILLED_ON_LABEL = Bilingual("年月日", "date")
CARE_NUMBER_LABEL = Bilingual("第 次开展关爱", "care number")
CARE_DATE_LABEL = Bilingual("关爱日期", "date of the care")
CARE_TEXT_LABEL = Bilingual("关爱服务情况", "care given")
CARE_SIGNATURE_LABEL = Bilingual("服务人员签字（盖章）", "care worker (signature, seal)")
SATISFACTION_LABEL = Bilingual("老年人服务满意度评价", "the person's satisfaction")
"""Labels of what is written rather than ticked, in the form's words."""


def method_words(form: Annex2) -> Bilingual:
    """Return what stands in the box 探访方式."""
    words = KIND_WORDS[form.kind]
    if form.kind is not VisitKind.OTHER or not form.other_method:
        return words
    return Bilingual(f"{words.zh}（{form.other_method}）", f"{words.en} ({form.other_method})")


def answer_of(form: Annex2, field: Field) -> Bilingual:
    """Return the words of the ticked option, with its number or name."""
    words = field.options[str(getattr(form, field.name))]
    if field.name == "household" and form.household_count:
        return Bilingual(f"{words.zh}{form.household_count}人", f"{words.en} by {form.household_count}")
    if field.name == "illness" and form.illness_name:
        return Bilingual(f"{words.zh}（{form.illness_name}）", f"{words.en} ({form.illness_name})")
    return words
