"""Whatever is swapped, left or covered: each minute has exactly the scheduled person, once, and gaps are exact."""

import itertools

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from rota_plans import local_ms, town_rota, wall_clock_holder

from core.localtime import HOUR_MS, MINUTE_MS
from registry.rota import Cover, Leave, Span, Swap, on_duty, spells
from registry.rota_gaps import gaps

WEEK_MINUTES = 10 * 24 * 60
STARTS = {  # a week with the end of a holiday and a make-up workday; and weeks in which clocks are moved
    "Asia/Shanghai": "2026-02-20T00:00",
    "Europe/Berlin": "2026-03-25T00:00",
    "America/New_York": "2026-10-28T00:00",
}
STAFF = st.sampled_from(["li", "wang", "zhou"])
SPANS = st.tuples(st.integers(-600, WEEK_MINUTES), st.integers(1, 4_000))


class RotaMachine(RuleBasedStateMachine):
    @initialize(zone_name=st.sampled_from(sorted(STARTS)), phoneless=st.sampled_from(["", "wang"]))
    def start(self, zone_name, phoneless):
        rota = town_rota(zone_name=zone_name)
        staff = tuple(msgspec.structs.replace(s, phone="") if s.id == phoneless else s for s in rota.staff)
        self.rota = msgspec.structs.replace(rota, staff=staff)
        self.phoneless = phoneless
        from_ms = local_ms(STARTS[zone_name], zone_name)
        self.within = Span(from_ms, from_ms + WEEK_MINUTES * MINUTE_MS)

    def span(self, begins: int, minutes: int) -> Span:
        from_ms = self.within.from_ms + begins * MINUTE_MS
        return Span(from_ms, from_ms + minutes * MINUTE_MS)

    @rule(span=SPANS, who=STAFF, cover=st.sampled_from(["", "li", "wang", "zhou"]))
    def leave(self, span, who, cover):
        more = Leave(span=self.span(*span), staff=who, cover=cover)
        self.rota = msgspec.structs.replace(self.rota, leaves=(*self.rota.leaves, more))

    @rule(span=SPANS, between=st.permutations(["li", "wang", "zhou"]))
    def swap(self, span, between):
        more = Swap(span=self.span(*span), between=(between[0], between[1]))
        self.rota = msgspec.structs.replace(self.rota, swaps=(*self.rota.swaps, more))

    @rule(span=SPANS, who=STAFF)
    def cover(self, span, who):
        more = Cover(span=self.span(*span), line="desk", staff=who)
        self.rota = msgspec.structs.replace(self.rota, covers=(*self.rota.covers, more))

    @invariant()
    def each_minute_has_exactly_the_scheduled_person(self):
        desk = self.rota.lines[0]
        found = spells(self.rota, desk, self.within)
        assert (found[0].span.from_ms, found[-1].span.until_ms) == (self.within.from_ms, self.within.until_ms)
        assert all(a.span.until_ms == b.span.from_ms for a, b in itertools.pairwise(found))
        holders = [s.staff for s in found for _ in range((s.span.until_ms - s.span.from_ms) // MINUTE_MS)]
        minutes = range(self.within.from_ms, self.within.until_ms, MINUTE_MS)
        expected = [wall_clock_holder(self.rota, desk, at_ms) for at_ms in minutes]
        assert holders == expected
        for at_ms in minutes[:: 7 * 60 + 11]:
            (now,) = (spell for spell in on_duty(self.rota, at_ms) if spell.line == "desk")
            assert now.staff == wall_clock_holder(self.rota, desk, at_ms)
        self.gaps_are_exact(expected)

    def gaps_are_exact(self, holders):
        in_gap = set()
        for gap in gaps(self.rota, self.within):
            assert gap.line == "desk"
            minutes = range(gap.span.from_ms, gap.span.until_ms, MINUTE_MS)
            assert in_gap.isdisjoint(minutes)
            in_gap.update(minutes)
        unreached = (None, self.phoneless) if self.phoneless else (None,)
        minutes = range(self.within.from_ms, self.within.until_ms, MINUTE_MS)
        assert in_gap == {at_ms for at_ms, who in zip(minutes, holders, strict=True) if who in unreached}


RotaMachine.TestCase.settings = settings(max_examples=12, stateful_step_count=6, deadline=None)
TestRota = RotaMachine.TestCase


def test_the_stretches_begin_before_the_things_that_are_hard():
    assert all(local_ms(text, name) % HOUR_MS == 0 for name, text in STARTS.items())
