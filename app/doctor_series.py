"""Examines the further copy of the time series: whether InfluxDB answers, and to these settings."""

from collections.abc import Iterator

from app.check import Check, bad, well
from app.settings import Settings
from core.errors import ConfigurationError
from core.text import Bilingual
from store.influx_queries import InfluxQueries
from store.series_port import RetryLaterError

ASK_MS = 5_000
"""It answers within milliseconds; somebody waits before the screen."""


def examine_series(settings: Settings) -> Iterator[Check]:
    """Yield whether the InfluxDB that is named answers; nothing where none is."""
    if not settings.influx_url:
        return
    url = settings.influx_url
    queries = InfluxQueries(
        url=url, token=settings.influx_token, bucket=settings.influx_bucket, timeout_ms=ASK_MS, zone_name=settings.zone
    )
    try:
        queries.check()
    except ConfigurationError as error:
        yield bad(
            Bilingual(f"InfluxDB {url} 不接受这些设置（{error.what}）", f"{url}: {error.what}"),
            Bilingual("核对 influx_token 与 influx_bucket；2.x 需为该 bucket 建 DBRP 映射", error.remedy),
        )
    except RetryLaterError as error:
        yield bad(
            Bilingual(f"InfluxDB {url} 没有应答（{error}）", f"{url}: {error}"),
            Bilingual(
                "更正 influx_url，或启动 InfluxDB；其间读数不会丢失",
                "correct influx_url, or start InfluxDB; no reading is lost meanwhile",
            ),
        )
    else:
        yield well(f"InfluxDB {url} 有应答", f"InfluxDB {url} answers")
    finally:
        queries.close()
