"""The outbox: every mail, where it is, and what stands in the way of the others."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from directory import breaker, contact_list
from directory.forms.outbox import OutboxFilterForm
from directory.http import CaseworkRequest, only
from directory.keyset import KeysetPage, Part
from directory.models import District, Mail, MailSwitch
from directory.models.outbox import STUCK, MailQuerySet
from directory.proof import needs_fresh_proof
from directory.roles import EDITS_DIRECTORY, READS_CASES, READS_OUTBOX
from directory.services import mail_switch, retrying

MOST_STUCK = 10


class Notice(NamedTuple):
    """What the page says about all mail: a tone, a title and a sentence."""

    tone: str
    title: str
    text: str


@require_safe
@only(READS_OUTBOX)
def outbox(request: CaseworkRequest) -> HttpResponse:
    """Show the mails of the reader's inboxes, what is stuck, and the districts without an inbox."""
    mails = _mails(request)
    form = OutboxFilterForm(request.GET, mails=mails)
    listed = form.narrowed()
    page = KeysetPage([Part(listed, by="on", falling=True)], request.GET, counted=listed)
    switch = MailSwitch.objects.filter(is_held=True).first()
    stuck = mails.filter(state__in=STUCK)
    context = {
        "form": form,
        "page": page,
        "about_all": _about_all(switch),
        "is_held": switch is not None,
        "stuck": stuck[:MOST_STUCK],
        "stuck_by_state": _by_state(stuck),
        "gaps": _gaps(request),
        "may_edit": request.user.holds(EDITS_DIRECTORY, on=request.today),
    }
    return render(request, "directory/outbox.html", context)


@require_safe
@only(READS_OUTBOX)
def mail(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show one mail as it was written, to whoever may read its inbox."""
    found = get_object_or_404(_mails(request), pk=pk)
    context = {
        "mail": found,
        "may_open": request.user.holds(READS_CASES, on=request.today),
        "may_edit": request.user.holds(EDITS_DIRECTORY, on=request.today),
    }
    return render(request, "directory/mail.html", context)


@require_POST
@only(EDITS_DIRECTORY)
def retry_mail(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Owe a parked or undeliverable mail again."""
    found = get_object_or_404(_mails(request), pk=pk)
    retrying.try_again(found, by=request.user, on=request.today)
    messages.success(request, "The mail is owed again. It is tried within a few minutes.")
    return redirect("mail", pk)


@require_POST
@only(EDITS_DIRECTORY)
@needs_fresh_proof(back="outbox")
def release_mail(request: CaseworkRequest) -> HttpResponse:
    """Let the mails leave that the switch holds back."""
    mail_switch.release_mail(by=request.user, on=request.today)
    messages.success(request, "Mail is released. What is owed leaves within a few minutes.")
    return redirect("outbox")


def _mails(request: CaseworkRequest) -> MailQuerySet:
    mails = Mail.objects.visible_to(request.user, on=request.today)
    return mails.select_related("inbox", "person")


def _by_state(stuck: MailQuerySet) -> list[tuple[str, str, int]]:
    """Return each state in which mails are stuck, its name, and how many are."""
    counted = stuck.order_by("state").values_list("state").annotate(Count("pk"))
    return [(state, Mail.State(state).label, count) for state, count in counted]


def _gaps(request: CaseworkRequest) -> list[District]:
    reach = request.user.reach(READS_OUTBOX, on=request.today)
    return [each for each in contact_list.without_inbox(on=request.today) if each in reach]


def _about_all(switch: MailSwitch | None) -> list[Notice]:
    """Return how mail leaves now, and what keeps all of it from leaving."""
    if not settings.MAIL_LIVE:
        said = [Notice("info", "Mail is kept here", "Nothing leaves; read the mails below.")]
    elif switch is not None:
        said = []
    else:
        said = [Notice("success", "Mail is live", "Mails go to the inboxes as they fall due.")]
    if switch is not None:
        reason = f"{switch.reason.rstrip('.')}. " if switch.reason else ""
        text = f"{reason}What is live stays owed until it is released."
        said.append(Notice("warning", "Mail is held back", text))
    opened = breaker.opened() if settings.MAIL_LIVE else None
    if opened is not None:
        text = f"{opened.trouble} Mails stay owed, and one is tried after a wait."
        said.append(Notice("error", "The mail server is left alone for a while", text))
    return said
