"""What an alert about the service itself is called, and how it may end: nobody lives there, nobody was spoken to."""

from alerts.model import Outcome
from alerts.service_findings import SERVICE_PREFIX, is_of_service
from core.ids import HomeId
from core.text import Bilingual

SERVICE_OUTCOMES = (Outcome.TECHNICAL_FIXED, Outcome.FALSE_OTHER)
"""How such an alert may end: dealt with, or for nothing."""

_SUBJECTS = {
    "rota": Bilingual("值班表", "the duty rota"),
    "canary": Bilingual("每日测试报警", "the daily test alarm"),
    "storage": Bilingual("存储", "storage"),
    "hearing": Bilingual("与消息服务器的连接", "the connection to the broker"),
    "finding": Bilingual("一项未能处理的发现", "a finding that could not be handled"),
}
_SERVICE = Bilingual("守望系统", "the service")


def subject_of(home_id: str) -> Bilingual | None:
    """Return what of the service an alert is about, in words; None when it is about a home."""
    if not is_of_service(HomeId(home_id)):
        return None
    part = home_id.removeprefix(SERVICE_PREFIX).partition(":")[0]
    about = _SUBJECTS.get(part)
    return _SERVICE if about is None else Bilingual(f"{_SERVICE.zh}：{about.zh}", f"{_SERVICE.en}: {about.en}")


def outcomes_of(home_id: str) -> tuple[Outcome, ...]:
    """Return the outcomes that fit an alert."""
    return SERVICE_OUTCOMES if is_of_service(HomeId(home_id)) else tuple(Outcome)
