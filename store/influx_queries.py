"""Reads a home's curves back out of InfluxDB by InfluxQL; every name in a query is quoted, whatever stands in it."""

# ruff: noqa: S608  # numbers, our own words, and strings that `quoted` has made harmless

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

import httpx

from core.errors import ConfigurationError
from core.events import Metric, Reading, Value
from core.ids import DeviceId, HomeId
from core.localtime import instant_of, zone
from store.influx_lines import NS_PER_MS, stored
from store.series_port import Bucket, RetryLaterError

RETRY_MS = 5_000
_MISCONFIGURED = frozenset({401, 403, 404})
_DAY_MINUTES = 1_440


def quoted(text: str) -> str:
    """Return a string literal of InfluxQL that means exactly this text."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


class InfluxQueries:
    """Asks the v1 `/query`, which 1.8+ and 2.x both answer."""

    def __init__(self, *, url: str, token: str, bucket: str, timeout_ms: int, zone_name: str) -> None:
        database, _, policy = bucket.partition("/")
        self._asked = {"db": database, "epoch": "ns"} | ({"rp": policy} if policy else {})
        self._zone_name = zone_name
        self._client = httpx.Client(
            base_url=url, timeout=timeout_ms / 1000, headers={"Authorization": f"Token {token}"}, trust_env=False
        )

    def check(self) -> None:
        """Ask what costs nothing. Raises ConfigurationError (token, bucket), RetryLaterError (away)."""
        list(self._rows("SELECT value_num FROM readings LIMIT 1"))

    def readings(self, home_id: HomeId, from_ms: int, until_ms: int, limit: int) -> list[Reading]:
        """Return measurements observed in [from_ms, until_ms), oldest first, at most `limit`."""
        rows = self._rows(
            "SELECT device, metric, value_num, value_bool, value_text, received_at_ms, flags, seq FROM readings"
            f" WHERE {_where(home_id, from_ms, until_ms)} ORDER BY time LIMIT {int(limit) + _TIES}"
        )
        found = [_reading(home_id, row) for row in rows]
        found.sort(key=lambda one: (one.observed_at_ms, one.device_id, one.metric, -1 if one.seq is None else one.seq))
        return found[:limit]

    def buckets(self, home_id: HomeId, from_ms: int, until_ms: int, width_ms: int) -> list[Bucket]:
        """Return figures by stretches of whole minutes."""
        return self._figures(_where(home_id, from_ms, until_ms), f"time({width_ms // 60_000}m)", "")

    def daily(self, home_id: HomeId, from_day: date, until_day: date) -> list[Bucket]:
        """Return figures by local days."""
        tz = zone(self._zone_name)
        first, until = (instant_of(datetime.combine(day, time()), tz) for day in (from_day, until_day))
        return self._figures(_where(home_id, first, until), f"time({_DAY_MINUTES}m)", f" tz({quoted(self._zone_name)})")

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _figures(self, where: str, stretch: str, tz: str) -> list[Bucket]:
        by = f"GROUP BY {stretch}, device, metric fill(none){tz}"
        numbers = self._rows(
            "SELECT count(value_num) AS n, min(value_num) AS low, max(value_num) AS high, sum(value_num) AS total,"
            f" last(value_num) AS last FROM readings WHERE {where} {by}"
        )
        switches = self._rows(
            f"SELECT count(value_bool) AS n, last(value_bool) AS last FROM readings WHERE {where} {by}"
        )
        trues = self._rows(f"SELECT count(value_bool) AS n FROM readings WHERE {where} AND value_bool = true {by}")
        true_counts = {(row["device"], row["metric"], row["time"]): row["n"] for row in trues}
        found = [_bucket(row, row["low"], row["high"], row["total"]) for row in numbers if row["n"]]
        for row in switches:
            if row["n"]:
                total = true_counts.get((row["device"], row["metric"], row["time"]), 0)
                found.append(_bucket(row, float(total == row["n"]), float(total > 0), float(total)))
        return sorted(found, key=lambda one: (one.from_ms, one.device_id, one.metric))

    def _rows(self, query: str) -> Iterator[dict[str, Any]]:
        """Yield rows with their tags and columns by name."""
        for series in self._answered(query):
            tags: dict[str, Any] = series.get("tags") or {}
            for values in series.get("values") or ():
                yield {**tags, **dict(zip(series["columns"], values, strict=True))}

    def _answered(self, query: str) -> Iterable[dict[str, Any]]:
        try:
            answer = self._client.post("/query", data={**self._asked, "q": query})
        except httpx.HTTPError as error:
            what = f"InfluxDB cannot be reached ({type(error).__name__})"
            raise RetryLaterError(what, retry_after_ms=RETRY_MS) from error
        if answer.status_code in _MISCONFIGURED:
            raise ConfigurationError(
                f"InfluxDB answered {answer.status_code} to a query",
                where=str(self._client.base_url),
                remedy="check influx_token and influx_bucket; 2.x needs a DBRP mapping of the bucket",
            )
        if not answer.is_success:
            raise RetryLaterError(f"InfluxDB answered {answer.status_code} to a query", retry_after_ms=RETRY_MS)
        (result,) = answer.json()["results"]
        if "error" in result:
            raise ConfigurationError(
                f"InfluxDB refused a query: {result['error']}",
                where=str(self._client.base_url),
                remedy="check influx_bucket",
            )
        return result.get("series") or ()


_TIES = 64
"""Fetched beyond the limit: InfluxDB leaves the order of one instant open, and devices that speak in it are few."""


def _where(home_id: HomeId, from_ms: int, until_ms: int) -> str:
    home = quoted(stored(home_id))
    return f"home = {home} AND time >= {int(from_ms) * NS_PER_MS} AND time < {int(until_ms) * NS_PER_MS}"


def _reading(home_id: HomeId, row: dict[str, Any]) -> Reading:
    value: Value = next(row[name] for name in ("value_bool", "value_num", "value_text") if row.get(name) is not None)
    return Reading(
        home_id,
        DeviceId(row["device"]),
        Metric(row["metric"]),
        float(value) if isinstance(value, int) and not isinstance(value, bool) else value,
        row["time"] // NS_PER_MS,
        row["received_at_ms"],
        row.get("seq"),
        row["flags"],
    )


def _bucket(row: dict[str, Any], low: float, high: float, total: float) -> Bucket:
    return Bucket(
        device_id=DeviceId(row["device"]),
        metric=Metric(row["metric"]),
        from_ms=row["time"] // NS_PER_MS,
        count=int(row["n"]),
        low=float(low),
        high=float(high),
        total=float(total),
        last=float(row["last"]),
    )
