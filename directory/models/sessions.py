"""Open sessions: whose each is, since when, and when the person was last seen in it."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q

from directory.models.people import User


class Session(AbstractBaseSession):
    """One browser, from its first page to its end. `expire_date` is the nearest of its two ends.

    It ends a while after the person was last seen, and in any case some hours after it began;
    signing in begins it anew. Without a person it is that of somebody who is not signed in yet.
    """

    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=Q(seen_at__gte=F("began_at")), name="nobody_is_seen_before_they_sign_in"
            ),
            models.CheckConstraint(
                condition=Q(expire_date__gte=F("seen_at")),
                name="nobody_is_seen_in_a_session_that_has_ended",
            ),
        ]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """Return the engine that reads and writes these rows."""
        # By name: rows know nothing of the engine above them, but Django wants to ask.
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
