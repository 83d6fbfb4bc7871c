"""Verify the history, post its checkpoints, redact an entry, report who read what."""
