"""The truth database: people, alerts, timers, outbox, visits, accounts and cursors; what is committed here holds."""

from store.truth.database import Truth, Unit

__all__ = ["Truth", "Unit"]
