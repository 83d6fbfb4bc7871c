"""Districts, inboxes, offices and providers; the published list and the contacts."""
