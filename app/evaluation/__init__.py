"""Scores the detector on recorded homes: the protocol of docs/evaluation.md, run on the product's own engine."""
