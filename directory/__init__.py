"""Who: districts, inboxes, people and appointments, the outbox and the history."""
