"""The forms that restrict a child's record, name people, take them off and lift the restriction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms

from directory.forms.date_field import DateField
from directory.forms.layout import Button, NswForm, TextArea
from directory.models import Appointment, District, User
from permanency.access import services as restrictions
from permanency.models import Child


class PersonField(forms.ModelChoiceField[User]):
    """One person, shown with the roles that they hold in the child's district."""

    roles: dict[int, str]

    def label_from_instance(self, person: User) -> str:
        return f"{person.name} ({self.roles.get(person.pk, 'no role')})"


class ReasonsForm(NswForm, forms.Form):
    reasons = forms.CharField(
        max_length=2_000,
        widget=TextArea({"rows": 4}),
        help_text="They stand in the child's history, which only named people read.",
    )


class RestrictForm(ReasonsForm):
    buttons = (Button("Restrict this record"),)


class RemoveNamedPersonForm(ReasonsForm):
    buttons = (Button("Take off", look="danger"),)


class LiftForm(ReasonsForm):
    buttons = (Button("Lift the restriction", look="danger"),)


class NamePersonForm(ReasonsForm):
    layout: Sequence[Any] = ("person", "ends_on", "reasons")
    buttons = (Button("Name this person"),)

    person = PersonField(
        User.objects.none(),
        empty_label="Choose a person",
        help_text="Only people whose appointment covers the child today are offered.",
    )
    ends_on = DateField(label="Last day", required=False, help_text="Empty means until further.")

    def __init__(self, *args: Any, child: Child, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        people = cast(PersonField, self.fields["person"])
        people.queryset = restrictions.people_to_name(child, on=on)
        people.roles = roles_in(child.district, on=on)

    def clean_ends_on(self) -> date | None:
        ends_on: date | None = self.cleaned_data["ends_on"]
        if ends_on is not None and ends_on < self.on:
            raise forms.ValidationError("The last day must not be in the past.")
        return ends_on


class NameFromListForm(NamePersonForm):
    """Names a person on a child whom the one who names does not see."""

    layout = ("person", "reasons")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["ends_on"]


def roles_in(district: District, *, on: date) -> dict[int, str]:
    found = defaultdict(list)
    for held in Appointment.objects.in_force(on=on).covering(district):
        found[held.person_id].append(str(held.get_role_display()))
    return {person: ", ".join(roles) for person, roles in found.items()}
