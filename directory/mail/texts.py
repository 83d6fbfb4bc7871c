"""The words of mails. A mail says a case reference, a kind, a date with its reason, and a link.

Never a name, a birth date or free text: what comes in holds none, and nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.template.loader import render_to_string

from directory.models import HistoryHeadOfDay, Notice
from directory.web.request import site_address

# Stands in a mail for people to read here; what leaves has the link itself in its place.
LINK_GOES_HERE = "[the link stands only in the mail itself]"
# What fits on one screen; the rest is one link.
MOST_LINES = 25
MAY_REPEAT = "This mail may have reached you already: the mail server's answer was lost.\n\n"


@dataclass(frozen=True)
class MailText:
    subject: str
    body: str


@dataclass(frozen=True)
class MailLine:
    """One matter in a mail; `why` says in a sentence where its date comes from."""

    kind: str
    reference: str
    about_on: date | None
    district: str
    path: str
    why: str = ""

    @property
    def words(self) -> str:
        return ", ".join(filter(None, (self.reference, self.district)))

    @property
    def url(self) -> str:
        return site_address(self.path)


@dataclass(frozen=True)
class MailGroup:
    label: str
    total: int
    lines: Sequence[MailLine]


def digest_text(
    lines: Iterable[MailLine], totals: Mapping[str, int], *, on: date, dark: Sequence[date] = ()
) -> MailText:
    """Return the mail of a morning; a sort of which no line has room stands there with its number.

    `dark` are the days since the last digests on which no reminders were worked out.
    """
    shown = list(lines)
    of_kind = {kind: list(some) for kind, some in groupby(shown, key=lambda line: line.kind)}
    groups = [
        MailGroup(kind.label, totals[kind], of_kind.get(kind, ()))
        for kind in Notice.Kind
        if kind in totals
    ]
    total = sum(totals.values())
    body = _render(
        "digest",
        groups=groups,
        total=total,
        on=on,
        rest=total - len(shown),
        dark=dark,
        more_url=site_address("/"),
    )
    noun = "matter" if total == 1 else "matters"
    return MailText(f"Permanency: {total} {noun}, {day_text(on)}", body)


def nothing_due_text(*, on: date) -> MailText:
    return _day_text("nothing due", "nothing_due", on=on, more_url=site_address("/"))


def one_matter_text(line: MailLine, *, on: date) -> MailText:
    label = Notice.Kind(line.kind).label
    return MailText(
        f"{label}: {line.reference}, {day_text(on)}", _render("one_matter", line=line, label=label)
    )


def undeliverable_text(inbox: str, path: str, *, on: date) -> MailText:
    what, url = "a mail could not be delivered", site_address(path)
    return _day_text(what, "undeliverable", on=on, inbox=inbox, url=url)


def checkpoint_text(kept: Sequence[tuple[HistoryHeadOfDay, str]], *, on: date) -> MailText:
    """Return the mail with the heads of a day, each with the name of its district or ""."""
    return _day_text("heads of the history", "heads", on=on, heads=kept)


def emergency_text(path: str, *, on: date, days: int) -> MailText:
    what, url = "an administrator was let in by the emergency way", site_address(path)
    return _day_text(what, "emergency", on=on, url=url, days=days)


def redaction_text(place: str, *, decided_by: str, done_by: str, on: date) -> MailText:
    what = "an entry of the history was redacted"
    return _day_text(what, "redacted", on=on, place=place, decided_by=decided_by, done_by=done_by)


def account_change_text(what: str) -> MailText:
    body = _render("changed", what=what, url=site_address("/"))
    return MailText(f"Permanency tracker: {what}", body)


def named_from_list_text(reference: str, path: str, *, on: date) -> MailText:
    body = _render("named", reference=reference, on=on, url=site_address(path))
    return MailText(f"Permanency tracker: somebody was named on record {reference}", body)


def lock_text(at: datetime, *, of_codes: bool) -> MailText:
    what = "codes" if of_codes else "passwords"
    guesses, minutes = settings.GUESSES_PER_ACCOUNT, settings.GUESS_WINDOW // timedelta(minutes=1)
    body = _render(
        "locked",
        what=what,
        guesses=guesses,
        minutes=minutes,
        at=at,
        of_codes=of_codes,
        url=site_address("/"),
    )
    return MailText(f"Permanency tracker: {guesses} wrong {what}, and a lock", body)


def link_text(*, is_invitation: bool) -> MailText:
    hours = settings.INVITATION_HOURS if is_invitation else settings.RESET_HOURS
    body = _render("link", is_invitation=is_invitation, hours=hours, link=LINK_GOES_HERE)
    subject = "your invitation" if is_invitation else "choose a new password"
    return MailText(f"Permanency tracker: {subject}", body)


def _day_text(what: str, template: str, *, on: date, **context: object) -> MailText:
    body = _render(template, on=on, **context)
    return MailText(f"Permanency: {what}, {day_text(on)}", body)


def _render(name: str, **context: object) -> str:
    return render_to_string(f"mail/{name}.txt", context)


def day_text(on: date) -> str:
    """Return a day as people write it, for example 14 May 2026."""
    return f"{on.day} {on:%B %Y}"
