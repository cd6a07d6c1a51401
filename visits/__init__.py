"""Contacts in; the statutory ledger out: what counts, for what, and why."""
