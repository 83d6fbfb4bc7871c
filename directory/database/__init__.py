"""Append-only triggers, the row-level security session, bulk rows."""
