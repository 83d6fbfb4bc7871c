"""Districts, their inboxes, offices and providers. Nothing here is deleted: it retires on a day."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q

from directory.clock import SYDNEY

PlaceRow = TypeVar("PlaceRow", bound=models.Model, covariant=True)


class RetiringQuerySet(models.QuerySet[PlaceRow]):
    def current(self, *, on: date) -> Self:
        return self.filter(Q(retired_on=None) | Q(retired_on__gt=on))


def not_before(day: str, earlier: str, *, name: str) -> models.CheckConstraint:
    """Return the constraint that a day of a row, where it has one, is not before another one."""
    condition = Q(**{day: None}) | Q(**{f"{day}__gte": F(earlier)})
    return models.CheckConstraint(condition=condition, name=name)


def both_or_neither(one: str, other: str, *, name: str) -> models.CheckConstraint:
    condition = Q(**{one: None, other: None}) | Q(
        **{f"{one}__isnull": False, f"{other}__isnull": False}
    )
    return models.CheckConstraint(condition=condition, name=name)


def one_of_two(one: str, other: str, *, name: str) -> models.CheckConstraint:
    condition = Q(**{one: None, f"{other}__isnull": False}) | Q(
        **{f"{one}__isnull": False, other: None}
    )
    return models.CheckConstraint(condition=condition, name=name)


class Versioned(models.Model):
    """A row that people edit: its version goes up with each edit, so that none is made unseen."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class Place(Versioned):
    """What has a name and is never deleted: it retires on a day."""

    name: models.CharField[str, str]
    retired_on = models.DateField(null=True, blank=True)

    objects = RetiringQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ListedPlace(Place):
    """A row that the published list may name, and that a person may then edit.

    `list_key` is empty where a person added the row. Loading leaves a row with `edited_on` alone.
    """

    list_key = models.CharField(max_length=120, blank=True)
    edited_on = models.DateField(null=True, blank=True)

    class Meta(Place.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["list_key"],
                condition=~Q(list_key=""),
                name="the_list_names_each_%(class)s_once",
            )
        ]


class Inbox(ListedPlace):
    """A shared mailbox of Permanency Coordinators; it may serve several districts.

    The one inbox without an address of its own is the fallback: its address is FALLBACK_INBOX.
    """

    HISTORY_FIELDS = ("name", "address", "to_be_confirmed", "note", "retired_on")

    name = models.CharField(max_length=120, unique=True)
    address = models.EmailField(blank=True)
    is_fallback = models.BooleanField(default=False)
    to_be_confirmed = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)

    class Meta(ListedPlace.Meta):
        verbose_name_plural = "inboxes"
        constraints = [
            *ListedPlace.Meta.constraints,
            models.UniqueConstraint(
                fields=["is_fallback"], condition=Q(is_fallback=True), name="one_fallback_inbox"
            ),
            models.CheckConstraint(
                condition=Q(is_fallback=True) | ~Q(address=""),
                name="an_inbox_has_an_address",
            ),
        ]


class District(ListedPlace):
    """One of the department's districts: the scope of what a person may see."""

    HISTORY_FIELDS = ("inbox=inbox_name", "note", "retired_on")

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    inbox = models.ForeignKey(
        Inbox, models.PROTECT, null=True, blank=True, related_name="districts"
    )
    note = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=40, default=SYDNEY)

    @property
    def inbox_name(self) -> str:
        return str(self.inbox or "none")


class Office(ListedPlace):
    """A Community Services Centre of a district."""

    HISTORY_FIELDS = ("name", "retired_on")

    name = models.CharField(max_length=80)
    district = models.ForeignKey(District, models.PROTECT, related_name="offices")

    class Meta(ListedPlace.Meta):
        constraints = [
            *ListedPlace.Meta.constraints,
            models.UniqueConstraint(
                fields=["district", "name"], name="an_office_name_is_used_once_in_a_district"
            ),
        ]


class Provider(Place):
    """A funded PSP provider; it may manage cases in several districts."""

    HISTORY_FIELDS = (
        "name",
        "is_aboriginal_controlled",
        "districts=district_names",
        "retired_on",
    )

    name = models.CharField(max_length=120, unique=True)
    is_aboriginal_controlled = models.BooleanField(default=False)
    districts = models.ManyToManyField(District, related_name="providers", blank=True)

    @property
    def district_names(self) -> list[str]:
        return sorted(district.name for district in self.districts.all())
