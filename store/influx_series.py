"""A copy of the time series in InfluxDB 1.8+ or 2.x; drops nothing silently: it waits, parks a bad line, or stops."""

import logging
import random
import re
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast

import msgspec
from urllib3.exceptions import HTTPError

from core.clock import Clock, SystemClock
from core.errors import ConfigurationError
from core.events import Reading
from core.ids import HomeId
from core.localtime import DEFAULT_ZONE_NAME
from core.log import LogEntry
from store.influx_ledger import InfluxLedger, ParkedLine
from store.influx_lines import line_of, service_line
from store.influx_queries import InfluxQueries
from store.series_port import Bucket, RetryLaterError
from store.series_ties import Ties

if TYPE_CHECKING:  # a tenth of a service's start, which one without InfluxDB is spared
    from influxdb_client.rest import ApiException

LINES_AT_ONCE = 5000
"""The batch that InfluxDB's own guide advises; one HTTP request of about half a megabyte."""

TIMEOUT_MS = 10_000
"""A write of that size takes well below a second; the projection's thread is not held for longer."""

FIRST_RETRY_MS = 1_000
LONGEST_RETRY_MS = 300_000
"""Pauses double up to five minutes; a server may ask for an hour, asking again earlier costs it nothing."""

REASON_CHARS = 300
"""Of the server's words beside a parked line; enough for a field-type conflict."""

_log = logging.getLogger(__name__)

UNACCEPTABLE = frozenset({400, 413, 422})  # something in the batch, or its size
MISCONFIGURED = frozenset({401, 403, 404, 405})


class InfluxTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where and as whom; `bucket` is "database" or "database/policy" for 1.8, the token there "user:password"."""

    url: str
    token: str
    org: str
    bucket: str
    timeout_ms: int = TIMEOUT_MS

    def __repr__(self) -> str:
        """Without the token."""
        return f"InfluxTarget({self.url}, {self.org}/{self.bucket})"


class _Refusal(msgspec.Struct, frozen=True):
    status: int
    words: str
    retry_after_ms: int | None


class InfluxSeries:
    """Writes line protocol synchronously, its cursor moves on 204 alone; reads by InfluxQL. Any thread may call it."""

    def __init__(
        self,
        target: InfluxTarget,
        ledger: InfluxLedger,
        *,
        zone_name: str = DEFAULT_ZONE_NAME,
        clock: Clock | None = None,
    ) -> None:
        """`ledger` becomes this one's to close; days are those of the zone."""
        from influxdb_client.client.influxdb_client import InfluxDBClient  # noqa: PLC0415  # see the top
        from influxdb_client.client.write_api import SYNCHRONOUS  # noqa: PLC0415  # see the top

        self._target = target
        self.ledger = ledger
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._seq = ledger.cursor()
        self._tries = 0
        self._ties = Ties()
        self._client: Any = InfluxDBClient(
            url=target.url, token=target.token, org=target.org, timeout=target.timeout_ms
        )
        self._writer: Any = self._client.write_api(write_options=SYNCHRONOUS)
        self._queries = InfluxQueries(
            url=target.url,
            token=target.token,
            bucket=target.bucket,
            timeout_ms=target.timeout_ms,
            zone_name=zone_name,
        )

    def write(self, entries: Sequence[LogEntry]) -> None:
        """Send the readings of entries beyond the cursor, park lines the server refuses, then move the cursor.

        Raises RetryLaterError on 429, 5xx and connection errors, ConfigurationError on 401, 403 and 404.
        """
        with self._lock:
            fresh = [entry for entry in entries if entry.seq > self._seq]
            if not fresh:
                return
            readings = [reading for entry in fresh for reading in entry.readings]
            places, placed = self._ties.placed(readings)
            lines = list(map(line_of, readings, places))
            refused: list[ParkedLine] = []
            for start in range(0, len(lines), LINES_AT_ONCE):
                refused += self._send(lines[start : start + LINES_AT_ONCE], fresh[-1].log_time_ms)
            self.ledger.advance(fresh[-1].seq, refused)
            self._ties.keep(placed)
            self._seq = fresh[-1].seq

    def remember(self, entries: Sequence[LogEntry]) -> None:
        """Know what was sent shortly before, as the port says."""
        with self._lock:
            self._ties.keep(self._ties.placed(one for entry in entries for one in entry.readings)[1])

    def note(self, figures: Mapping[str, float], at_ms: int) -> None:
        """Send the service's own figures; what a server that is away misses of them is gone."""
        with self._lock:
            refusal = self._post([service_line(figures, at_ms)])
        if refusal is not None:
            _log.warning("InfluxDB refused the service's figures: %s", refusal.words)

    def cursor(self) -> int:
        """Return the seq of the last entry that was taken; 0 before the first."""
        return self._seq

    def retry_parked(self, limit: int) -> tuple[int, int]:
        """Send refused lines again, oldest first; return how many were taken and how many were refused again."""
        with self._lock:
            parked = self.ledger.parked(limit)
            refused = {one.line for one in self._send([one.line for one in parked], 0)} if parked else set[str]()
            taken = [one.id for one in parked if one.line not in refused]
            self.ledger.forget(taken)
        return len(taken), len(parked) - len(taken)

    def readings(self, home_id: HomeId, from_ms: int, until_ms: int, limit: int) -> list[Reading]:
        """Return measurements, as the port says."""
        return self._queries.readings(home_id, from_ms, until_ms, limit)

    def buckets(self, home_id: HomeId, from_ms: int, until_ms: int, width_ms: int) -> list[Bucket]:
        """Return figures by stretches, as the port says."""
        return self._queries.buckets(home_id, from_ms, until_ms, width_ms)

    def daily(self, home_id: HomeId, from_day: date, until_day: date) -> list[Bucket]:
        """Return figures by local days, as the port says."""
        return self._queries.daily(home_id, from_day, until_day)

    def close(self) -> None:
        """Wait for the write under way, then close the connections."""
        with self._lock:
            self._writer.close()
            self._client.close()
            self._queries.close()
            self.ledger.close()

    def _send(self, lines: list[str], log_time_ms: int) -> list[ParkedLine]:
        """Return the lines that were refused: a refused batch is halved until the bad line stands alone.

        Lines of a half that were already taken are sent again: the same point, written twice, is one point.
        """
        refusal = self._post(lines)
        if refusal is None:
            return []
        if len(lines) == 1:
            status, words = refusal.status, refusal.words
            return [ParkedLine(status=status, reason=words, line=lines[0], log_time_ms=log_time_ms)]
        half = len(lines) // 2
        return self._send(lines[:half], log_time_ms) + self._send(lines[half:], log_time_ms)

    def _post(self, lines: list[str]) -> _Refusal | None:
        """Return None when the server took the lines, its refusal when they are unacceptable; raise for all else."""
        from influxdb_client.rest import ApiException  # noqa: PLC0415  # see the top

        try:
            self._writer.write(bucket=self._target.bucket, org=self._target.org, record="\n".join(lines).encode())
        except ApiException as error:
            refusal = _refusal(error, self._clock.now_ms())
            if refusal.status in UNACCEPTABLE:
                self._tries = 0
                return refusal
            if refusal.status in MISCONFIGURED:
                raise ConfigurationError(
                    f"InfluxDB answered {refusal.status} ({refusal.words})",
                    where=self._target.url,
                    remedy="check influx_url, influx_token, influx_org and influx_bucket; nothing is lost meanwhile",
                ) from error
            raise self._later(f"InfluxDB answered {refusal.status}", refusal.retry_after_ms) from error
        except (HTTPError, OSError) as error:
            raise self._later(f"InfluxDB cannot be reached ({type(error).__name__})", None) from error
        self._tries = 0
        return None

    def _later(self, what: str, asked_ms: int | None) -> RetryLaterError:
        """Return the error with its pause: what the server asks for, or one that doubles, apart from others'."""
        self._tries += 1
        pause_ms = min(FIRST_RETRY_MS * 2 ** min(self._tries - 1, 20), LONGEST_RETRY_MS)
        if asked_ms is not None:
            return RetryLaterError(what, retry_after_ms=min(max(asked_ms, FIRST_RETRY_MS), LONGEST_RETRY_MS))
        return RetryLaterError(what, retry_after_ms=round(pause_ms * random.uniform(0.8, 1.0)))  # noqa: S311


def _refusal(error: "ApiException", now_ms: int) -> _Refusal:
    answer = cast("Any", error)  # the client's own classes carry no types
    headers = cast("dict[str, str]", answer.headers or {})
    words = str(answer.message or answer.reason or "")[:REASON_CHARS]
    return _Refusal(int(answer.status or 0), words, _asked_ms(str(headers.get("Retry-After", "")), now_ms))


def _asked_ms(header: str, now_ms: int) -> int | None:
    """Return the pause that a Retry-After asks for, in seconds or as a date; None where it says neither."""
    if re.fullmatch(r"[0-9]{1,9}", header):
        return int(header) * 1000
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return int((at - datetime.fromtimestamp(now_ms / 1000, UTC)).total_seconds() * 1000)
