"""What the database holds by itself: append-only triggers, row security, roles, time limits."""
