"""How our forms are laid out: `NswForm`, `NswFormSet`, and the pieces of a layout.

class ReviewForm(NswForm, forms.Form):
    layout = (Fieldset("The review", "held_on", Row("place", "format")), "notes")
    buttons = (Button("Save review"),)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout, LayoutObject
from crispy_forms.utils import render_field
from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.template import Context
from django.template.loader import render_to_string
from django.utils.dateformat import format as format_date

from directory.forms.drafts import FormBase, restore_draft

if TYPE_CHECKING:
    FormSetBase = forms.BaseFormSet[forms.BaseForm]
else:
    FormSetBase = forms.BaseFormSet

CHOOSE = "Choose one."
FILL_IN = "Fill this in."
TICK = "Tick this box to go on."
# What is pasted is not cut without a word, but told to be too long; longer than this, that is.
LONGEST_CUT = 10
DASHES = BLANK_CHOICE_DASH[0][1]


class TextArea(forms.Textarea):  # noqa: TID251  # the one that all others are
    """A box for a long text, whose line breaks are one character each, as the browser counts."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


@dataclass(frozen=True)
class Button:
    """A button that sends the form. `look` is dark, dark-outline or danger."""

    label: str
    name: str = ""
    value: str = "1"
    look: str = "dark"


class Fieldset(LayoutObject):  # type: ignore[misc]  # crispy-forms publishes no types
    """Fields that belong together, under a legend; the legend is text, never a template."""

    template = "%s/layout/fieldset.html"

    def __init__(self, legend: str, *fields: Any, hint: str = "") -> None:
        self.legend = legend
        self.hint = hint
        self.fields = list(fields)

    def render(self, form: Any, context: Context, template_pack: str = "nsw", **kwargs: Any) -> str:
        shown = self.get_rendered_fields(form, context, template_pack, **kwargs)
        values = {"legend": self.legend, "hint": self.hint, "fields": shown}
        return render_to_string(self.get_template_name(template_pack), values)


class FieldRow(Div):  # type: ignore[misc]  # crispy-forms publishes no types
    css_class = "app-form-row"


class RadiosWithFields(LayoutObject):  # type: ignore[misc]  # crispy-forms publishes no types
    """Radios, each of which opens only the fields that it needs; `hints` say what it leads to.

    A browser that knows no `:has()` shows the fields of all.
    """

    template = "%s/layout/radios_with_fields.html"

    def __init__(
        self, name: str, opens: Mapping[str, Sequence[str]], hints: Mapping[str, str]
    ) -> None:
        self.name, self.opens, self.hints = name, opens, hints
        self.fields = [name, *(each for names in opens.values() for each in names)]

    def render(self, form: Any, context: Context, template_pack: str = "nsw", **kwargs: Any) -> str:
        form.rendered_fields.add(self.name)
        options = []
        for option in form[self.name]:
            value = str(option.data["value"])
            shown = [
                render_field(name, form, context, template_pack=template_pack)
                for name in self.opens[value]
            ]
            options.append((option, self.hints.get(value, ""), shown))
        values = {"field": form[self.name], "options": options}
        return render_to_string(self.get_template_name(template_pack), values)


class FieldsIf(LayoutObject):  # type: ignore[misc]  # crispy-forms publishes no types
    """Fields that are asked for only where the form's attribute of this name holds."""

    def __init__(self, attribute: str, *fields: str) -> None:
        self.attribute, self.fields = attribute, list(fields)

    def render(self, form: Any, context: Context, template_pack: str = "nsw", **kwargs: Any) -> str:
        shown: str = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return shown if getattr(form, self.attribute) else ""


@dataclass(frozen=True)
class Answer:
    """What was answered in a field, in words: a row of the page that shows it before saving."""

    field: forms.BoundField
    words: str

    @property
    def label(self) -> str:
        return str(self.field.label)


class _Helper(FormHelper):  # type: ignore[misc]  # crispy-forms publishes no types
    def render_layout(self, form: Any, context: Context, template_pack: str = "nsw") -> str:
        request = context.get("request")
        if request is not None and form.keeps_draft:
            restore_draft(form, request)
        html: str = super().render_layout(form, context, template_pack=template_pack)
        return html


