"""Opens what a service keeps readings in: the journal, made fit first, and the time-series stores that follow it."""

from typing import NamedTuple

from app.adapters import influx
from app.desk_service import RULES_CURSOR, DeskService
from app.files import DataFiles
from app.journal_keeper import Bounds, JournalKeeper, Readers
from app.pipeline import Pipeline
from app.projection import Projection
from app.rules_snapshot import SNAPSHOT
from app.series_watch import SeriesWatch
from app.settings import Settings
from app.watches import Watches
from core.clock import Clock
from ingest.session import IngestSession
from store.duckdb_series import DuckDbSeries
from store.duckdb_upkeep import Kept
from store.journal import Journal
from store.journal_recovery import recover
from store.journal_room import MB, RoomLimits
from store.truth.database import Truth


class Stores(NamedTuple):
    """What is open."""

    journal: Journal
    series: DuckDbSeries
    projections: list[Projection]


def open_stores(settings: Settings, files: DataFiles, truth: Truth, clock: Clock) -> Stores:
    """Open the stores of a data directory that this process holds; raises ConfigurationError with the remedy."""
    kept = Kept(raw_days=settings.series_raw_days, daily_days=settings.series_daily_days)
    series = DuckDbSeries(files.series, zone_name=settings.zone, kept=kept)
    sinks = {"duckdb": series} | ({"influx": influx(settings)} if settings.influx_url else {})
    with truth.view() as unit:
        taken = [unit.cursors.seq(SNAPSHOT), unit.cursors.seq(RULES_CURSOR)]
    recover(files.journal, max(*taken, *(sink.cursor() for sink in sinks.values())))
    limits = RoomLimits(
        journal_bytes=settings.journal_max_mb * MB,
        reserve_bytes=settings.disk_reserve_mb * MB,
    )
    journal = Journal(files.journal, limits, lambda: clock.leaps)
    return Stores(journal, series, [Projection(journal, sink, name) for name, sink in sinks.items()])


def add_watches(
    watches: Watches,
    settings: Settings,
    stores: Stores,
    truth: Truth,
    desk: DeskService,
    *,
    pipeline: Pipeline,
    ingest: IngestSession,
) -> None:
    """Let the service look after its stores."""
    watches.add_keeper(_keeper(settings, stores, truth, desk, pipeline=pipeline, ingest=ingest))
    watches.add_series(SeriesWatch(stores.journal, stores.series, stores.projections))


def _keeper(
    settings: Settings, stores: Stores, truth: Truth, desk: DeskService, *, pipeline: Pipeline, ingest: IngestSession
) -> JournalKeeper:
    """Return what keeps the journal in its bounds."""
    return JournalKeeper(
        stores.journal,
        truth,
        desk,
        Readers(lambda: pipeline.snapshot_seq, lambda: [one.cursor for one in stores.projections]),
        bounds=Bounds(settings.journal_days, settings.journal_floor_days),
        held_up=lambda: ingest.held_up,
        copy_stopped=lambda: next((one.problem for one in stores.projections if one.is_stopped), ""),
    )
