"""The approvals queue."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consultations.services.queue import waiting, waiting_for
from directory import read_log
from directory.http import CaseworkRequest, only
from directory.keyset import KeysetPage, Part
from directory.roles import DECIDES, READS_QUEUE
from permanency.models import RuleVersion


@require_safe
@only(READS_QUEUE)
def approvals(request: CaseworkRequest) -> HttpResponse:
    """Show the endorsed changes that wait for a decision, the oldest first."""
    user, on = request.user, request.today
    changes = waiting_for(user, on=on)
    page = KeysetPage([Part(changes, by="status_since_on")], request.GET, counted=changes)
    rules = RuleVersion.objects.in_force(on=on)
    read_log.note_list(request, (change.child_id for change in page))
    context = {
        "page": page,
        "rows": [waiting(change, user, on=on, rules=rules) for change in page],
        "target": rules.targets_working_days["approval"],
        "may_decide": user.holds(DECIDES, on=on),
    }
    return render(request, "consultations/approvals.html", context)
