"""Notices, the mails composed of them, leases, SMTP; hold, try again, status."""
