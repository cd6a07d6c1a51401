"""Runs a timetable through the real engine and compares what was found with what was expected."""

import msgspec

from core.localtime import MINUTE_MS, from_ms, zone
from rules.engine import Engine
from rules.findings import Finding
from rules.rulebook import Rulebook
from rules.timetable import Expected, TimedTest, Timetable

TOLERANCE_MS = MINUTE_MS
"""Whoever writes 14:30 does not mean 14:30:00.000."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one test."""

    name: str
    line: int
    lines: tuple[str, ...]  # "= " as expected, "- " expected and not found, "+ " found and not expected

    @property
    def has_passed(self) -> bool:
        """Everything expected was found, and nothing else began."""
        return all(line.startswith("=") for line in self.lines)


def rehearse(timetable: Timetable, rulebook: Rulebook) -> list[Outcome]:
    """Return the outcome of each test, under a rulebook with the timetable's own limits over it."""
    rules = rulebook
    for layer in timetable.layers:
        rules = rules.with_home(timetable.home, layer)
    return [_outcome(timetable, test, findings_of(timetable, test, rules)) for test in timetable.tests]


def findings_of(timetable: Timetable, test: TimedTest, rules: Rulebook) -> list[Finding]:
    """Return what was found from the start on; what the warm-up gave is left out."""
    engine = Engine(rules)
    engine.set_home(timetable.home)
    first_ms = test.readings[0].observed_at_ms if test.readings else test.start_ms
    engine.on_time(min(first_ms, test.start_ms))
    found: list[Finding] = []
    has_begun = False
    for reading in test.readings:
        at_ms = reading.observed_at_ms
        if not has_begun and at_ms >= test.start_ms:
            has_begun = True
            engine.on_time(test.start_ms - 1)  # the night after the warm-up is not the test's
        told = [*engine.on_time(at_ms), *engine.on_readings(at_ms, (reading,))]
        found += told if has_begun else ()
    return [*found, *engine.on_time(test.until_ms)]


def _outcome(timetable: Timetable, test: TimedTest, found: list[Finding]) -> Outcome:
    tz = zone(timetable.home.zone_name)
    left = list(found)
    told: list[tuple[int, str]] = []
    for expected in test.expected:
        match = next((one for one in left if _fits(one, expected)), None)
        if match is None:
            told.append((expected.at_ms, f"- {expected.text}"))
            continue
        left.remove(match)
        told.append((expected.at_ms, f"= {expected.text}"))
    for one in left:
        if not one.is_cleared:  # what ends is compared only where it is listed
            at, day = from_ms(one.at_ms, tz), from_ms(test.start_ms, tz).date()
            days = (at.date() - day).days
            when = f"+{days}d {at:%H:%M}" if days else f"{at:%H:%M}"
            told.append((one.at_ms, f"+ {when} {one.kind} {one.priority.name}: {one.sentence}"))
    told.sort(key=lambda line: line[0])
    return Outcome(name=test.name, line=test.line, lines=tuple(line for _, line in told))


def _fits(finding: Finding, expected: Expected) -> bool:
    return (
        finding.kind is expected.kind
        and finding.is_cleared == expected.is_over
        and abs(finding.at_ms - expected.at_ms) <= TOLERANCE_MS
        and (expected.priority is None or finding.priority is expected.priority)
    )
