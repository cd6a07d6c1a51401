"""How the service itself is doing, for the console, the probes and the metrics; every trouble is named, none hidden."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.dispatcher import Dispatcher
from alerts.lifecycle import ENDED
from api.views import HealthView
from app.metric_names import METRICS
from app.parked_keeper import ParkedKeeper
from app.pipeline import Pipeline
from app.projection import Projection
from app.refusals import Refusal
from app.watches import Watches
from core.clock import Clock
from core.log import ParkReason
from ingest.broker_account import MAIN_BROKER
from ingest.session import IngestSession
from registry.devices import InboxState
from store.journal import Journal
from store.truth.database import Truth

TIMER_LATE_MS = 30_000
"""Design (alerting): a timer overdue by more than this is itself an alarm."""

LAG_ENTRIES = 1_000
BY_REASON = "shouwang_messages_parked_by_reason"


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
        watches: Watches,
        parked: ParkedKeeper,
        clock: Clock,
        is_live_calls: bool,
    ) -> None:
        self._truth = truth
        self._journal = journal
        self._pipeline = pipeline
        self._ingest = ingest
        self._dispatcher = dispatcher
        self._projections = tuple(projections)
        self._watches = watches
        self._parked = parked
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
            blind_homes=self._pipeline.engine.blind_homes,  # the one question to it that is not its own thread's
            open_alerts=sum(count for state, count in by_state.items() if state not in ENDED),
            pending_attempts=pending,
            journal_entries=last_seq,
            rules_lag_entries=lag,
            parked_messages=sum(self.parked_by_reason().values()),
            oldest_overdue_timer_ms=late_ms,
            rules_version=self._pipeline.engine.rulebook.stamp.version,
            ladders_version=self._pipeline.ladders.value.stamp.version,
            homes_limits_refused=len(self._pipeline.rules.refused),
            canary_ring_ms=self._watches.canary_ring_ms(),
            problems=self._problems(late_ms, lag),
            notices=[
                *self._parked.notices(),  # an alarm that rang nobody is read first
                *self._pipeline.rules.notices(),
                *self._pipeline.ladders.notices(),
                *self._watches.notices(),
                *(projection.waits_for for projection in self._projections if projection.waits_for),
            ],
        )

    def _problems(self, late_ms: int, lag: int) -> list[str]:
        found = [projection.problem for projection in self._projections if projection.problem]
        found += [*self._watches.problems(), *self._pipeline.problems()]
        if self.fatal:
            found.append(f"ingest has stopped acknowledging: {self.fatal}")
        found += [
            "no connection to the broker" if name == MAIN_BROKER else f"no connection to the broker {name}"
            for name in self._ingest.counters.brokers_away
        ]
        if late_ms > TIMER_LATE_MS:
            found.append(f"an escalation step is {late_ms // 1000} s late")
        for provider, reason in self._dispatcher.board.open_providers().items():
            found.append(f"calls go past {provider}, which failed: {reason}")
        if lag > LAG_ENTRIES:
            found.append(f"the rules are {lag} journal entries behind")
        return found

    def refused(self) -> list[Refusal] | None:
        """Return what the embedded broker refused, the latest first; None: the broker is somebody else's."""
        return None if self._watches.refusals is None else self._watches.refusals.latest()

    def unheard(self) -> tuple[tuple[str, str], ...]:
        """Return broker and topic of what devices have announced and a broker does not let the service hear."""
        return self._ingest.counters.unheard

    def parked_by_reason(self) -> dict[str, int]:
        """Return how many messages wait for each reason; every reason is named."""
        return dict.fromkeys(ParkReason, 0) | self._journal.parked_count()

    def devices_waiting(self) -> int:
        """Return how many devices spoke that nobody registered."""
        with self._truth.view() as unit:
            return unit.devices.inbox_count(InboxState.WAITING)

    def watched(self) -> dict[str, float]:
        """Return what the service's looks at itself have found last, by metric."""
        return {
            "shouwang_findings_waiting": self._pipeline.findings_waiting,
            "shouwang_brokers_away": len(self._ingest.counters.brokers_away),
            **self._watches.gauges(),
        }

    def counters(self) -> dict[str, float]:
        """Return what has been counted since the start, by metric."""
        ingest, sent = self._ingest.counters, self._dispatcher.counts
        return {
            "shouwang_messages_received_total": ingest.received,
            "shouwang_messages_acknowledged_total": ingest.acked,
            "shouwang_readings_admitted_total": ingest.admitted,
            "shouwang_readings_duplicate_total": ingest.duplicates,
            "shouwang_messages_refused_total": ingest.parked,
            "shouwang_journal_commits_total": ingest.commits,
            "shouwang_ingest_faults_total": ingest.faults,
            "shouwang_rules_stalls_total": self._pipeline.engine.stalls,
            "shouwang_finding_faults_total": self._pipeline.finding_faults,
            "shouwang_database_held_total": self._pipeline.held.times,
            "shouwang_step_faults_total": self._pipeline.step_faults,
            "shouwang_dispatch_faults_total": self._pipeline.dispatch_faults + self._dispatcher.faults,
            **self._watches.counters(),
            "shouwang_parked_reread_total": self._parked.reread,
            "shouwang_parked_dropped_total": self._parked.dropped,
            "shouwang_parked_faults_total": self._parked.faults,
            "shouwang_rules_refused_total": self._pipeline.rules.file.refusals,
            "shouwang_ladders_refused_total": self._pipeline.ladders.refusals,
            **{f"shouwang_attempts_{name}_total": count for name, count in sent.items()},
            "shouwang_projection_skipped_total": sum(projection.skipped for projection in self._projections),
            "shouwang_projection_failures_total": sum(projection.failures for projection in self._projections),
        }


def gauges_of(view: HealthView) -> dict[str, float]:
    """Return the present as metrics."""
    return {
        "shouwang_homes": view.homes,
        "shouwang_homes_blind": view.blind_homes,
        "shouwang_alerts_open": view.open_alerts,
        "shouwang_attempts_pending": view.pending_attempts,
        "shouwang_journal_entries": view.journal_entries,
        "shouwang_rules_lag_entries": view.rules_lag_entries,
        "shouwang_messages_parked": view.parked_messages,
        "shouwang_timer_late_seconds": view.oldest_overdue_timer_ms / 1000,
        "shouwang_problems": len(view.problems),
        "shouwang_rules_version": view.rules_version,
        "shouwang_ladders_version": view.ladders_version,
        "shouwang_homes_limits_refused": view.homes_limits_refused,
    }


class _Collector(Collector):
    """Reads the figures when they are scraped, and at no other time."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that registering reads no figure."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Yield gauges of the present and counters since the start."""
        waiting = {"shouwang_devices_waiting": float(self._health.devices_waiting())}
        for name, value in (gauges_of(self._health.view()) | self._health.watched() | waiting).items():
            yield GaugeMetricFamily(name, METRICS[name], value=value)
        by_reason = GaugeMetricFamily(BY_REASON, METRICS[BY_REASON], labels=["reason"])
        for reason, count in self._health.parked_by_reason().items():
            by_reason.add_metric([str(reason)], count)
        yield by_reason
        for name, value in self._health.counters().items():
            yield CounterMetricFamily(name.removesuffix("_total"), METRICS[name], value=value)


def registry_of(health: Health) -> CollectorRegistry:
    """Return a registry that holds only these figures."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(health))
    return registry
