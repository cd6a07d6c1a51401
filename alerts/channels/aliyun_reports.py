"""What Aliyun's reports say of calls and texts: how they went, which key was pressed; an unknown code says nothing."""

import re
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from alerts.attempts import CallNews
from alerts.channels.faults import without_numbers
from alerts.model import AttemptState
from core.ids import DERIVED_ID_CHARS

MOST_REPORTS = 500
"""Aliyun pushes batches; a larger one is not from it."""

OUT_ID_CHARS = 15
"""As many bytes of our attempt id as Aliyun carries: 60 bits, and none of it personal."""

KEY_PRESSED = "300000"
NO_KEY_PRESSED = "answered, no key pressed"

_STATES = {
    "200000": AttemptState.NO_ANSWER,  # listened to the end: only a key is a human's answer
    "200001": AttemptState.NO_ANSWER,  # laid down before the end
    "200008": AttemptState.NO_ANSWER,  # no key in time
    "200002": AttemptState.BUSY,
    "200003": AttemptState.NO_ANSWER,
    "200005": AttemptState.NO_ANSWER,  # cannot be reached now, or declined
    "200007": AttemptState.NO_ANSWER,  # out of coverage
    "200010": AttemptState.NO_ANSWER,  # switched off
    "200004": AttemptState.FAILED,  # no such number
    "200006": AttemptState.FAILED,  # the text could not be played
    "200011": AttemptState.FAILED,  # out of service
    "200012": AttemptState.NO_ANSWER,  # lost on its way
    "200111": AttemptState.NO_ANSWER,
    "200112": AttemptState.BUSY,
    "200113": AttemptState.NO_ANSWER,
    "200120": AttemptState.NO_ANSWER,
    "200101": AttemptState.SUBMITTED,  # dialling; with it an answer that was lost is known by its id
    "200201": AttemptState.RINGING,
    "200102": AttemptState.ANSWERED,
    "200103": AttemptState.ANSWERED,
    "200104": AttemptState.FAILED,
    "200105": AttemptState.FAILED,
    "200116": AttemptState.FAILED,
    "200117": AttemptState.FAILED,
    "200118": AttemptState.FAILED,
    "200119": AttemptState.FAILED,  # the network was asked too often
    "200121": AttemptState.FAILED,  # too many calls at once
}
_ANSWERED = frozenset({"200000", "200001", "200008"})
_OUT_ID = re.compile(r"[0-9a-f]{15}")
_WHOLE_ID = re.compile(rf"[0-9a-f]{{{DERIVED_ID_CHARS}}}")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a pushed batch; what else stands in it (numbers) is not even read."""

    call_id: str = ""
    out_id: str = ""
    status_code: str = ""
    dtmf: str | int | None = ""

    @property
    def attempt_prefix(self) -> str:
        """Return the part of our attempt id that it carries, or "" when it is not one of ours."""
        return self.out_id if _OUT_ID.fullmatch(self.out_id) else ""

    @property
    def key(self) -> str:
        """Return the one key that was pressed, or ""."""
        dtmf = "" if self.dtmf is None else str(self.dtmf)
        return dtmf if len(dtmf) == 1 and dtmf in "0123456789*#" else ""


class TextReport(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a pushed batch about texts; the number that stands in it is not even read."""

    biz_id: str = ""
    out_id: str = ""
    success: bool = False
    err_code: str = ""

    @property
    def attempt_id(self) -> str:
        """Return our attempt id, or "" when it is not one of ours."""
        return self.out_id if _WHOLE_ID.fullmatch(self.out_id) else ""


AnyReport = TypeVar("AnyReport", Report, TextReport)


def read_reports(body: bytes) -> Sequence[Report]:
    """Return the reports of a pushed body; raises ValueError for what is no such body or too large.

    An entry that cannot be read is passed over: a key that stands beside it is heard all the same.
    """
    return _read(body, Report)


def read_text_reports(body: bytes) -> Sequence[TextReport]:
    """Return the reports of a pushed body about texts, as `read_reports` does."""
    return _read(body, TextReport)


def _read(body: bytes, of: type[AnyReport]) -> Sequence[AnyReport]:
    entries = msgspec.json.decode(body, type=list[msgspec.Raw])
    if len(entries) > MOST_REPORTS:
        raise ValueError(f"{len(entries)} reports in one body")
    reports = [report for entry in entries if (report := _report(entry, of)) is not None]
    if entries and not reports:
        raise ValueError(f"none of {len(entries)} reports can be read")
    return reports


def _report(entry: msgspec.Raw, of: type[AnyReport]) -> AnyReport | None:
    try:
        return msgspec.json.decode(entry, type=of)
    except msgspec.ValidationError:
        return None


def report_news(status_code: str, call_id: str, at_ms: int) -> CallNews | None:
    """Return what a status says; None for a status unknown to us, and for a key, which is taken by its digit."""
    state = _STATES.get(status_code)
    if state is None:
        return None
    detail = NO_KEY_PRESSED if status_code in _ANSWERED else f"status {status_code}"
    return CallNews(state=state, at_ms=at_ms, provider_id=call_id, detail=detail)


def text_news(report: TextReport, at_ms: int) -> CallNews:
    """Return what a report says about a text."""
    state = AttemptState.DELIVERED if report.success else AttemptState.FAILED
    detail = "" if report.success else without_numbers(report.err_code)
    return CallNews(state=state, at_ms=at_ms, provider_id=report.biz_id, detail=detail)
