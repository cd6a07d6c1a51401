"""What a human fact is called, in both languages; the desk, the story of an alert and the ledger say the same."""

from alerts.model import Outcome
from core.text import Bilingual

OUTCOME_WORDS = {
    Outcome.WELL_CONFIRMED_BY_RESIDENT: Bilingual("本人确认平安", "the resident said they are well"),
    Outcome.WELL_SPOKEN_TO: Bilingual("已通话，平安", "spoken to, well"),
    Outcome.SEEN_WELL: Bilingual("已见面，平安", "seen, well"),
    Outcome.HELPED_AT_HOME: Bilingual("已上门帮助", "helped at home"),
    Outcome.TAKEN_TO_HOSPITAL: Bilingual("已送医", "taken to hospital"),
    Outcome.FOUND_DEAD: Bilingual("发现已去世", "found dead"),
    Outcome.AWAY_CONFIRMED: Bilingual("确认外出", "confirmed away"),
    Outcome.HAZARD_REMOVED: Bilingual("隐患已排除", "hazard removed"),
    Outcome.TECHNICAL_FIXED: Bilingual("技术问题已修复", "technical fault fixed"),
    Outcome.FALSE_SENSOR_FAULT: Bilingual("误报：设备故障", "false: sensor fault"),
    Outcome.FALSE_ROUTINE_CHANGED: Bilingual("误报：作息改变", "false: routine changed"),
    Outcome.FALSE_VISITOR: Bilingual("误报：有访客", "false: a visitor"),
    Outcome.FALSE_OTHER: Bilingual("误报：其他", "false: other"),
}
