"""Forms about districts, inboxes, offices and providers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from directory.forms.date_field import DateField
from directory.forms.layout import Button, ListFilterForm, NswForm
from directory.models import District, Inbox, Office, Provider
from directory.places.guide import Area, Contact

LONGEST_KEY = 18
OFFICE_NAME_TAKEN = "This district already has an office of this name."


class DistrictForm(NswForm, forms.ModelForm[District]):
    class Meta:
        model = District
        fields = ("inbox", "note")
        help_texts = {
            "inbox": "Where the mail for this district goes.",
            "note": "For example why there is no inbox.",
        }

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inbox = self.fields["inbox"]
        assert isinstance(inbox, forms.ModelChoiceField)  # noqa: S101  # tells the type
        inbox.queryset = Inbox.objects.current(on=on).filter(is_fallback=False)
        inbox.empty_label = "No inbox: mail goes to the fallback inbox"


class InboxForm(NswForm, forms.ModelForm[Inbox]):
    class Meta:
        model = Inbox
        fields = ("name", "address", "to_be_confirmed", "note")
        labels = {
            "address": "E-mail address",
            "to_be_confirmed": "The address is still to be confirmed",
        }
        error_messages = {"name": {"unique": "Another inbox has this name."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].required = True


class OfficeForm(NswForm, forms.Form):
    name = forms.CharField(max_length=80)
    district = forms.ModelChoiceField(District.objects.none(), empty_label="Choose a district")

    def __init__(self, *args: Any, on: date, office: Office | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.office = office
        if office is None:
            choice = self.fields["district"]
            assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101  # tells the type
            choice.queryset = District.objects.current(on=on)
        else:
            del self.fields["district"]
            self.initial.setdefault("name", office.name)

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        district = self.office.district if self.office else typed.get("district")
        same = Office.objects.filter(district=district, name__iexact=typed.get("name", ""))
        if self.office is not None:
            same = same.exclude(pk=self.office.pk)
        if district is not None and same.exists():
            self.add_error("name", ValidationError(OFFICE_NAME_TAKEN, code="taken"))
        return typed


class DistrictsField(forms.ModelMultipleChoiceField[District]):
    """A choice of districts. A number too long for a key is no choice, not an error of SQLite."""

    def clean(self, value: Any) -> Any:
        for each in value or ():
            if len(str(each)) > LONGEST_KEY:
                message = self.error_messages["invalid_choice"]
                raise ValidationError(message, code="invalid_choice", params={"value": each})
        return super().clean(value)


class ProviderForm(NswForm, forms.ModelForm[Provider]):
    class Meta:
        model = Provider
        fields = ("name", "is_aboriginal_controlled", "districts")
        field_classes = {"districts": DistrictsField}
        labels = {"is_aboriginal_controlled": "An Aboriginal community controlled organisation"}
        widgets = {"districts": forms.CheckboxSelectMultiple}
        error_messages = {"name": {"unique": "Another provider has this name."}}

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        districts = self.fields["districts"]
        assert isinstance(districts, forms.ModelMultipleChoiceField)  # noqa: S101  # tells the type
        districts.queryset = District.objects.current(on=on)
        districts.required = True
        districts.error_messages["required"] = "Choose at least one district."


class RetirementForm(NswForm, forms.Form):
    retired_on = DateField(label="Retired from", help_text="From this day on nobody can choose it.")
    buttons = (Button("Retire", look="danger"),)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("retired_on", on)


class PlaceFilterForm(ListFilterForm):
    district = forms.ModelChoiceField(
        District.objects.all(), required=False, empty_label="Any district"
    )


class GuideFilterForm(ListFilterForm):
    area = forms.ChoiceField(
        label="What is it about?", choices=[("", "Anything"), *Area.choices], required=False
    )
    contact = forms.ChoiceField(
        label="Who is asked?", choices=[("", "Anybody"), *Contact.choices], required=False
    )
