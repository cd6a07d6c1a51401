"""Homes that live: simulated people, sensors and phones, and recordings of real ones."""
