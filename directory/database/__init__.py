"""Append-only triggers, the row-level security session."""
