"""The page templates with their words and times; every value is escaped, and no text is ever marked as safe."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.bccache import Bucket
from starlette.templating import Jinja2Templates

from alerts.model import AlertState, Outcome
from alerts.service_subjects import outcomes_of, subject_of
from api.board import acknowledge_key, is_for_the_clerk, is_on_the_line
from api.language import Language, Speaker
from api.ledger_codes import LEDGER_NAMES
from api.views import DueStatus
from api.wording import attempt_said, key_said, keys_in, outcome_said, said
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS, from_ms, zone
from core.text import Bilingual

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"


class _Compiled(BytecodeCache):
    """Lets every language and every application of a process use a page that one of them has compiled."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand over what was compiled of this very text."""
        if (code := self._codes.get(bucket.key + bucket.checksum)) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._codes[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _Compiled()  # all environments are made alike below, so that their code is the same


def templates_for(zone_name: str, place: Callable[[str], str] = str) -> Mapping[Language, Jinja2Templates]:
    """Return the templates of each language; instants are shown in that zone, areas as `place` says them."""
    return {language: _templates(zone_name, place, Speaker(language)) for language in Language}


def _templates(zone_name: str, place: Callable[[str], str], speaker: Speaker) -> Jinja2Templates:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        bytecode_cache=_COMPILED,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tz = zone(zone_name)

    def local(at_ms: int) -> str:
        return f"{from_ms(at_ms, tz):%m-%d %H:%M:%S}"

    def clock(at_ms: int) -> str:
        return f"{from_ms(at_ms, tz):%H:%M}"

    def minute(at_ms: int) -> str:
        return f"{from_ms(at_ms, tz):%Y-%m-%dT%H:%M}"

    filters: dict[str, Any] = env.filters
    filters.update({"local": local, "clock": clock, "minute": minute, "iso": iso, "span": span, "minutes": minutes})
    names: dict[str, Any] = env.globals
    names.update({"place": place, **_names(), **LEDGER_NAMES, **speaker.names()})
    return Jinja2Templates(env=env)


def _names() -> dict[str, Any]:
    return {
        "said": said,
        "keys_in": keys_in,
        "outcome_said": outcome_said,
        "subject_of": subject_of,
        "attempt_said": attempt_said,
        "key_said": key_said,
        "is_on_the_line": is_on_the_line,
        "is_for_the_clerk": is_for_the_clerk,
        "acknowledge_key": acknowledge_key,
        "DueStatus": DueStatus,
        "outcomes_of": outcomes_of,
        "AlertState": AlertState,
        "Outcome": Outcome,
    }


def iso(at_ms: int) -> str:
    """Return an instant as HTML's time element wants it."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).isoformat()


def minutes(count: int) -> str:
    """Return minutes of a day as hours and minutes, e.g. 23:05; a whole day is 24:00."""
    return f"{count // 60}:{count % 60:02d}"


def span(length_ms: int) -> Bilingual:
    """Return a length of time in its two largest units, without a sign."""
    length_ms = abs(length_ms)
    days, hours, minutes = length_ms // DAY_MS, length_ms % DAY_MS // HOUR_MS, length_ms % HOUR_MS // MINUTE_MS
    if days:
        return Bilingual(f"{days} 天 {hours} 小时", f"{days} d {hours} h")
    if hours:
        return Bilingual(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    if minutes:
        return Bilingual(f"{minutes} 分钟", f"{minutes} min")
    return Bilingual(f"{length_ms // 1000} 秒", f"{length_ms // 1000} s")
