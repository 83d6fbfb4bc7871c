"""What templates ask for to draw forms, tags and charts in the NSW Design System."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from crispy_forms.helper import FormHelper
from django import forms, template
from django.core.paginator import Page
from django.forms import BoundField
from django.template import Context
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from directory.forms import drafts
from directory.forms.date_field import DateParts
from directory.forms.drafts import form_address
from directory.forms.lists import FilterTag, filter_tags
from directory.models import User
from directory.models.web import LONGEST_FORM

register = template.Library()

ALERT_TONES = {"debug": "info", "info": "info", "success": "success", "warning": "warning"}
ICONS = {"info": "info", "success": "check_circle", "warning": "warning", "error": "error"}


@register.filter(expects_localtime=True)
def time_of_day(at: datetime) -> str:
    """Return the time of a moment as pages write it: "6:17 am"."""
    return date_format(at, "g:i A").replace("AM", "am").replace("PM", "pm")


@register.filter(expects_localtime=True)
def moment(at: datetime) -> str:
    return f"{date_format(at, 'j F Y')}, {time_of_day(at)}"


@register.filter
def field_shape(field: BoundField) -> str:
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    return "date" if isinstance(widget, forms.MultiWidget) else "box"


@register.filter
def input_html(field: BoundField) -> SafeString:
    widget = field.field.widget
    look = "nsw-form__select" if isinstance(widget, forms.Select) else "nsw-form__input"
    return field.as_widget(attrs={"class": f"{look} {widget.attrs.get('class', '')}".strip()})


@register.filter
def short_input(field: BoundField) -> SafeString:
    return field.as_widget(attrs={"class": "app-in"})


@register.filter
def is_optional(field: BoundField) -> bool:
    if field.field.required or field_shape(field) in {"checkbox", "hidden"}:
        return False
    form = field.form
    return getattr(form, "mark_optional", True) and field.name not in getattr(
        form, "required_here", ()
    )


@register.filter
def first_input_id(field: BoundField) -> str:
    shape = field_shape(field)
    if shape in {"radios", "checkboxes"}:
        return f"{field.auto_id}_0"
    typed = DateParts.of(field.value()) if shape == "date" else DateParts("", "", "")
    if any(typed) and typed.missing:
        return f"{field.auto_id}_{typed.missing[0]}"
    return field.id_for_label


@register.filter
def described_by(field: BoundField) -> str:
    ids = []
    if field.help_text:
        ids.append(f"{field.auto_id}_helptext")
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    return " ".join(ids)


class FormError(NamedTuple):
    """One line of the error summary; `link` is the id of what to put right, or empty."""

    link: str
    label: str
    text: str


@register.filter
def form_errors(form: Any) -> list[FormError]:
    return list(_all_errors(form))


def _all_errors(form: Any) -> Iterator[FormError]:
    if isinstance(form, forms.BaseFormSet):
        yield from (FormError("", "", str(text)) for text in form.non_form_errors())
        for number, row in enumerate(form.forms, start=1):
            yield from _single_form_errors(row, f"{getattr(form, 'row_label', 'Row')} {number}, ")
        return
    yield from _single_form_errors(form, "")
    for formset in getattr(form, "formsets", ()):
        if formset.is_bound:
            yield from _all_errors(formset)


def _single_form_errors(form: forms.BaseForm, place: str) -> Iterator[FormError]:
    yield from (
        FormError("", place.removesuffix(", "), str(text)) for text in form.non_field_errors()
    )
    for field in getattr(form, "in_order", form):
        for text in field.errors:
            link = "" if field.is_hidden else first_input_id(field)
            yield FormError(link, f"{place}{field.label}", str(text))


@register.simple_tag(takes_context=True)
def form_fields(context: Context, form: Any) -> str:
    helper = getattr(form, "helper", None) or FormHelper(form)
    inner = Context({str(key): value for key, value in context.flatten().items()})
    html: str = helper.render_layout(form, inner)
    return html


@register.simple_tag(takes_context=True)
def submission_token_field(context: Context, form: Any) -> str:
    """Return the hidden field by which what is typed into the form is kept, if it is."""
    request = context.get("request")
    person = getattr(request, "user", None)
    if request is None or not isinstance(person, User) or not getattr(form, "keeps_draft", False):
        return ""
    address = form_address(form, request)
    if len(address) > LONGEST_FORM:
        return ""
    field = '<input type="hidden" name="{}" value="{}">'
    return format_html(field, drafts.FIELD_NAME, drafts.new_token(person.pk, address))


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | None]:
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in numbers]


@register.inclusion_tag("_breadcrumbs.html")
def breadcrumbs(*parts: Any) -> dict[str, Any]:
    """Return the way back: pairs of label and path or URL name, then where we are."""
    *pairs, here = ["My work", "/", *parts]
    steps = zip(pairs[::2], map(str, pairs[1::2]), strict=True)
    links = [(label, to if to.startswith("/") else reverse(to)) for label, to in steps]
    return {"links": links, "here": here}


@register.filter
def tone(level: str) -> str:
    return ALERT_TONES.get(level, "error")


@register.filter
def icon(tone: str) -> str:
    return ICONS.get(tone, "info")


@register.simple_tag(takes_context=True)
def sort_head(context: Context, name: str, label: str) -> SafeString:
    """Return the heading of a column, a link where the list can be in order by it."""
    sorting = context.get("sorting")
    if sorting is None or name not in sorting.labels:
        return format_html('<th scope="col">{}</th>', label)
    state = sorting.state(name)
    is_sorted = format_html(' aria-sort="{}"', state) if state else ""
    head = '<th scope="col"{}><a class="app-sort" href="{}">{}</a></th>'
    return format_html(head, is_sorted, sorting.link(name), label)


@register.filter
def in_use(form: Any) -> list[FilterTag]:
    return filter_tags(form)
