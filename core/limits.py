"""Limits that more than one room must agree on, each with its reason."""

LATE_AFTER_MS = 5 * 60_000
"""Older than this on arrival is a backlog, not the present (spec/detection A7: device clocks err by up to 5 min)."""

MAX_SKEW_MS = 5 * 60_000
"""A device clock further ahead than this is wrong; arrival time is used and the reading is flagged."""

OLDEST_OBSERVATION_MS = 400 * 86_400_000
"""Observed longer ago than this on arrival is a reset device clock, not a buffer: parked as absurd."""
