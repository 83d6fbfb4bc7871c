"""The session engine: a row for each session that says whose it is and since when.

A session ends thirty minutes after the person was last seen in it and twelve hours after they
signed in, whichever comes first. The row holds the nearer end, so a session that has ended is not
found, and one that was deleted never comes back: writing to it is refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from directory import clock
from directory.models import Session

# Where a session's own content says when its person signed in.
BEGAN_AT = "began_at"


class SessionStore(DatabaseStore):
    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        self.row = self._get_session_from_db()  # type: ignore[attr-defined]  # the stubs lack it
        return self.decode(self.row.session_data) if self.row else {}

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        now = clock.now()
        began_at = self.row.began_at if self.row else now
        if written := data.get(BEGAN_AT):
            began_at = datetime.fromisoformat(written)
        self.row = Session(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]  # the same
            session_data=self.encode(data),
            person_id=data.get(SESSION_KEY),
            began_at=began_at,
            seen_at=max(now, began_at),
        )
        self.row.expire_date = _session_end(self.row)
        return self.row

    def flush(self) -> None:
        super().flush()
        self.row = None

    @property
    def last_end(self) -> datetime | None:
        return self.row.began_at + settings.SESSION_LONGEST if self.row else None

    @property
    def ends_at(self) -> datetime | None:
        return self.row.expire_date if self.row else None

    def record_activity(self, *, at: datetime, least: timedelta = timedelta(0)) -> None:
        row = self.row
        if row is None or at - row.seen_at < least:
            return
        row.seen_at = max(at, row.seen_at)
        row.expire_date = _session_end(row)
        # A row that was deleted in the meantime stays deleted.
        Session.objects.filter(pk=row.pk).update(seen_at=row.seen_at, expire_date=row.expire_date)


def _session_end(row: Session) -> datetime:
    nearer = min(row.seen_at + settings.SESSION_IDLE, row.began_at + settings.SESSION_LONGEST)
    return max(nearer, row.seen_at)
