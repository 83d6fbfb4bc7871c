"""Composes mails of what inboxes are owed: a digest on a working morning, and what cannot wait.

Two at once compose one: the unique key of a mail lets the second one find it there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Value, When

from directory.clock import ONE_DAY, SYDNEY, first_working_day_of_week, is_working_day, zone
from directory.mail import texts
from directory.mail.texts import MailLine, MailText
from directory.models import District, Mail, Notice, TickRun
from directory.models.mail import NoticeQuerySet

MORNING = time(7)
DIGEST = "digest"
NO_TEXT = MailText("", "")
IMMEDIATE_KINDS = (Notice.Kind.CHANGE_RETURNED, Notice.Kind.CHANGE_DECIDED)
_URGENCY = Case(*(When(kind=kind, then=Value(place)) for place, kind in enumerate(Notice.Kind)))


def _earliest_local(zones: set[str], at: datetime) -> datetime:
    times = [at.astimezone(zone(name)) for name in zones or {SYDNEY}]
    return min(times, key=lambda local: local.replace(tzinfo=None))


def last_morning(at: datetime) -> datetime:
    """Return the last moment at which digests fell due: 7 am on a working day, in Sydney."""
    local = at.astimezone(zone(SYDNEY))
    day = local.date() if local.time() >= MORNING else local.date() - ONE_DAY
    while not is_working_day(day):
        day -= ONE_DAY
    return datetime.combine(day, MORNING, zone(SYDNEY))


def compose(*, at: datetime, rule_version: int | None = None) -> Counter[str]:
    """Write the mails that inboxes are owed at this moment and return how many, by sort."""
    cover_earlier_notices()
    today = at.astimezone(zone(SYDNEY)).date()
    # The time zones of the districts that an inbox serves.
    served: dict[int, set[str]] = {}
    current = District.objects.current(on=today).exclude(inbox__retired_on__lte=today)
    for served_by, name in current.values_list("inbox", "time_zone"):
        if served_by is not None:
            served.setdefault(served_by, set()).add(name)
    composed: Counter[str] = Counter()
    composed["immediate mails"] = sum(
        _compose_immediate(pk, _earliest_local(served.get(inbox, set()), at).date(), rule_version)
        for pk, inbox in Notice.objects.unsent()
        .filter(kind__in=IMMEDIATE_KINDS)
        .values_list("pk", "inbox")
    )
    composed["digests"] = sum(
        _compose_digest(inbox, on, rule_version) for inbox, on in _digests_due(served, at)
    )
    return composed


def cover_earlier_notices() -> int:
    """Mark unsent notices that a later one of the same matter has overtaken; return how many."""
    later = Notice.objects.filter(
        occurrence=OuterRef("occurrence"),
        inbox=OuterRef("inbox"),
        owed_on__gt=OuterRef("owed_on"),
        settled_at=None,
    )
    return Notice.objects.unsent().filter(Exists(later)).update(is_covered=True)


def recompose(mail: Mail) -> bool:
    """Take what was settled since out of a claimed mail; say whether it still says anything."""
    settled = mail.notices.exclude(settled_at=None)
    if not settled.exists():
        return True
    if mail.part == DIGEST and not mail.may_repeat:
        # Nobody was told of these: should their day come back, they are owed again.
        settled.update(mail=None)
    text = _text(mail)
    if text is None:
        return False
    mail.subject, mail.body = text.subject, text.body
    mail.save(update_fields=["subject", "body"])
    return True


def new_mail(inbox_id: int, *, on: date, part: str, text: MailText = NO_TEXT) -> tuple[Mail, bool]:
    """Return the mail of this inbox, day and part, and whether it was made now, with this text."""
    defaults = {"subject": text.subject, "body": text.body, "message_id": message_id()}
    return Mail.objects.get_or_create(inbox_id=inbox_id, on=on, part=part, defaults=defaults)


def message_id() -> str:
    return f"<{uuid4().hex}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>"


def _digests_due(served: dict[int, set[str]], at: datetime) -> Iterable[tuple[int, date]]:
    waiting = dict(
        _digest_notices(Notice.objects.unsent()).values_list("inbox").annotate(Count("pk"))
    )
    found = []
    for inbox in {**served, **waiting}:
        local = _earliest_local(served.get(inbox, set()), at)
        on = local.date()
        if local.time() < MORNING or not is_working_day(on):
            continue
        if inbox in waiting or on == first_working_day_of_week(on):
            found.append((inbox, on))
    done = Mail.objects.filter(part=DIGEST, on__in={on for _, on in found})
    return sorted(set(found) - set(done.values_list("inbox", "on")))


def _digest_notices(notices: NoticeQuerySet) -> NoticeQuerySet:
    return notices.exclude(kind__in=IMMEDIATE_KINDS).order_by()


@transaction.atomic
def _compose_digest(inbox: int, on: date, rule_version: int | None) -> bool:
    mail, is_new = new_mail(inbox, on=on, part=DIGEST)
    if not is_new:
        return False
    _digest_notices(Notice.objects.unsent()).filter(inbox=inbox).update(mail=mail)
    return _write_text(mail, rule_version)


@transaction.atomic
def _compose_immediate(notice: int, on: date, rule_version: int | None) -> bool:
    row = Notice.objects.unsent().select_for_update(of=("self",)).filter(pk=notice).first()
    if row is None:
        return False
    mail, is_new = new_mail(row.inbox_id, on=on, part=f"{row.kind}:{row.occurrence}"[:80])
    Notice.objects.filter(pk=notice).update(mail=mail)
    return is_new and _write_text(mail, rule_version)


def _write_text(mail: Mail, rule_version: int | None) -> bool:
    text = _text(mail)
    if text is None:
        mail.delete()
        return False
    mail.subject, mail.body, mail.rule_version = text.subject, text.body, rule_version
    mail.save(update_fields=["subject", "body", "rule_version"])
    return True


def _text(mail: Mail) -> MailText | None:
    notices = Notice.objects.filter(mail=mail, settled_at=None)
    totals = dict(notices.order_by().values_list("kind").annotate(Count("pk")))
    if totals and mail.part == DIGEST:
        lines = _mail_lines(notices, mail.inbox_id)
        return texts.digest_text(lines, totals, on=mail.on, dark=_dark_days(mail.on))
    if totals:
        return texts.one_matter_text(_mail_lines(notices, mail.inbox_id)[0], on=mail.on)
    if mail.part == DIGEST and mail.on == first_working_day_of_week(mail.on):
        return texts.nothing_due_text(on=mail.on)
    return None


def _dark_days(on: date) -> list[date]:
    """Return the days before this one, back to the last digests, on which no tick ended."""
    since = Mail.objects.filter(part=DIGEST, on__lt=on).aggregate(last=Max("on"))["last"]
    ended = TickRun.objects.exclude(ended_at=None).filter(on__lt=on)
    lit = set(ended.filter(on__gte=since or on).values_list("on", flat=True))
    between = (on - since).days - 1 if since else 0
    days = (since + number * ONE_DAY for number in range(1, between + 1)) if since else ()
    return [day for day in days if day not in lit]


def _mail_lines(notices: NoticeQuerySet, inbox: int | None) -> list[MailLine]:
    districts = District.objects.filter(inbox=inbox).count()
    rows = notices.order_by(_URGENCY, F("about_on").asc(nulls_last=True), "pk").values_list(
        "kind", "reference", "about_on", "district__name", "path", "why"
    )
    return [
        MailLine(kind, reference, about_on, "" if districts == 1 else district, path, why)
        for kind, reference, about_on, district, path, why in rows[: texts.MOST_LINES]
    ]
