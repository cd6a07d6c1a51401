"""The ways to reach a person; the only place that knows a vendor."""
