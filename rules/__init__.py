"""Readings and time in, findings out; decides, does no I/O."""
