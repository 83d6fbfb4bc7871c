"""Append-only triggers, who asks for row-level security, time limits."""
