"""The words of mails. A mail says a case reference, a kind, a date with its reason, and a link.

Never a name, a birth date or free text: what comes in holds none, and nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
class Text:
    """What a mail says."""

    subject: str
    body: str


@dataclass(frozen=True)
class Line:
    """One matter in a mail; `district` is empty where the inbox serves only one.

    `why` is one sentence that says where the date comes from, or "".
    """

    kind: str
    reference: str
    about_on: date | None
    district: str
    path: str
    why: str = ""

    @property
    def words(self) -> str:
        """Return the case reference and the district, as far as there are any."""
        return ", ".join(filter(None, (self.reference, self.district)))

    @property
    def url(self) -> str:
        """Return the address of the page that says more, to those who may read it."""
        return site_address(self.path)


@dataclass(frozen=True)
class Group:
    """The matters of one kind: those that are shown, and how many there are."""

    label: str
    total: int
    lines: Sequence[Line]


def digest(lines: Iterable[Line], totals: Mapping[str, int], *, on: date) -> Text:
    """Return the mail of one morning: the lines, ordered by kind, and a link to the rest."""
    shown = list(lines)
    groups = [
        Group(Notice.Kind(kind).label, totals[kind], list(of_kind))
        for kind, of_kind in groupby(shown, key=lambda line: line.kind)
    ]
    total = sum(totals.values())
    body = _render(
        "digest",
        groups=groups,
        total=total,
        on=on,
        rest=total - len(shown),
        more_url=site_address("/"),
    )
    noun = "matter" if total == 1 else "matters"
    return Text(f"Permanency: {total} {noun}, {day(on)}", body)


def nothing_due(*, on: date) -> Text:
    """Return the mail that says that there is nothing to say."""
    body = _render("nothing_due", on=on, more_url=site_address("/"))
    return Text(f"Permanency: nothing due, {day(on)}", body)


def one_matter(line: Line, *, on: date) -> Text:
    """Return the mail about one matter that does not wait for the morning."""
    label = Notice.Kind(line.kind).label
    return Text(
        f"{label}: {line.reference}, {day(on)}", _render("one_matter", line=line, label=label)
    )


def undeliverable(inbox: str, path: str, *, on: date) -> Text:
    """Return the mail to the fallback inbox about one that its own inbox could not be given."""
    body = _render("undeliverable", inbox=inbox, url=site_address(path), on=on)
    return Text(f"Permanency: a mail could not be delivered, {day(on)}", body)


def heads(kept: Sequence[tuple[HistoryHeadOfDay, str]], *, on: date) -> Text:
    """Return the mail with the heads of a day, each with the name of its district or ""."""
    return Text(f"Permanency: heads of the history, {day(on)}", _render("heads", heads=kept, on=on))


def emergency(path: str, *, on: date, days: int) -> Text:
    """Return the mail to the fallback inbox that an administrator was let in without one."""
    body = _render("emergency", url=site_address(path), on=on, days=days)
    return Text(f"Permanency: an administrator was let in by the emergency way, {day(on)}", body)


def redacted(place: str, *, decided_by: str, done_by: str, on: date) -> Text:
    """Return the mail to the fallback inbox that an entry of the history was redacted."""
    body = _render("redacted", place=place, decided_by=decided_by, done_by=done_by, on=on)
    return Text(f"Permanency: an entry of the history was redacted, {day(on)}", body)


def changed(what: str) -> Text:
    """Return the mail that tells a person what changed about how they sign in."""
    body = _render("changed", what=what, url=site_address("/"))
    return Text(f"Permanency tracker: {what}", body)


def link_to_choose(*, is_invitation: bool) -> Text:
    """Return the mail that will carry a link for choosing a password."""
    hours = settings.INVITATION_HOURS if is_invitation else settings.RESET_HOURS
    body = _render("link", is_invitation=is_invitation, hours=hours, link=LINK_GOES_HERE)
    subject = "your invitation" if is_invitation else "choose a new password"
    return Text(f"Permanency tracker: {subject}", body)


def _render(name: str, **context: object) -> str:
    return render_to_string(f"mail/{name}.txt", context)


def day(on: date) -> str:
    """Return a day as people write it, for example 14 May 2026."""
    return f"{on.day} {on:%B %Y}"
