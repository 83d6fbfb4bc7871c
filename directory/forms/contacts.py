"""The filter of the contacts page."""

from django import forms

from directory.crispy import NswForm
from directory.guide import Area, Contact


class GuideFilterForm(NswForm, forms.Form):
    """Narrows the guide of whom to contact to a matter and a role."""

    area = forms.ChoiceField(
        label="What is it about?", choices=[("", "Anything"), *Area.choices], required=False
    )
    contact = forms.ChoiceField(
        label="Who is asked?", choices=[("", "Anybody"), *Contact.choices], required=False
    )
    method = "get"
    mark_optional = False
