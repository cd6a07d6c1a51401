"""What Aliyun reports of calls and texts, found by the attempt id, or its part, that they carry."""

import asyncio
import hmac
import logging
from collections.abc import Sequence
from concurrent.futures import Executor

from alerts.channels.aliyun_reports import Report, TextReport, read_reports, read_text_reports, report_news, text_news
from alerts.model import Attempt
from app.desk_service import DeskService
from core.clock import Clock
from core.errors import ConflictError
from store.truth.database import Truth

VOICE, SMS = "aliyun_voice", "aliyun_sms"
_log = logging.getLogger(__name__)


class AliyunCalls:
    """Fits api.ports.CallReports."""

    def __init__(self, token: str, truth: Truth, desk: DeskService, clock: Clock, executor: Executor) -> None:
        self._token = token
        self._truth = truth
        self._desk = desk
        self._clock = clock
        self._executor = executor

    def is_known(self, token: str) -> bool:
        """Say whether the address holds our secret; takes the same time whatever is wrong."""
        return bool(self._token) and hmac.compare_digest(token.encode(), self._token.encode())

    async def take(self, body: bytes) -> None:
        """Take a pushed batch; raises ValueError for what is none. A report that is none of ours is passed over."""
        reports = read_reports(body)
        await asyncio.get_running_loop().run_in_executor(self._executor, self._take_all, reports)

    async def take_texts(self, body: bytes) -> None:
        """Take a pushed batch about texts, in the same way."""
        reports = read_text_reports(body)
        await asyncio.get_running_loop().run_in_executor(self._executor, self._take_all_texts, reports)

    def _take_all_texts(self, reports: Sequence[TextReport]) -> None:
        for report in reports:
            attempt = self._attempt(report.attempt_id, SMS)
            if attempt is not None:
                self._desk.news_of(attempt.id, text_news(report, self._clock.now_ms()))

    def _take_all(self, reports: Sequence[Report]) -> None:
        for report in reports:
            self._take(report)

    def _take(self, report: Report) -> None:
        attempt = self._attempt(report.attempt_prefix, VOICE)
        if attempt is None:
            return
        if report.key:
            try:
                self._desk.press(attempt.id, report.key)
            except ConflictError:
                _log.info("attempt %s: a key came again, or after the end", attempt.id)
        news = report_news(report.status_code, report.call_id, self._clock.now_ms())
        if news is not None:
            self._desk.news_of(attempt.id, news)

    def _attempt(self, prefix: str, channel: str) -> Attempt | None:
        with self._truth.view() as unit:
            attempt = unit.outbox.find(prefix, channel)
        if attempt is None:
            _log.warning("a report that belongs to no attempt")
        return attempt
