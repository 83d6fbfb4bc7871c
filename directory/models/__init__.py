"""Who: places, people, what is owed to inboxes, the history, and who read what."""

from directory.models.feeds import CalendarFeed, FeedRead
from directory.models.history import HistoryEntry, HistoryHead, HistoryHeadOfDay, Redaction
from directory.models.links import AskedReset, SignInLink
from directory.models.outbox import Heartbeat, Mail, MailSwitch, Notice, TickRun
from directory.models.people import Allocation, Appointment, Reach, User
from directory.models.places import District, Inbox, Office, Provider
from directory.models.reading import ReadEntry
from directory.models.sessions import Session
from directory.models.subjects import Subject
from directory.models.typed import KeptText, SentSheet

__all__ = [
    "Allocation",
    "Appointment",
    "AskedReset",
    "CalendarFeed",
    "District",
    "FeedRead",
    "Heartbeat",
    "HistoryEntry",
    "HistoryHead",
    "HistoryHeadOfDay",
    "Inbox",
    "KeptText",
    "Mail",
    "MailSwitch",
    "Notice",
    "Office",
    "Provider",
    "Reach",
    "ReadEntry",
    "Redaction",
    "SentSheet",
    "Session",
    "SignInLink",
    "Subject",
    "TickRun",
    "User",
]
