"""Who may see a child's record: restricting it, naming people, and the list of who leads."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from directory.errors import refuse
from directory.forms.layout import NswForm
from directory.history import access_log
from directory.roles import LEADS_THE_COORDINATORS
from directory.web.request import CaseworkRequest, needs_fresh_proof, only, post_data
from permanency.access import services as restrictions
from permanency.access.forms import (
    LiftForm,
    NameFromListForm,
    NamePersonForm,
    RemoveNamedPersonForm,
    RestrictForm,
    roles_in,
)
from permanency.http import child_form_page, child_to_read, child_to_write, may_write_about
from permanency.models import Child


def _page(
    request: CaseworkRequest, child: Child, form: NswForm, title: str, lead: str
) -> HttpResponse:
    parent = ("Who may see this record", _access_address(child))
    return child_form_page(request, child, form, title, lead, parent)


def _restricted_child(request: CaseworkRequest, pk: int) -> Child:
    child = child_to_write(request, pk)
    refuse("" if child.is_restricted else restrictions.NOT_RESTRICTED)
    return child


def _access_address(child: Child) -> str:
    return reverse("child-access", args=[child.pk])


@require_safe
def child_access(request: CaseworkRequest, pk: int) -> HttpResponse:
    child, on = child_to_read(request, pk), request.today
    people = restrictions.named_people(child, on=on) if child.is_restricted else []
    covered = () if child.is_restricted else restrictions.people_in_reach(child, on=on)
    roles = roles_in(child.district, on=on)
    context = {
        "child": child,
        "tab": "access",
        "people": [(each, roles.get(each.naming.person_id, "")) for each in people],
        "covered": [(person, roles.get(person.pk, "")) for person in covered],
        "missing": restrictions.approver_warning(people) if child.is_restricted else "",
        "may_write": may_write_about(request, child),
    }
    return render(request, "permanency/access.html", context)


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def restrict_child(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = child_to_write(request, pk)
    form = RestrictForm(post_data(request), cancel_url=_access_address(child))
    if not (request.method == "POST" and form.is_valid()):
        lead = (
            "From then on only named people see that this child is here, in lists and numbers as "
            "well. You are the first one named, and can name others whose appointment covers the "
            "child."
        )
        return _page(request, child, form, "Restrict this record", lead)
    restrictions.restrict(child, by=request.user, on=request.today, **form.cleaned_data)
    messages.success(request, "The record is restricted. Name the others who need to see it.")
    return redirect("child-access", child.pk)


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def name_person(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = _restricted_child(request, pk)
    form = NamePersonForm(
        post_data(request), child=child, on=request.today, cancel_url=_access_address(child)
    )
    if not (request.method == "POST" and form.is_valid()):
        lead = "Being named opens this record only as far as the person's own appointment goes."
        return _page(request, child, form, "Name a person", lead)
    restrictions.name_person(child, by=request.user, on=request.today, **form.cleaned_data)
    messages.success(request, f"{form.cleaned_data['person']} may see this record now.")
    return redirect("child-access", child.pk)


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def take_off_person(request: CaseworkRequest, pk: int, naming: int) -> HttpResponse:
    child = _restricted_child(request, pk)
    namings = child.named_people.in_force(on=request.today).select_related("person")
    found = get_object_or_404(namings, pk=naming)
    found.child = child
    form = RemoveNamedPersonForm(post_data(request), cancel_url=_access_address(child))
    if not (request.method == "POST" and form.is_valid()):
        lead = f"{found.person} no longer sees this record from the moment you save."
        return _page(request, child, form, f"Take {found.person} off", lead)
    restrictions.remove_named_person(found, by=request.user, on=request.today, **form.cleaned_data)
    messages.success(request, f"{found.person} is no longer named.")
    if found.person_id == request.user.pk:
        return redirect("children")
    return redirect("child-access", child.pk)


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def lift_restriction(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = _restricted_child(request, pk)
    form = LiftForm(post_data(request), cancel_url=_access_address(child))
    if not (request.method == "POST" and form.is_valid()):
        lead = "Everybody whose appointment covers the child sees the record again."
        return _page(request, child, form, "Lift the restriction", lead)
    restrictions.lift_restriction(child, by=request.user, on=request.today, **form.cleaned_data)
    messages.success(request, "The restriction is lifted.")
    return redirect("child-access", child.pk)


@require_safe
@only(LEADS_THE_COORDINATORS)
def restricted_children(request: CaseworkRequest) -> HttpResponse:
    rows = restrictions.restricted_children(on=request.today)
    access_log.add_list_read(request, (row.pk for row in rows))
    return render(request, "permanency/restricted_children.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@only(LEADS_THE_COORDINATORS)
@needs_fresh_proof()
def name_from_list(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = restrictions.restricted_child(pk)
    if child is None:
        raise Http404
    access_log.add_list_read(request, [child.pk])
    cancel_url = reverse("restricted-children")
    form = NameFromListForm(
        post_data(request), child=child, on=request.today, cancel_url=cancel_url
    )
    if not (request.method == "POST" and form.is_valid()):
        context = {"reference": child.reference, "district": child.district, "form": form}
        status = 422 if request.method == "POST" else 200
        return render(request, "permanency/name_from_list.html", context, status=status)
    restrictions.name_from_list(child, by=request.user, on=request.today, **form.cleaned_data)
    messages.success(request, f"{form.cleaned_data['person']} is named on {child.reference}.")
    return redirect("restricted-children")
