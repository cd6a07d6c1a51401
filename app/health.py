"""How the service itself is doing, for the console, the probes and the metrics; every trouble is named, none hidden."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.dispatcher import Dispatcher
from alerts.lifecycle import ENDED
from api.views import HealthView
from app.pipeline import Pipeline
from app.projection import Projection
from core.clock import Clock
from core.errors import NotFoundError
from ingest.session import IngestSession
from store.journal import Journal
from store.truth.database import Truth

TIMER_LATE_MS = 30_000
"""Design (alerting): a timer overdue by more than this is itself an alarm."""

LAG_ENTRIES = 1_000


class Health:
    """Gathers figures; blocking."""

    def __init__(
        self,
        truth: Truth,
        journal: Journal,
        pipeline: Pipeline,
        *,
        ingest: IngestSession,
        dispatcher: Dispatcher,
        projections: Iterable[Projection],
        clock: Clock,
        is_live_calls: bool,
    ) -> None:
        self._truth = truth
        self._journal = journal
        self._pipeline = pipeline
        self._ingest = ingest
        self._dispatcher = dispatcher
        self._projections = tuple(projections)
        self._clock = clock
        self._is_live_calls = is_live_calls
        self.fatal = ""  # set once by ingest when it stops acknowledging

    def view(self) -> HealthView:
        """Return the service's own state."""
        last_seq, log_time_ms = self._journal.last()
        now_ms = self._clock.now_ms()
        with self._truth.view() as unit:
            homes = unit.people.homes()
            by_state = unit.alerts.count_by_state()
            pending = unit.outbox.pending_count()
            timer_ms = unit.alerts.next_timer_ms()
        late_ms = 0 if timer_ms is None else max(0, now_ms - timer_ms)
        lag = max(0, last_seq - self._pipeline.seq)
        return HealthView(
            now_ms=now_ms,
            log_time_ms=log_time_ms or None,
            is_live_calls=self._is_live_calls,
            homes=len(homes),
            blind_homes=sum(self._is_blind(home.id) for home in homes),
            open_alerts=sum(count for state, count in by_state.items() if state not in ENDED),
            pending_attempts=pending,
            journal_entries=last_seq,
            rules_lag_entries=lag,
            parked_messages=sum(self._journal.parked_count().values()),
            oldest_overdue_timer_ms=late_ms,
            problems=self._problems(late_ms, lag),
        )

    def collector(self) -> Collector:
        """Return the figures as Prometheus metrics; docs/operations.md has a heading for each."""
        return _Collector(self.view, self._counters)

    def _is_blind(self, home_id: str) -> bool:
        try:
            return self._pipeline.engine.home_status(home_id).is_blind  # pyright: ignore[reportArgumentType]  # an id is a str
        except NotFoundError:
            return False

    def _problems(self, late_ms: int, lag: int) -> list[str]:
        found = [projection.problem for projection in self._projections if projection.problem]
        if self.fatal:
            found.append(f"ingest has stopped acknowledging: {self.fatal}")
        if not self._ingest.counters.is_connected:
            found.append("no connection to the broker")
        if late_ms > TIMER_LATE_MS:
            found.append(f"an escalation step is {late_ms // 1000} s late")
        if lag > LAG_ENTRIES:
            found.append(f"the rules are {lag} journal entries behind")
        return found

    def _counters(self) -> dict[str, tuple[str, float]]:
        ingest = self._ingest.counters
        figures: dict[str, tuple[str, float]] = {
            "shouwang_messages_received_total": ("Messages the broker delivered", ingest.received),
            "shouwang_messages_acknowledged_total": ("Messages acknowledged after their fsync", ingest.acked),
            "shouwang_readings_admitted_total": ("New readings", ingest.admitted),
            "shouwang_readings_duplicate_total": ("Readings delivered again", ingest.duplicates),
            "shouwang_messages_parked_total": ("Messages that could not be read", ingest.parked),
            "shouwang_journal_commits_total": ("Group commits", ingest.commits),
            "shouwang_ingest_faults_total": ("Errors of the ingest session", ingest.faults),
            "shouwang_alerts_pushed_on_total": ("Alerts the auditor found waiting for nothing", self._pipeline.audited),
            "shouwang_dispatch_faults_total": ("Rounds of the dispatcher that failed", self._pipeline.dispatch_faults),
        }
        for name, count in self._dispatcher.counts.items():
            figures[f"shouwang_attempts_{name}_total"] = (f"Attempts {name.replace('_', ' ')}", count)
        for projection in self._projections:
            name = f"shouwang_projection_{projection.name}_failures_total"
            figures[name] = (f"Failed rounds of the {projection.name} projection", projection.failures)
        return figures


class _Collector(Collector):
    """Reads the figures when they are scraped, and at no other time."""

    def __init__(self, view: Callable[[], HealthView], counters: Callable[[], dict[str, tuple[str, float]]]) -> None:
        self._view = view
        self._counters = counters

    def describe(self) -> Iterable[Metric]:
        """Return nothing: what there is depends on the settings."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Yield gauges of the present and counters since the start."""
        view = self._view()
        for name, text, value in (
            ("shouwang_homes", "Homes registered", view.homes),
            ("shouwang_homes_blind", "Homes that cannot be seen", view.blind_homes),
            ("shouwang_alerts_open", "Alerts that no human has closed", view.open_alerts),
            ("shouwang_attempts_pending", "Attempts no provider is known to have", view.pending_attempts),
            ("shouwang_journal_entries", "Newest journal entry", view.journal_entries),
            ("shouwang_rules_lag_entries", "Journal entries the rules have not taken", view.rules_lag_entries),
            ("shouwang_messages_parked", "Parked messages", view.parked_messages),
            ("shouwang_timer_late_seconds", "How late the oldest step is", view.oldest_overdue_timer_ms / 1000),
            ("shouwang_problems", "Troubles that /readyz names", len(view.problems)),
        ):
            yield GaugeMetricFamily(name, text, value=value)
        for name, (text, value) in self._counters().items():
            yield CounterMetricFamily(name.removesuffix("_total"), text, value=value)


def registry_of(health: Health) -> CollectorRegistry:
    """Return a registry that holds only these figures."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(health.collector())
    return registry
