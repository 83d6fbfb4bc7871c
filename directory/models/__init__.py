"""Who: places, people, what is owed to inboxes, the history, and who read what."""

from directory.models.accounts import AskedReset, Session, SignInLink, SignInTry, Subject
from directory.models.history import (
    HistoryEntry,
    HistoryHead,
    HistoryHeadOfDay,
    ReadEntry,
    Redaction,
)
from directory.models.mail import Heartbeat, Mail, MailSwitch, Notice, TickRun
from directory.models.people import Allocation, Appointment, Reach, User
from directory.models.places import District, Inbox, Office, Provider
from directory.models.web import CalendarFeed, Draft, FeedRead, Submission

__all__ = [
    "Allocation",
    "Appointment",
    "AskedReset",
    "CalendarFeed",
    "District",
    "Draft",
    "FeedRead",
    "Heartbeat",
    "HistoryEntry",
    "HistoryHead",
    "HistoryHeadOfDay",
    "Inbox",
    "Mail",
    "MailSwitch",
    "Notice",
    "Office",
    "Provider",
    "Reach",
    "ReadEntry",
    "Redaction",
    "Session",
    "SignInLink",
    "SignInTry",
    "Subject",
    "Submission",
    "TickRun",
    "User",
]
