"""Makes, finds, reads and revokes private calendar feeds. No row holds what an address is made of.

A secret has 256 random bits, so that nobody guesses one; it is shown once, to whoever made it. What
a feed shows is asked of its person's rights at the moment it is read, by the page that answers.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from directory import history
from directory.errors import StepNotAllowedError
from directory.models import CalendarFeed, FeedRead, Inbox, User
from directory.models.web import CalendarFeedQuerySet
from directory.roles import EDITS_DIRECTORY, READS_CASES, Role

TOKEN_BYTES = 32
MOST_OPEN = 5
TOO_MANY = f"There are {MOST_OPEN} links already. Revoke one first."
REVOKED = "This link is revoked already."
# Whose inbox it is: the Coordinators of the districts that it serves.
SHARES_AN_INBOX = frozenset({Role.COORDINATOR})


def token_digest(token: str, *, key: str = "") -> str:
    """Return what the row of this secret holds, made with the site's key or a former one."""
    return salted_hmac(
        "directory.feeds", token, secret=key or settings.SECRET_KEY, algorithm="sha256"
    ).hexdigest()


def shared_inboxes(person: User, *, on: date) -> list[Inbox]:
    reach = person.reach(SHARES_AN_INBOX, on=on)
    if not reach:
        return []
    served = Inbox.objects.current(on=on).filter(reach.q("districts"))
    return list(served.distinct().order_by("name"))


def revocable_feeds(person: User, *, on: date) -> CalendarFeedQuerySet:
    feeds = CalendarFeed.objects.all()
    if not person.holds(EDITS_DIRECTORY, on=on):
        shared = [each.pk for each in shared_inboxes(person, on=on)]
        feeds = feeds.filter(Q(person=person) | Q(inbox__in=shared))
    return feeds.with_last_read().select_related("person", "inbox", "made_by")


@transaction.atomic
def make_feed(*, by: User, on: date, inbox: Inbox | None = None) -> tuple[CalendarFeed, str]:
    """Return a new feed and its secret; else PermissionDenied, or StepNotAllowedError."""
    locked = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if inbox is None:
        if not locked.holds(READS_CASES, on=on):
            raise PermissionDenied
        whose = {"person": locked}
    else:
        if inbox not in shared_inboxes(locked, on=on):
            raise PermissionDenied
        Inbox.objects.select_for_update(no_key=True).get(pk=inbox.pk)
        whose = {"inbox": inbox}
    if CalendarFeed.objects.open().filter(**whose).count() >= MOST_OPEN:
        raise StepNotAllowedError(TOO_MANY)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = CalendarFeed.objects.create(**whose, token_digest=token_digest(token), made_by=locked)
    _record("made a calendar link", made, by=locked, on=on)
    return made, token


@transaction.atomic
def revoke_feed(feed: CalendarFeed, *, by: User, on: date) -> None:
    """Let a feed answer nobody from now on; else PermissionDenied, or StepNotAllowedError."""
    if not revocable_feeds(by, on=on).filter(pk=feed.pk).exists():
        raise PermissionDenied
    if not _revoke_all(CalendarFeed.objects.filter(pk=feed.pk), by=by, on=on):
        raise StepNotAllowedError(REVOKED)


def revoke_feeds_made_by(person: User, *, by: User, on: date) -> None:
    """Revoke every feed whose secret a person was shown: their own, and those of inboxes."""
    _revoke_all(CalendarFeed.objects.filter(made_by=person), by=by, on=on)


def _revoke_all(feeds: CalendarFeedQuerySet, *, by: User, on: date) -> int:
    rows = list(feeds.open().select_for_update(of=("self",)).select_related("person", "inbox"))
    for each in rows:
        each.revoked_by, each.revoked_at = by, Now()
        each.save(update_fields=["revoked_by", "revoked_at"])
        _record("revoked a calendar link", each, by=by, on=on)
    return len(rows)


def _record(verb: str, feed: CalendarFeed, *, by: User, on: date) -> None:
    history.record(verb, f"calendar {feed.pk}", by=by, on=on, note=f"of {feed.whose}")


def feed_by_token(token: str) -> CalendarFeed | None:
    """Return the open feed of this secret, or None; whoever made it must not be disabled."""
    feeds = CalendarFeed.objects.open().filter(made_by__is_active=True)
    whole = feeds.select_related("person", "inbox", "made_by")
    keys = ("", *settings.SECRET_KEY_FALLBACKS)
    return whole.filter(token_digest__in=[token_digest(token, key=key) for key in keys]).first()


def may_be_read(feed: CalendarFeed, *, on: date) -> bool:
    """Say whether whoever made a feed still holds what it rests on, on this day."""
    if feed.inbox is None:
        return feed.made_by.holds(READS_CASES, on=on)
    return feed.inbox in shared_inboxes(feed.made_by, on=on)


def note_read(
    feed: CalendarFeed, *, network_address: str | None, events: int, since: datetime
) -> FeedRead | None:
    """Return the row of a reading; None where one since this moment says the same."""
    told = feed.reads.filter(network_address=network_address, events=events, at__gte=since)
    if told.exists():
        return None
    return FeedRead.objects.create(feed=feed, network_address=network_address, events=events)
