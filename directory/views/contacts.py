"""The contacts page: inboxes, coordinators, whom to contact about what, and disagreement."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from directory import contact_list
from directory.forms.contacts import GuideFilterForm
from directory.guide import DISAGREEMENT, DISAGREEMENT_RULES, matters
from directory.http import CaseworkRequest


@require_safe
def contacts(request: CaseworkRequest) -> HttpResponse:
    """Show everybody who is signed in where to turn."""
    form = GuideFilterForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    context = {
        "form": form,
        "matters": matters(**chosen),
        "inboxes": contact_list.listed_inboxes(on=request.today),
        "gaps": contact_list.without_inbox(on=request.today),
        "teams": contact_list.teams(on=request.today),
        "disagreement": DISAGREEMENT,
        "disagreement_rules": DISAGREEMENT_RULES,
    }
    return render(request, "directory/contacts.html", context)
