"""The outbox: every mail, where it is, and what stands in the way of the others."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from directory import contact_list
from directory.forms.outbox import OutboxFilterForm
from directory.http import CaseworkRequest, only
from directory.models import District, Mail, MailSwitch
from directory.roles import EDITS_DIRECTORY, READS_CASES, READS_OUTBOX
from directory.views.pages import PAGE_ROWS

MOST_STUCK = 10
STUCK = (Mail.State.PARKED, Mail.State.UNDELIVERABLE)


@require_safe
@only(READS_OUTBOX)
def outbox(request: CaseworkRequest) -> HttpResponse:
    """Show the mails of the reader's inboxes, what is stuck, and the districts without an inbox."""
    mails = Mail.objects.visible_to(request.user, on=request.today).select_related(
        "inbox", "person"
    )
    form = OutboxFilterForm(request.GET, mails=mails)
    page = Paginator(form.narrowed(), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "mode": _mode(),
        "stuck": mails.filter(state__in=STUCK)[:MOST_STUCK],
        "gaps": _gaps(request),
        "may_edit": request.user.holds(EDITS_DIRECTORY, on=request.today),
    }
    return render(request, "directory/outbox.html", context)


@require_safe
@only(READS_OUTBOX)
def mail(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show one mail as it was written, to whoever may read its inbox."""
    mails = Mail.objects.visible_to(request.user, on=request.today).select_related(
        "inbox", "person"
    )
    found = get_object_or_404(mails, pk=pk)
    context = {
        "mail": found,
        "may_open": request.user.holds(READS_CASES, on=request.today),
    }
    return render(request, "directory/mail.html", context)


def _gaps(request: CaseworkRequest) -> list[District]:
    reach = request.user.reach(READS_OUTBOX, on=request.today)
    return [each for each in contact_list.without_inbox(on=request.today) if each in reach]


def _mode() -> tuple[str, str, str]:
    """Return how mail leaves now: a tone, a title and a sentence."""
    switch = MailSwitch.objects.filter(is_held=True).first()
    if not settings.MAIL_LIVE:
        return ("info", "Mail is kept here", "Nothing leaves this machine; read the mails below.")
    if switch is not None:
        reason = f"{switch.reason}. " if switch.reason else ""
        return ("warning", "Mail is held back", f"{reason}It stays owed until it is released.")
    return ("success", "Mail is live", "Mails go to the inboxes as they fall due.")
