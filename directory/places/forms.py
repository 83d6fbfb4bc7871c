"""Forms about districts, inboxes, offices and providers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from directory.forms.date_field import DateField
from directory.forms.layout import Button, ListFilterForm, NswForm
from directory.models import District, Inbox, Office, Provider
from directory.names import fold, keys_named, name_key
from directory.places.guide import Area, Contact

LONGEST_KEY = 18
PROVIDER_NAME_TAKEN = "Another provider has this name."
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


def has_name(places: QuerySet[Any], name: str, *, but: Any = None) -> bool:
    """Return whether another of these places has this name, however it is spelled."""
    key = name_key(name)
    others = places.exclude(pk=but.pk) if but else places
    return any(name_key(each) == key for each in others.values_list("name", flat=True))


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
        others = Office.objects.filter(district=district)
        if has_name(others, typed.get("name", ""), but=self.office):
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

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        districts = self.fields["districts"]
        assert isinstance(districts, forms.ModelMultipleChoiceField)  # noqa: S101  # tells the type
        districts.queryset = District.objects.current(on=on)
        districts.required = True
        districts.error_messages["required"] = "Choose at least one district."

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        but = self.instance if self.instance.pk else None
        if has_name(Provider.objects.all(), name, but=but):
            raise ValidationError(PROVIDER_NAME_TAKEN, code="taken")
        return name


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


class ProviderFilterForm(PlaceFilterForm):
    name = forms.CharField(max_length=120, required=False)
    field_order = ("name", "district")

    def named(self, providers: QuerySet[Provider]) -> QuerySet[Provider]:
        """Return the providers in whose name each typed word stands, or those near."""
        typed = self.cleaned_data.get("name") if self.is_valid() else ""
        if not typed:
            return providers
        every = Provider.objects.values_list("pk", "name")
        return providers.filter(pk__in=keys_named(typed, ((pk, fold(name)) for pk, name in every)))


class GuideFilterForm(ListFilterForm):
    area = forms.ChoiceField(
        label="What is it about?", choices=[("", "Anything"), *Area.choices], required=False
    )
    contact = forms.ChoiceField(
        label="Who is asked?", choices=[("", "Anybody"), *Contact.choices], required=False
    )
