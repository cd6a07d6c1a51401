"""MQTT in: topics, formats, dedupe, lateness, session."""
