"""The outbox: every mail, where it is, and what stands in the way of the others."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime
from queue import Empty, Queue
from threading import Thread
from typing import Any, NamedTuple

import redis
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from directory import clock
from directory.database import startup_check
from directory.database.startup_check import UnfitDatabaseError
from directory.forms.layout import ListFilterForm
from directory.mail import hold as mail_hold
from directory.mail import leases, status
from directory.models import Inbox, Mail, MailSwitch
from directory.models.mail import STUCK, MailQuerySet
from directory.places.services import districts_without_inbox
from directory.roles import EDITS_DIRECTORY, READS_CASES, READS_OUTBOX
from directory.web.pagination import KeysetPage, Part
from directory.web.request import CaseworkRequest, needs_fresh_proof, only


class OutboxFilterForm(ListFilterForm):
    state = forms.ChoiceField(
        label="State", choices=[("", "Any"), *Mail.State.choices], required=False
    )
    inbox = forms.ModelChoiceField(
        queryset=Inbox.objects.none(), label="Inbox", required=False, empty_label="Any"
    )

    def __init__(self, *args: Any, mails: MailQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mails = mails
        inboxes = Inbox.objects.filter(pk__in=mails.order_by().values("inbox"))
        self.fields["inbox"].queryset = inboxes  # type: ignore[attr-defined]  # it is a choice of rows

    def filtered_mails(self) -> MailQuerySet:
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return self.mails.filter(**chosen)


MOST_STUCK = 10


class MailAlert(NamedTuple):
    tone: str
    title: str
    text: str


@require_safe
@only(READS_OUTBOX)
def outbox(request: CaseworkRequest) -> HttpResponse:
    mails = _mails(request)
    form = OutboxFilterForm(request.GET, mails=mails)
    listed = form.filtered_mails()
    page = KeysetPage([Part(listed, by="on", descending=True)], request.GET, counted=listed)
    switch = MailSwitch.objects.filter(is_held=True).first()
    stuck = mails.filter(state__in=STUCK)
    counted = stuck.order_by("state").values_list("state").annotate(Count("pk"))
    reach = request.user.reach(READS_OUTBOX, on=request.today)
    context = {
        "form": form,
        "page": page,
        "mail_alerts": _mail_alerts(switch),
        "is_held": switch is not None,
        "stuck": stuck[:MOST_STUCK],
        "stuck_by_state": [(state, Mail.State(state).label, count) for state, count in counted],
        "gaps": [each for each in districts_without_inbox(on=request.today) if each in reach],
        "may_edit": request.user.holds(EDITS_DIRECTORY, on=request.today),
    }
    return render(request, "directory/outbox.html", context)


@require_safe
@only(READS_OUTBOX)
def mail(request: CaseworkRequest, pk: int) -> HttpResponse:
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
    found = get_object_or_404(_mails(request), pk=pk)
    mail_hold.requeue(found, by=request.user, on=request.today)
    messages.success(request, "The mail is owed again. It is tried within a few minutes.")
    return redirect("mail", pk)


@require_POST
@only(EDITS_DIRECTORY)
@needs_fresh_proof(back="outbox")
def release_mail(request: CaseworkRequest) -> HttpResponse:
    mail_hold.release_mail(by=request.user, on=request.today)
    messages.success(request, "Mail is released. What is owed leaves within a few minutes.")
    return redirect("outbox")


def _mails(request: CaseworkRequest) -> MailQuerySet:
    mails = Mail.objects.visible_to(request.user, on=request.today)
    return mails.select_related("inbox", "person")


def _mail_alerts(switch: MailSwitch | None) -> list[MailAlert]:
    if not settings.MAIL_LIVE:
        said = [MailAlert("info", "Mail is kept here", "Nothing leaves; read the mails below.")]
    elif switch is not None:
        said = []
    else:
        said = [MailAlert("success", "Mail is live", "Mails go to the inboxes as they fall due.")]
    if switch is not None:
        reason = f"{switch.reason.rstrip('.')}. " if switch.reason else ""
        text = f"{reason}What is live stays owed until it is released."
        said.append(MailAlert("warning", "Mail is held back", text))
    waiting = leases.waiting_after_failures().first() if settings.MAIL_LIVE else None
    if waiting is not None:
        text = f"{waiting.trouble} Mails stay owed, and one is tried after a wait."
        said.append(MailAlert("error", "The mail server is left alone for a while", text))
    return said


CHECK_SECONDS = 1.5
REDIS_SECONDS = 1
DATABASE_PARTS = ("database", "role", "worker", "tick", "mail", "mail_server")

Parts = dict[str, dict[str, Any]]

logger = logging.getLogger(__name__)
UNFIT = "The database, or the role on it, is not fit for real cases: the log says why."


@require_safe
@never_cache
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    now = clock.now()
    asked = [
        (_start_check(lambda: _database_parts(now)), DATABASE_PARTS),
        (_start_check(_broker_part), ("broker",)),
    ]
    parts: Parts = {}
    for answer, names in asked:
        try:
            found = answer.get(timeout=CHECK_SECONDS)
        except Empty:
            found = TimeoutError()
        if isinstance(found, Exception):
            reason = UNFIT if isinstance(found, UnfitDatabaseError) else type(found).__name__
            found = {name: {"ok": False, "reason": reason} for name in names}
        parts |= found
    is_well = all(part["ok"] for part in parts.values())
    return JsonResponse({"ok": is_well, **parts}, status=200 if is_well else 503)


def _start_check(check: Callable[[], Parts]) -> Queue[Parts | Exception]:
    answer: Queue[Parts | Exception] = Queue()

    def run() -> None:
        try:
            answer.put(check())
        except Exception as fault:
            answer.put(fault)
        finally:
            connection.close()

    Thread(target=run, daemon=True).start()
    return answer


def _database_parts(now: datetime) -> Parts:
    known = status.delivery_facts(at=now)
    measured = {
        "worker": {"age_seconds": _seconds(known.heard_at, now)},
        "tick": {"age_seconds": _seconds(known.ticked_at, now)},
        "mail": {"oldest_owed_seconds": _seconds(known.mail_since, now)},
        "mail_server": {},
    }
    wrong = status.troubles(known, at=now)
    told = {
        name: {"ok": name not in wrong, "reason": wrong.get(name, ""), **measures}
        for name, measures in measured.items()
    }
    unfit = [] if settings.DEMO else startup_check.faults(connection)
    if unfit:
        logger.error("The database is not fit for real cases. %s", " ".join(unfit))
    role = {"ok": not unfit, "reason": UNFIT if unfit else ""}
    return {"database": {"ok": True}, "role": role, **told}


def _seconds(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else round((now - at).total_seconds())


def _broker_part() -> Parts:
    if not settings.REDIS_URL:
        return {"broker": {"ok": os.access(settings.BROKER_FOLDER / "queue", os.W_OK)}}
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    ) as queue:
        queue.ping()
    return {"broker": {"ok": True}}
