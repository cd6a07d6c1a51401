"""Pushes Aliyun's reports to a service: in batches, again after 1, 5 and 10 minutes, then never; it signs nothing."""

import logging
from collections import deque
from typing import Any

import httpx

from device_sim.phone_behaviour import Faults
from device_sim.phone_timeline import Timeline

VOICE, SMS = "voice", "sms"
"""The two addresses behind the account's."""

REPORT_MS = 1_000
"""From what happened to its report; what happens within the same second comes in one batch."""

AGAIN_AFTER_MS = (60_000, 300_000, 600_000)
"""Aliyun's own waits before it pushes once more what a service did not take; after the last one it gives up."""

REQUEST_TIMEOUT_S = 10.0
MOST_KEPT = 1_000
"""Lost and refused batches kept for a look; each one is a finding, and the first ones tell it."""

_OK = 200
_log = logging.getLogger(__name__)

Report = dict[str, Any]


class ReportPost:
    """The way to one service; `lost` are batches that it never took, `refused` what it answered to them."""

    def __init__(self, timeline: Timeline, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._timeline = timeline
        self._url = url
        self._client = httpx.AsyncClient(transport=transport, timeout=REQUEST_TIMEOUT_S, trust_env=False)
        self._batches: dict[tuple[str, int], list[Report]] = {}
        self._held: dict[str, Report] = {}
        self.delivered: deque[Report] = deque(maxlen=MOST_KEPT * 10)
        self.lost: deque[list[Report]] = deque(maxlen=MOST_KEPT)
        self.refused: deque[int] = deque(maxlen=MOST_KEPT)

    def tell(self, where: str, report: Report, faults: Faults, at_ms: int, *, is_last: bool = False) -> None:
        """Let a report come a second later, as the number's faults will have it."""
        if faults.is_silent:
            return
        name = f"{where}/{report['out_id']}"
        if faults.is_shuffling and name not in self._held and not is_last:
            self._held[name] = report
            return
        overtaken = self._held.pop(name, None)
        due_ms = at_ms + REPORT_MS + int(faults.delay_s * 1000)
        for each in [report, *([overtaken] if overtaken else [])]:
            for _ in range(1 + faults.is_doubling):
                self._queue(where, each, due_ms)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _queue(self, where: str, report: Report, due_ms: int) -> None:
        batch = self._batches.get((where, due_ms))
        if batch is None:
            self._batches[where, due_ms] = [report]
            self._timeline.add(due_ms, lambda at_ms: self._push(where, self._batches.pop((where, due_ms)), at_ms))
        else:
            batch.append(report)

    async def _push(self, where: str, batch: list[Report], at_ms: int, *, again: int = 0) -> None:
        if await self._is_taken(where, batch):
            self.delivered.extend(batch)
        elif again < len(AGAIN_AFTER_MS):
            due_ms = at_ms + AGAIN_AFTER_MS[again]
            self._timeline.add(due_ms, lambda next_ms: self._push(where, batch, next_ms, again=again + 1))
        else:
            self.lost.append(batch)
            _log.warning("the service never took a batch of %s reports", len(batch))

    async def _is_taken(self, where: str, batch: list[Report]) -> bool:
        try:
            answer = await self._client.post(f"{self._url}/{where}", json=batch)
        except httpx.TransportError as error:
            _log.debug("the service did not take a batch: %s", type(error).__name__)
            return False
        if answer.status_code != _OK or not isinstance(answer.json().get("code"), int):
            self.refused.append(answer.status_code)
            return False
        return True
