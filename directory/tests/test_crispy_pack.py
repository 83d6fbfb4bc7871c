"""Forms as people meet them: labels, hints, errors that can be found, nothing lost."""

import re
from typing import Any

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import formset_factory
from django.template.loader import render_to_string

from directory.forms.date_field import DateField
from directory.forms.layout import Button, FieldRow, Fieldset, NswForm, NswFormSet, TextArea
from directory.models import District

CHOICES = [("a", "First"), ("b", "Second")]


class VisitForm(NswForm, forms.Form):
    held_on = DateField(label="Day of the visit", help_text="For example 14 5 2026")
    place = forms.CharField(label="Place", help_text="A town is enough.", max_length=40)
    kind = forms.ChoiceField(label="Kind", choices=CHOICES, widget=forms.RadioSelect)
    seen = forms.MultipleChoiceField(
        label="Seen", choices=CHOICES, widget=forms.CheckboxSelectMultiple, required=False
    )
    outcome = forms.ChoiceField(label="Outcome", choices=[("", "Choose one"), *CHOICES])
    notes = forms.CharField(label="Notes", widget=TextArea, required=False)
    reasons = forms.CharField(label="Reasons", required=False)
    urgent = forms.BooleanField(label="Urgent", required=False)
    child = forms.CharField(widget=forms.HiddenInput)

    layout = (Fieldset("The visit", "held_on", FieldRow("place", "kind")), "seen", "outcome")
    buttons = (Button("Save visit"), Button("Save and close", name="close", look="dark-outline"))
    required_here = ("reasons",)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("notes") == "none":
            raise forms.ValidationError("Notes or nothing.")
        return self.cleaned_data


class StepForm(NswForm, forms.Form):
    what = forms.CharField(label="What")


class StepRows(NswFormSet):
    heading = "Steps"
    row_label = "Step"
    remove_label = "Remove this step"


Steps = formset_factory(StepForm, formset=StepRows, extra=1, max_num=3, can_delete=True)
NO_ROWS = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-what": ""}


def drawn(form: Any) -> str:
    return re.sub(r"\s+", " ", render_crispy_form(form, context={"csrf_token": "token"}))


def test_every_field_of_the_form_is_drawn_even_where_the_layout_forgot_it() -> None:
    html = drawn(VisitForm())
    for name in VisitForm.base_fields:
        assert f'name="{name}' in html


def test_label_and_hint_belong_to_their_field() -> None:
    html = drawn(VisitForm())
    assert '<label class="nsw-form__label" for="id_place">Place</label>' in html
    assert 'id="id_place_helptext">A town is enough.<' in html
    assert re.search(r'<input [^>]*name="place"[^>]*aria-describedby="id_place_helptext"', html)
    assert re.search(r'<fieldset [^>]*aria-describedby="id_held_on_helptext">', html)


def test_only_what_may_stay_empty_says_optional() -> None:
    html = drawn(VisitForm())
    optional = re.findall(r'>([\w ]+) <span class="app-optional">\(optional\)', html)
    assert optional == ["Seen", "Notes"]


def test_a_form_without_faults_has_no_error_summary() -> None:
    assert "data-error-summary" not in drawn(VisitForm())


def test_each_fault_is_in_the_summary_and_links_to_the_field() -> None:
    html = drawn(VisitForm({"held_on_day": "31", "held_on_month": "2", "held_on_year": "2026"}))
    summary = html[html.index("data-error-summary") : html.index("</ul>")]
    links = re.findall(r'<a href="#(\w+)">([^<]+)</a>', summary)
    assert links == [
        ("id_held_on_day", "Day of the visit: Enter a real date, such as 14 5 2026."),
        ("id_place", "Place: Fill this in."),
        ("id_kind_0", "Kind: Choose one."),
        ("id_outcome", "Outcome: Choose one."),
    ]
    for target, _ in links:
        assert html.count(f'id="{target}"') == 1


def test_a_hidden_field_at_fault_is_said_without_a_link() -> None:
    html = drawn(VisitForm({}))
    assert "<li>Child: Fill this in.</li>" in html


def test_a_fault_stands_beside_its_field_and_the_field_points_to_it() -> None:
    html = drawn(VisitForm({}))
    assert re.search(r'id="id_place_error">.*?Fill this in\.', html)
    box = re.search(r'<input [^>]*name="place"[^>]*>', html)
    assert box
    assert 'aria-invalid="true"' in box[0]
    assert "id_place_error" in box[0]
    assert 'aria-describedby="id_held_on_helptext id_held_on_error"' in html


def test_a_fault_of_the_whole_form_is_in_the_summary() -> None:
    assert "<li>Notes or nothing.</li>" in drawn(VisitForm({"notes": "none"}))


