"""A copy of the time series in InfluxDB 1.8+ or 2.x; drops nothing silently: it waits, parks a bad line, or stops."""

import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from core.errors import ConfigurationError, DurabilityError
from core.events import LIVENESS_METRICS, Reading
from core.log import LogEntry
from store.series_port import RetryLaterError

LINES_AT_ONCE = 5000
"""The batch that InfluxDB's own guide advises; one HTTP request of about half a megabyte."""

TIMEOUT_MS = 10_000
"""A write of that size takes well below a second; the projection's thread is not held for longer."""

DEFAULT_RETRY_MS = 5_000
LONGEST_RETRY_MS = 300_000
"""A server may ask for an hour; asking again every five minutes costs it nothing."""

REASON_CHARS = 300
"""Of the server's words beside a parked line; enough for a field-type conflict."""

_UNACCEPTABLE = frozenset({400, 413, 422})  # something in the batch, or its size
_MISCONFIGURED = frozenset({401, 403, 404, 405})
_NS_PER_MS = 1_000_000
_TAG_ESCAPES = str.maketrans({"\\": "/", ",": "\\,", "=": "\\=", " ": "\\ ", "\n": "\\ ", "\r": "\\ "})
_TEXT_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": " ", "\r": " "})


class ParkedLine(msgspec.Struct, frozen=True):
    """One line that the server refused, with its words."""

    status: int
    reason: str
    line: str


class _Refusal(msgspec.Struct, frozen=True):
    status: int
    words: str
    retry_after_ms: int


class InfluxSeries:
    """Writes line protocol synchronously; its cursor is a small file beside the data. Any thread may call it."""

    def __init__(self, *, url: str, token: str, org: str, bucket: str, cursor_file: Path, parked_file: Path) -> None:
        self._url = url
        self._org = org
        self._bucket = bucket
        self._cursor_file = cursor_file
        self._parked_file = parked_file
        self._lock = threading.Lock()
        cursor_file.parent.mkdir(parents=True, exist_ok=True)
        parked_file.parent.mkdir(parents=True, exist_ok=True)
        self._seq = _read_cursor(cursor_file)
        self._client: Any = InfluxDBClient(url=url, token=token, org=org, timeout=TIMEOUT_MS)
        self._writer: Any = self._client.write_api(write_options=SYNCHRONOUS)
        self.parked = 0

    def write(self, entries: Sequence[LogEntry]) -> None:
        """Send the readings of entries beyond the cursor, park lines the server refuses, then move the cursor.

        Raises RetryLaterError on 429, 5xx and connection errors, ConfigurationError on 401, 403 and 404.
        """
        with self._lock:
            fresh = [entry for entry in entries if entry.seq > self._seq]
            if not fresh:
                return
            lines = [line_of(reading) for entry in fresh for reading in entry.readings]
            refused: list[ParkedLine] = []
            for start in range(0, len(lines), LINES_AT_ONCE):
                refused += self._send(lines[start : start + LINES_AT_ONCE])
            self._park(refused)
            _write_cursor(self._cursor_file, fresh[-1].seq)
            self._seq = fresh[-1].seq

    def cursor(self) -> int:
        """Return the seq of the last entry that was taken; 0 before the first."""
        return self._seq

    def close(self) -> None:
        """Wait for the write under way, then close the connection."""
        with self._lock:
            self._writer.close()
            self._client.close()

    def _send(self, lines: list[str]) -> list[ParkedLine]:
        """Return the lines that were refused: a refused batch is halved until the bad line stands alone.

        Lines of a half that were already taken are sent again: the same point, written twice, is one point.
        """
        refusal = self._post(lines)
        if refusal is None:
            return []
        if len(lines) == 1:
            return [ParkedLine(refusal.status, refusal.words, lines[0])]
        half = len(lines) // 2
        return self._send(lines[:half]) + self._send(lines[half:])

    def _post(self, lines: list[str]) -> _Refusal | None:
        """Return None when the server took the lines, its refusal when they are unacceptable; raise for all else."""
        try:
            self._writer.write(bucket=self._bucket, org=self._org, record="\n".join(lines).encode())
        except ApiException as error:
            refusal = _refusal(error)
            if refusal.status in _UNACCEPTABLE:
                return refusal
            if refusal.status in _MISCONFIGURED:
                raise ConfigurationError(
                    f"InfluxDB answered {refusal.status} ({refusal.words})",
                    where=self._url,
                    remedy="check influx_url, influx_token, influx_org and influx_bucket; nothing is lost meanwhile",
                ) from error
            what = f"InfluxDB answered {refusal.status}"
            raise RetryLaterError(what, retry_after_ms=refusal.retry_after_ms) from error
        except (HTTPError, OSError) as error:
            what = f"InfluxDB cannot be reached ({type(error).__name__})"
            raise RetryLaterError(what, retry_after_ms=DEFAULT_RETRY_MS) from error
        return None

    def _park(self, refused: Sequence[ParkedLine]) -> None:
        if not refused:
            return
        try:
            with self._parked_file.open("ab") as file:
                file.writelines(msgspec.json.encode(parked) + b"\n" for parked in refused)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise DurabilityError(f"refused lines could not be parked: {error}") from error
        self.parked += len(refused)


def line_of(reading: Reading) -> str:
    """Return one line of line protocol: pseudonymous tags, typed fields, integer nanoseconds.

    Two readings of one millisecond differ in their seq, so its last six digits stand in the nanoseconds below it.
    """
    measurement = "liveness" if reading.metric in LIVENESS_METRICS else "readings"
    tags = f"home={_tag(reading.home_id)},device={_tag(reading.device_id)},metric={_tag(reading.metric.value)}"
    fields = f"{_value(reading)},received_at_ms={reading.received_at_ms}i,flags={reading.flags}i"
    if reading.seq is not None:
        fields += f",seq={reading.seq}i"
    at_ns = reading.observed_at_ms * _NS_PER_MS + (reading.seq or 0) % _NS_PER_MS
    return f"{measurement},{tags} {fields} {at_ns}"


def _tag(text: str) -> str:
    return text.translate(_TAG_ESCAPES)


def _value(reading: Reading) -> str:
    value = reading.value
    if isinstance(value, bool):
        return f"value_bool={'true' if value else 'false'}"
    if isinstance(value, str):
        return f'value_text="{value.translate(_TEXT_ESCAPES)}"'
    return f"value_num={float(value)!r}"


def _refusal(error: ApiException) -> _Refusal:
    answer = cast("Any", error)  # the client's own classes carry no types
    headers = cast("dict[str, str]", answer.headers or {})
    asked = str(headers.get("Retry-After", ""))
    retry_after_ms = DEFAULT_RETRY_MS
    if re.fullmatch(r"[0-9]{1,6}", asked):
        retry_after_ms = min(max(int(asked), 1) * 1000, LONGEST_RETRY_MS)
    words = str(answer.message or answer.reason or "")[:REASON_CHARS]
    return _Refusal(int(answer.status or 0), words, retry_after_ms)


def _read_cursor(path: Path) -> int:
    if not path.exists():
        return 0
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    raise ConfigurationError(
        "the cursor file is damaged",
        where=str(path),
        remedy="delete it: what the journal still holds is sent again, and the same point twice is one point",
    )


def _write_cursor(path: Path, seq: int) -> None:
    fresh = path.with_name(f"{path.name}.new")
    try:
        with fresh.open("wb") as file:
            file.write(f"{seq}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise DurabilityError(f"the cursor of InfluxDB was not kept: {error}") from error
