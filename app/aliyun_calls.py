"""What Aliyun reports of calls: keys and ends, found by the part of our attempt id that a call carries."""

import asyncio
import hmac
import logging
from collections.abc import Sequence
from concurrent.futures import Executor

from alerts.channels.aliyun_reports import Report, read_reports, report_news
from app.desk_service import DeskService
from core.clock import Clock
from core.errors import ConflictError
from store.truth.database import Truth

CHANNEL = "aliyun_voice"
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

    def _take_all(self, reports: Sequence[Report]) -> None:
        for report in reports:
            self._take(report)

    def _take(self, report: Report) -> None:
        with self._truth.view() as unit:
            attempt = unit.outbox.find(report.attempt_prefix, CHANNEL)
        if attempt is None:
            _log.warning("a call report that belongs to no attempt")
            return
        if report.key:
            try:
                self._desk.press(attempt.id, report.key)
            except ConflictError:
                _log.info("attempt %s: a key came again, or after the end", attempt.id)
        news = report_news(report.status_code, report.call_id, self._clock.now_ms())
        if news is not None:
            self._desk.news_of(attempt.id, news)