def test_everything_typed_is_kept() -> None:
    html = drawn(
        VisitForm({"place": "Dubbo", "kind": "b", "seen": ["a"], "notes": "long", "urgent": "on"})
    )
    assert re.search(r'name="place" value="Dubbo"', html)
    assert re.search(r'type="radio" name="kind" value="b"[^>]* checked', html)
    assert not re.search(r'type="radio" name="kind" value="a"[^>]* checked', html)
    assert re.search(r'type="checkbox" name="seen" value="a"[^>]* checked', html)
    assert re.search(r'name="urgent" id="id_urgent" checked', html)
    assert re.search(r"<textarea[^>]*> ?long</textarea>", html)


def test_what_is_typed_is_text_and_never_markup() -> None:
    html = drawn(VisitForm({"place": '"><b>x', "notes": "</textarea><script>"}))
    assert "<b>" not in html
    assert "<script>" not in html


def test_a_legend_is_text_and_never_a_template() -> None:
    class NamedForm(StepForm):
        layout = (Fieldset("{% now 'Y' %} {{ request }}<b>", "what"),)

    assert "{% now &#x27;Y&#x27; %} {{ request }}&lt;b&gt;" in drawn(NamedForm())


def test_a_form_is_sent_with_its_token_by_named_buttons_and_can_be_left() -> None:
    html = drawn(VisitForm(cancel_url="/children/", action_url="/visits/"))
    assert 'method="post"' in html
    assert 'action="/visits/"' in html
    assert 'name="csrfmiddlewaretoken" value="token"' in html
    assert ">Save visit</button>" in html
    assert 'name="close" value="1">Save and close</button>' in html
    assert '<a class="app-cancel" href="/children/">Cancel</a>' in html
    assert "data-warn-unsaved" in html


def test_a_filter_is_sent_by_get_without_a_token() -> None:
    class Filter(NswForm, forms.Form):
        method = "get"
        mark_optional = False
        name = forms.CharField(label="Name", required=False)

    html = render_to_string("_filters.html", {"form": Filter({}), "clear_url": "/children/"})
    assert 'method="get"' in html
    assert 'name="name"' in html
    assert "csrfmiddlewaretoken" not in html
    assert "(optional)" not in html
    assert "csrfmiddlewaretoken" not in drawn(Filter({}))


@pytest.mark.django_db
@pytest.mark.parametrize(("required", "words"), [(True, "Choose one"), (False, "None")])
def test_no_choice_is_said_in_words_and_not_in_dashes(required: bool, words: str) -> None:
    class OfficeForm(NswForm, forms.Form):
        kind = forms.ChoiceField(choices=[*BLANK_CHOICE_DASH, *CHOICES], required=required)
        office = forms.ModelChoiceField(District.objects.none(), required=required)

    html = drawn(OfficeForm())
    assert html.count(f">{words}</option>") == 2
    assert "----" not in html


def test_rows_are_sent_along_with_their_counters_and_legends() -> None:
    html = drawn(StepForm(formsets=(Steps(),), prefix="main"))
    assert 'name="form-TOTAL_FORMS"' in html
    assert "<legend>Step 1</legend>" in html
    assert "Remove this step" in html
    assert "<legend>Step __number__</legend>" in html
    assert 'name="form-__prefix__-what"' in html
    assert html.count("<form ") == 1


def test_rows_at_fault_are_in_the_summary_with_their_number() -> None:
    rows = Steps(
        {
            **NO_ROWS,
            "form-TOTAL_FORMS": "2",
            "form-0-what": "x",
            "form-1-DELETE": "",
            "form-INITIAL_FORMS": "2",
        }
    )
    html = drawn(StepForm({"main-what": "x"}, formsets=(rows,), prefix="main"))
    assert '<a href="#id_form-1-what">Step 2, What: Fill this in.</a>' in html


def test_no_more_rows_are_offered_than_may_be_sent() -> None:
    assert "data-add-row" in drawn(StepForm(formsets=(Steps(initial=[{"what": "a"}]),), prefix="m"))
    full = Steps(initial=[{"what": str(each)} for each in range(3)])
    assert "data-add-row" not in drawn(StepForm(formsets=(full,), prefix="m"))


def test_rows_can_stand_on_their_own() -> None:
    html = drawn(Steps())
    assert "<legend>Step 1</legend>" in html
    assert 'name="csrfmiddlewaretoken"' in html


@pytest.mark.parametrize("tone", ["", "info", "success", "warning", "error"])
def test_a_tag_says_its_state_in_words(tone: str) -> None:
    assert ">11 days late</span>" in render_to_string(
        "_tag.html", {"text": "11 days late", "tone": tone}
    )