class NswForm(FormBase):
    """Lays a form out the same way everywhere; put it before `forms.Form` or `forms.ModelForm`.

    `layout` names the fields in order, or else all are shown. `required_here` names fields that
    the form itself asks for in certain cases, so that they are not marked optional. What is typed
    into a form that is sent by POST is kept until it is saved (docs/typed-text.md), unless
    `may_keep_draft` is off or the form asks for a password or a code.
    """

    layout: Sequence[Any] = ()
    buttons: Sequence[Button] = (Button("Save"),)
    method = "post"
    mark_optional = True
    warn_unsaved = True
    may_keep_draft = True
    required_here: Sequence[str] = ()
    # Hidden fields that are restored with the words: which row, and in which version, they are of.
    hidden_with_words: Sequence[str] = ()
    draft_saved_at: datetime | None = None
    draft_is_about_before = False
    other_edits: Sequence[Any] | None = None
    saved_differences: Sequence[tuple[str, str]] | None = None

    def __init__(
        self,
        *args: Any,
        cancel_url: str = "",
        action_url: str = "",
        formsets: Sequence[forms.BaseFormSet[Any] | forms.BaseForm] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.cancel_url = cancel_url
        self.action_url = action_url
        self.formsets = tuple(formsets)
        for field in self.fields.values():
            _set_required_message(field)
            _label_empty_choice(field)
            tell_length(field)
            if isinstance(field.widget, TextArea) and field.widget.attrs.get("rows") == "10":
                field.widget.attrs["rows"] = "5"

    def add_errors(self, errors: Mapping[str, str]) -> None:
        """Add a sentence to each field named that has no error yet, or else to the whole form."""
        for name, sentence in errors.items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, sentence)

    @property
    def in_order(self) -> list[forms.BoundField]:
        named = [each.name for each in Layout(*self.layout).get_field_names()]
        return [self[name] for name in dict.fromkeys([*named, *self.fields]) if name in self.fields]

    def answers(self) -> list[Answer]:
        """Return what was answered, in the order of the form; empty fields are left out."""
        said = [Answer(each, self._in_words(each.name)) for each in self.in_order]
        return [each for each in said if each.words and not each.field.is_hidden]

    def _in_words(self, name: str) -> str:
        value = self.cleaned_data.get(name)
        if isinstance(value, date):
            return format_date(value, "j F Y")
        if value is True:
            return "Yes"
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, value) or "")

    @property
    def keeps_draft(self) -> bool:
        asks_for_secret = any(
            isinstance(field.widget, forms.PasswordInput)
            or field.widget.attrs.get("autocomplete") == "one-time-code"
            for field in self.fields.values()
        )
        return self.may_keep_draft and self.method == "post" and not asks_for_secret

    @property
    def discard_id(self) -> str:
        return f"discard-{self.prefix or ''}{str(self.auto_id).replace('%s', 'form')}"

    @cached_property
    def helper(self) -> FormHelper:
        helper = _Helper()
        helper.layout = Layout(*(self.layout or self.fields))
        helper.render_unmentioned_fields = True
        helper.form_method = self.method
        helper.form_action = self.action_url
        helper.buttons = self.buttons
        helper.cancel_url = self.cancel_url
        helper.extra_formsets = self.formsets
        helper.warn_unsaved = self.warn_unsaved and self.method == "post"
        return helper


class NswFormSet(FormSetBase):
    """Rows of one kind, each in a fieldset whose legend is `row_label` and its number.

    `heading` stands above the rows and `hint` below it. Rows may be added in the browser up to
    `max_num`; without JavaScript there are the `extra` empty ones, which may stay empty.
    """

    heading = ""
    hint = ""
    row_label = "Row"
    remove_label = "Remove"

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = self.remove_label

    @property
    def may_grow(self) -> bool:
        return bool(self.extra) and self.total_form_count() < self.max_num


def tell_length(field: forms.Field) -> None:
    """Let no browser cut what is typed: below a long text the script says how much is left."""
    attrs = field.widget.attrs
    most = int(attrs.get("maxlength", 0))
    if most > LONGEST_CUT:
        del attrs["maxlength"]
        if isinstance(field.widget, TextArea):
            attrs["data-most"] = str(most)


def _label_empty_choice(field: forms.Field) -> None:
    words = "Choose one" if field.required else "None"
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == DASHES:
            field.empty_label = words
        return
    if isinstance(field, forms.ChoiceField) and isinstance(field.widget, forms.Select):
        choices: Any = field.choices
        field.choices = [(value, words if text == DASHES else text) for value, text in choices]


def _set_required_message(field: forms.Field) -> None:
    stock = forms.Field.default_error_messages["required"]
    if field.error_messages.get("required") != stock:
        return
    sentence = FILL_IN
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        sentence = CHOOSE
    elif isinstance(field, forms.BooleanField):
        sentence = TICK
    field.error_messages["required"] = sentence


class ListFilterForm(NswForm, forms.Form):
    """Narrows a list, by its address. Many filters fold behind one button."""

    is_folded = False
    method = "get"
    mark_optional = False


class ButtonForm(NswForm, forms.Form):
    """A form of one button, for an act that asks for nothing but a second thought."""

    warn_unsaved = False

    def __init__(self, *args: Any, button: str, look: str = "danger", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.buttons = (Button(button, look=look),)
