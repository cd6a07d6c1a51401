"""Power out: the gateway says that it runs on its battery."""

from collections.abc import Iterator

from core.events import Metric
from rules.deadlines import Deadline
from rules.deafness_state import counted_ms
from rules.findings import FindingKind
from rules.watch import Change, Clear, Effect, View, Watch


class MainsWatch(Watch):
    """Raises power_out once the mains have been away for longer than the grid's own switching."""

    name = "mains"
    metrics = frozenset({Metric.MAINS})

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a mains reading; the newest by event time counts."""
        if not change.is_newest:
            return ()
        state = view.state.mains
        if change.reading.value is True:
            state.out_ms = None
            return (Clear(FindingKind.POWER_OUT),)
        state.out_ms = state.out_ms or change.reading.observed_at_ms
        return ()

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait `power_out_ms` from the first word of the cut."""
        out_ms = view.state.mains.out_ms
        if out_ms is not None and not view.is_open(FindingKind.POWER_OUT):
            due_ms = counted_ms(view.state.deaf, out_ms) + view.parameters.power_out_ms
            yield Deadline(due_ms, FindingKind.POWER_OUT, out_ms, watch=self.name)
