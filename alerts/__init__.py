"""Findings in; who is told, until a human closes it."""
