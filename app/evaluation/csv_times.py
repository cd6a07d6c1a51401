"""Times as recordings write them, to UTC ms: ISO with or without an offset, other orders of date, epochs, Chinese."""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from app.evaluation.date_order import MOST_MONTHS, DateOrder
from core.localtime import to_ms

_CLOCK = (
    r"(?P<half>上午|下午|[AaPp][Mm])?\s*(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})"
    r"(?:[:分](?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?)?[分秒]?\s*(?P<late>[AaPp]\.?[Mm]\.?)?"
)
_ZONE = r"\s*(?P<zone>[Zz]|UTC|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})[-/.年](?P<month>\d{{1,2}})[-/.月](?P<day>\d{{1,2}})日?(?:[T\s]*{_CLOCK})?{_ZONE}"
)
_YEAR_LAST = re.compile(rf"(?P<one>\d{{1,2}})[-/.](?P<two>\d{{1,2}})[-/.](?P<year>\d{{4}})(?:[T\s,]+{_CLOCK})?{_ZONE}")
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})[T\s]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?"
)
_EPOCH = re.compile(r"\d{10}(\.\d+)?|\d{13}")
EPOCH_SECONDS_BELOW = 1e11  # the year 5138: more digits are milliseconds
NOON = 12
MOST_KNOWN = 100_000
"""Hours whose offset is remembered: eleven years."""


class Times:
    """Turns texts into instants; a naive one is a local time of the zone, the first of a repeated hour."""

    def __init__(self, tz: ZoneInfo, order: DateOrder | None = None) -> None:
        """Read 1/5/2026 in the `order` of its file; without one, each date by its own numbers."""
        self._tz = tz
        self._known: dict[datetime, int] = {}
        self._order = order

    def is_time(self, text: str) -> bool:
        """Return whether a text is a time."""
        try:
            self.ms(text)
        except ValueError:
            return False
        return True

    def ms(self, text: str) -> int:
        """Return UTC ms; raises ValueError for what is no time."""
        if _EPOCH.fullmatch(text):
            number = float(text)
            return round(number * 1000 if number < EPOCH_SECONDS_BELOW else number)
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            local = self._other_form(text)
        try:
            return to_ms(local) if local.tzinfo is not None else self._naive_ms(local)
        except OverflowError as error:
            raise ValueError(f"no time: {text!r:.40}") from error

    def _naive_ms(self, local: datetime) -> int:
        hour = local.replace(minute=0, second=0, microsecond=0)
        base = self._known.get(hour)
        if base is None:  # the arithmetic of zones is slow: once an hour is enough
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            base = self._known[hour] = to_ms(hour.replace(tzinfo=self._tz).astimezone(UTC))
        return base + (local.minute * 60 + local.second) * 1000 + local.microsecond // 1000

    def _other_form(self, text: str) -> datetime:
        found = _YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text) or _COMPACT.fullmatch(text)
        if found is None:
            raise ValueError(f"no time: {text!r:.40}")
        parts = found.groupdict()
        if "one" in parts:
            one, two = int(parts["one"]), int(parts["two"])
            is_month_first = two > MOST_MONTHS if self._order is None else self._order.is_month_first
            month, day = (one, two) if is_month_first else (two, one)
        else:
            month, day = int(parts["month"]), int(parts["day"])
        hour = _hour(int(parts.get("hour") or 0), parts.get("half") or parts.get("late") or "")
        micro = int(((parts.get("part") or "") + "000000")[:6])
        minute, second = int(parts.get("minute") or 0), int(parts.get("second") or 0)
        try:
            return datetime(int(parts["year"]), month, day, hour, minute, second, micro, _zone(parts.get("zone")))
        except ValueError as error:
            raise ValueError(f"no time: {text!r:.40} ({error})") from error


def _hour(hour: int, half: str) -> int:
    word = half.lower().replace(".", "")
    if word in {"pm", "下午"} and hour < NOON:
        return hour + 12
    return 0 if word in {"am", "上午"} and hour == NOON else hour


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text.upper() in {"Z", "UTC"}:
        return UTC
    sign, digits = (-1 if text[0] == "-" else 1), text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
