"""Pages for looking at the page frame and the forms in a browser, without any other page."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.forms import formset_factory
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path

from directory.forms.date_field import DateField
from directory.forms.layout import Button, FieldRow, Fieldset, NswForm, NswFormSet, TextArea
from directory.web.request import NAVIGATION

PAGE = Template(
    """{% extends "base.html" %}{% load crispy_forms_tags nsw %}
    {% block title %}New visit{% endblock title %}
    {% block breadcrumbs %}{% breadcrumbs "Children" "children" "New visit" %}{% endblock %}
    {% block heading %}New visit{% endblock heading %}
    {% block content %}
    {% if sent %}<p id="sent">Saved for the {{ sent }} time</p>{% endif %}
    {% crispy form %}
    <h2>Visits</h2>
    <table class="app-table"><caption>Visits so far</caption>
      <thead><tr><th scope="col">Place</th><th scope="col">State</th></tr></thead>
      <tbody><tr><th scope="row">Dubbo</th>
        <td data-label="State">{% include "_tag.html" with text="3 days late" tone="error" %}</td>
      </tr></tbody>
    </table>
    {% include "_why.html" with sentences=sentences %}
    {% include "_empty.html" with text="No visits are late." next="Look at the next month." %}
    {% endblock content %}"""
)


class VisitForm(NswForm, forms.Form):
    held_on = DateField(label="Day of the visit")
    place = forms.CharField(label="Place", help_text="A town is enough.")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "First")], widget=forms.RadioSelect)
    notes = forms.CharField(label="Notes", widget=TextArea, required=False)
    layout = (Fieldset("The visit", "held_on", FieldRow("place", "kind")), "notes")
    buttons = (Button("Save visit"),)


class StepForm(NswForm, forms.Form):
    what = forms.CharField(label="What", required=False)


class StepRows(NswFormSet):
    heading = "Steps"
    row_label = "Step"


Steps = formset_factory(StepForm, formset=StepRows, extra=1, max_num=3)
saved: list[str] = []


@login_not_required
def visit(request: HttpRequest, **_: Any) -> HttpResponse:
    """Show the form, or say how often it was saved since the start of the test."""
    rows = Steps(request.POST or None)
    form = VisitForm(request.POST or None, formsets=(rows,), cancel_url="/")
    fine = form.is_bound and form.is_valid() and rows.is_valid()
    if fine:
        saved.append(form.cleaned_data["place"])
    sentences = ["A visit is due every month."]
    context = {
        "form": form,
        "sent": len(saved) if fine else 0,
        "sentences": sentences,
    }
    status = 422 if form.is_bound and not fine else 200
    return HttpResponse(PAGE.render(RequestContext(request, context)), status=status)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    """Fail, so that the page about our own faults can be looked at."""
    raise ZeroDivisionError


urlpatterns = [
    path("broken/", broken),
    path("", visit),
    path("accounts/login/", visit, name="sign-in"),
    path("accounts/logout/", visit, name="sign-out"),
    path("accounts/stay/", visit, name="stay-signed-in"),
    path("typed/keep/", visit, name="keep-typed"),
    path("typed/discard/", visit, name="discard-typed"),
    path("account/", visit, name="your-account"),
    path("health/", visit, name="health"),
    path("children/find/", visit, name="find-child"),
    *(path(f"{name}/", visit, name=name) for _, name, _ in NAVIGATION),
]
