"""A child, the child's episodes of care and the court orders about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any, Self, TypeVar

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.crypto import get_random_string

from directory import names
from directory.models import District, Office, Provider, User
from directory.models.places import Versioned, not_before
from directory.roles import CaseManagement
from permanency.models import due
from permanency.models.access import cases_visible_to
from permanency.policy.goals import AboriginalStatus, EndReason

# What `with_goal_now` tells of the goal in force.
GOAL_NOW_COLUMNS = (
    "id",
    "goal",
    "ended_on",
    "review_due_on",
    "two_year_on",
    "worst_on",
    "intensive_since",
)
NAME_FIELDS = frozenset({"first_name", "last_name"})
# The columns that follow from others, and from which: in these names are found and put in order.
FOLDED_FROM = {
    "folded_name": NAME_FIELDS,
    "sort_name": NAME_FIELDS,
    "folded_caseworker": frozenset({"caseworker"}),
}
MOST_NEAR = 200
CASE_END_REASONS = (EndReason.ACHIEVED, EndReason.TURNED_18, EndReason.DIED, EndReason.LEFT_STATE)

# No vowels, so that no word appears by chance; no 0, 1, L: they look like O and I.
REFERENCE_LETTERS = "BCDFGHJKMNPQRSTVWXYZ23456789"


def whole_name(first_name: str, last_name: str) -> str:
    return f"{first_name} {last_name}".strip()


def new_reference() -> str:
    """Return a random case reference: the only name of a child in mail and file names."""
    return get_random_string(8, REFERENCE_LETTERS)


def allocated_to(user: User, *, on: date, child: str = "") -> Q:
    """Return the condition that a child is of an office or a provider allocated to this person."""
    allocated = user.allocations.in_force(on=on)
    offices = allocated.exclude(office=None).values("office")
    providers = allocated.exclude(provider=None).values("provider")
    return Q(**{f"{child}office__in": offices}) | Q(**{f"{child}provider__in": providers})


class ChildQuerySet(models.QuerySet["Child"]):
    def visible_to(self, user: User, *, on: date) -> ChildQuerySet:
        return self.filter(cases_visible_to(user, on=on))

    def mine(self, user: User, *, on: date) -> ChildQuerySet:
        return self.filter(allocated_to(user, on=on))

    def named(self, typed: str) -> ChildQuerySet:
        """Return the children in whose name each typed word stands, however it is spelled."""
        words = names.words_of(typed)
        return self.filter(*map(_has_word, words)) if words else self.none()

    def named_or_with(self, typed: str) -> ChildQuerySet:
        """Return the children whose name, or whose caseworker's, holds each typed word."""
        words = names.words_of(typed)
        if not words:
            return self.none()
        of_worker = Q(*(_has_word(word, "folded_caseworker") for word in words))
        return self.filter(Q(*map(_has_word, words)) | of_worker)

    def nearly_named(self, typed: str) -> ChildQuerySet:
        """Return some of the children whose name differs in one letter of one typed word."""
        words = names.words_of(typed)
        near = Q(pk__in=[])
        for place, word in enumerate(words):
            joined = "".join(word)
            if len(joined) >= names.SHORTEST_NEAR_WORD:
                stays = (Q(folded_name__contains=part) for part in names.parts_that_stay(joined))
                others = map(_has_word, [*words[:place], *words[place + 1 :]])
                near |= Q(*others) & reduce(or_, stays)
        found = self.filter(near).values_list("pk", "folded_name")
        nearest = (pk for pk, folded in found if names.nearly_matches(folded, words))
        return self.filter(pk__in=list(islice(nearest, MOST_NEAR)))

    # A name is stored together with the forms in which it is found and put in order, whatever way
    # it is written.

    def update(self, **values: Any) -> int:
        folded = _folded_columns(values) - values.keys()
        if not folded:
            return super().update(**values)
        with transaction.atomic():
            keys = list(self.values_list("pk", flat=True))
            changed = super().update(**values)
            renamed = self.model.objects.filter(pk__in=keys)
            renamed.bulk_update(renamed, folded, batch_size=500)
        return changed

    def bulk_update(
        self, objs: Iterable[Child], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        children, written = list(objs), set(fields)
        columns = written | _folded_columns(written)
        for child in children if FOLDED_FROM.keys() & columns else ():
            child.fold_names()
        return super().bulk_update(children, columns, batch_size)

    def bulk_create(self, objs: Iterable[Child], *args: Any, **kwargs: Any) -> list[Child]:
        children = list(objs)
        for child in children:
            child.fold_names()
        if written := kwargs.get("update_fields"):
            kwargs["update_fields"] = {*written, *_folded_columns(written)}
        return super().bulk_create(children, *args, **kwargs)

    # The due states. Lists filter by them and dashboards count them, so that a figure and the
    # list behind it cannot differ. A child has at most one goal in force: no row comes twice.

    def with_goal_now(self) -> ChildQuerySet:
        """Return the children joined to their goal in force: `now_goal` and the like, or NULL."""
        if "now_goal" in self.query.annotations:
            return self
        in_force = models.FilteredRelation("goals", condition=Q(goals__ended_on=None))
        told = {f"now_{name}": F(f"current__{name}") for name in GOAL_NOW_COLUMNS}
        return self.alias(current=in_force).alias(**told)

    def with_goal(self, goal: str, *, on: date) -> ChildQuerySet:
        return self._now(due.in_force(on=on, goal="now_") & Q(now_goal=goal))

    def review_within(self, days: due.Days, *, on: date) -> ChildQuerySet:
        return self._now(due.review_within(days, on=on, goal="now_"))

    def two_year_within(self, days: due.Days, *, on: date) -> ChildQuerySet:
        return self._now(due.two_year_within(days, on=on, goal="now_"))

    def without_dates(self, *, on: date) -> ChildQuerySet:
        return self._now(due.in_force(on=on, goal="now_") & Q(now_review_due_on=None))

    def _now(self, condition: Q) -> ChildQuerySet:
        return self.with_goal_now().filter(condition)

    def without_goal(self, *, on: date) -> ChildQuerySet:
        return self._now(needs_goal() & due.not_18(on))

    def with_last_goal(self) -> ChildQuerySet:
        ended = _goals().exclude(ended_on=None).order_by("-ended_on", "-pk")
        return self.with_goal_now().annotate(
            needs_goal=models.ExpressionWrapper(needs_goal(), models.BooleanField()),
            last_ended_on=models.Subquery(ended.values("ended_on")[:1]),
            last_end_reason=models.Subquery(ended.values("end_reason")[:1]),
        )


def _has_word(word: names.Word, column: str = "folded_name") -> Q:
    parted = Q(*(Q(**{f"{column}__contains": piece}) for piece in word))
    return Q(**{f"{column}__contains": "".join(word)}) | parted


def _folded_columns(fields: Collection[str]) -> set[str]:
    return {name for name, sources in FOLDED_FROM.items() if not sources.isdisjoint(fields)}


def _goals() -> models.QuerySet[models.Model]:
    model: type[models.Model] = Child._meta.get_field("goals").related_model
    return model._default_manager.filter(child=OuterRef("pk"))


def beside_two_years(child: str = "pk") -> dict[str, models.Subquery]:
    """Return what always stands beside a two-year date (rule 3), as columns of a query.

    The latest entry to care, and the first expiry of a short term order that has not ended. `child`
    is the path to the child from the model asked.
    """
    episodes = CareEpisode.objects.filter(child=OuterRef(child)).order_by("-entered_on")
    orders = CourtOrder.objects.filter(
        child=OuterRef(child), kind=CourtOrder.Kind.SHORT_TERM, ended_on=None
    )
    expiring = orders.exclude(expires_on=None).order_by("expires_on")
    return {
        "entered_care_on": models.Subquery(episodes.values("entered_on")[:1]),
        "order_expires_on": models.Subquery(expiring.values("expires_on")[:1]),
    }


def needs_goal() -> Q:
    """Return the condition on children `with_goal_now` that they need a goal and have none.

    A case that ended needs none: who died or left the state, whatever a goal says of it, or whose
    last goal was achieved or ended at 18, unless they came into care again.
    """
    came_back = CareEpisode.objects.filter(
        child=OuterRef("child"), entered_on__gte=OuterRef("ended_on")
    )
    ended_the_case = _goals().filter(
        ~Exists(came_back), end_reason__in=(EndReason.ACHIEVED, EndReason.TURNED_18)
    )
    # Asked in this order: the goals that ended are looked for where there is no other.
    return Q(now_id=None, died_on=None, left_state_on=None) & ~Q(Exists(ended_the_case))


class Child(models.Model):
    """A child or young person, with the least that is needed: ChildStory is the system of record.

    The key in URLs is our own; mail names the child by `reference`.
    """

    class Cald(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNKNOWN = "unknown", "Not known"

    HISTORY_IS_CHILD = True
    HISTORY_FIELDS = (
        "childstory_id",
        "first_name",
        "last_name",
        "born_on",
        "aboriginal_status",
        "cald",
        "district=district.name",
        "office=office.name",
        "case_managed_by",
        "provider=provider.name",
        "caseworker",
        "caseworker_organisation",
        "died_on",
        "left_state_on",
    )

    reference = models.CharField(max_length=8, unique=True, default=new_reference, editable=False)
    childstory_id = models.CharField(
        "ChildStory ID",
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]{1,8}\Z", "Use 1 to 8 letters or digits.")],
    )
    # A child with one name has it in either of the two.
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    # Without an index: row-level security keeps PostgreSQL from using one for LIKE.
    folded_name = models.TextField(default="", editable=False)
    folded_caseworker = models.TextField(default="", editable=False)
    # The last name, then the first, in an order that is the same on every database.
    sort_name = models.TextField(default="", editable=False)
    born_on = models.DateField("date of birth")
    aboriginal_status = models.CharField(
        "Aboriginal or Torres Strait Islander status",
        max_length=25,
        choices=AboriginalStatus.choices,
        default=AboriginalStatus.UNKNOWN,
    )
    cald = models.CharField(
        "culturally and linguistically diverse",
        max_length=8,
        choices=Cald.choices,
        default=Cald.UNKNOWN,
    )
    district = models.ForeignKey(District, models.PROTECT, related_name="children")
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="children"
    )
    case_managed_by = models.CharField(max_length=3, choices=CaseManagement.choices)
    provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, blank=True, related_name="children", db_index=False
    )
    caseworker = models.CharField(max_length=120, blank=True)
    caseworker_organisation = models.CharField(max_length=120, blank=True)
    died_on = models.DateField(null=True, blank=True)
    left_state_on = models.DateField("left New South Wales on", null=True, blank=True)
    # Since when only named people see the record, who decided that, and why.
    restricted_on = models.DateField(null=True, editable=False)
    restricted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False
    )
    restricted_because = models.TextField(blank=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    added_at = models.DateTimeField(auto_now_add=True)

    objects = ChildQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "children"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(first_name="", last_name=""), name="a_child_has_a_name"
            ),
            models.CheckConstraint(
                condition=Q(provider=None) | Q(case_managed_by=CaseManagement.PSP),
                name="only_a_case_managed_by_a_provider_names_one",
            ),
            not_before("died_on", "born_on", name="a_child_dies_after_birth"),
            not_before("left_state_on", "born_on", name="a_child_leaves_the_state_after_birth"),
            models.CheckConstraint(
                condition=Q(restricted_on=None, restricted_by=None, restricted_because="")
                | Q(restricted_on__isnull=False, restricted_by__isnull=False)
                & ~Q(restricted_because=""),
                name="a_restriction_says_since_when_by_whom_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "case_managed_by"], name="child_scope"),
            models.Index(fields=["sort_name", "id"], name="child_sort_name"),
            # Whose children there are in a district: what a filter offers.
            models.Index(fields=["provider", "district"], name="child_provider"),
            models.Index(
                fields=["restricted_on"],
                name="child_restricted",
                condition=Q(restricted_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            written = set(update_fields)
            update_fields = written | _folded_columns(written)
        if update_fields is None or FOLDED_FROM.keys() & update_fields:
            self.fold_names()
        super().save(*args, update_fields=update_fields, **kwargs)

    def fold_names(self) -> None:
        self.folded_name = names.fold(self.first_name, self.last_name)
        self.sort_name = names.sort_key(self.last_name, self.first_name)
        self.folded_caseworker = names.fold(self.caseworker)

    @property
    def name(self) -> str:
        return whole_name(self.first_name, self.last_name)

    @property
    def is_restricted(self) -> bool:
        return self.restricted_on is not None


M = TypeVar("M", bound=models.Model)


class CaseQuerySet(models.QuerySet[M]):
    def visible_to(self, user: User, *, on: date) -> Self:
        return self.filter(cases_visible_to(user, on=on, child="child__"))

    def ongoing(self, *, on: date) -> Self:
        """Return the rows of children whose case has not ended: of others nothing waits (rule 4).

        Read from the facts each time, so that what waited is there again where one is taken back.
        """
        return self.filter(due.can_be_owed(on, child="child__"))


class Strikable(models.Model):
    """A record that may be struck where it was made by mistake; it is never deleted."""

    struck_on = models.DateField(null=True, editable=False)
    struck_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    struck_because = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(struck_on=None, struck_by=None, struck_because="")
                | Q(struck_on__isnull=False, struck_by__isnull=False) & ~Q(struck_because=""),
                name="a_struck_%(class)s_says_by_whom_and_why",
            )
        ]

    def strike(self, *, reasons: str, by: User, on: date) -> None:
        self.struck_on, self.struck_by, self.struck_because = on, by, reasons
        self.save(update_fields=["struck_on", "struck_by", "struck_because"])


class CourtOrderQuerySet(CaseQuerySet["CourtOrder"]):
    def in_force(self, *, on: date) -> CourtOrderQuerySet:
        """Return the orders in force, the latest first; the day of expiry still counts."""
        begun = Q(starts_on=None) | Q(starts_on__lte=on)
        not_ended = Q(ended_on=None) | Q(ended_on__gt=on)
        not_expired = Q(expires_on=None) | Q(expires_on__gte=on)
        made_last_first = (F("starts_on").desc(nulls_last=True), "-pk")
        return self.filter(begun, not_ended, not_expired).order_by(*made_last_first)


class CareEpisode(Versioned):
    """A time in out-of-home care, from entry until exit."""

    HISTORY_FIELDS = ("entered_on", "left_on", "exit_reason")

    child = models.ForeignKey(Child, models.PROTECT, related_name="care_episodes")
    entered_on = models.DateField("entered care on")
    left_on = models.DateField("left care on", null=True, blank=True)
    exit_reason = models.CharField(max_length=120, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["entered_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(left_on=None),
                name="one_open_care_episode_per_child",
            ),
            not_before("left_on", "entered_on", name="a_care_episode_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"in care from {self.entered_on}"


class CourtOrder(Versioned):
    """A court order about the child's care, with its expiry where it has one."""

    class Kind(models.TextChoices):
        INTERIM = "interim", "Interim order"
        SHORT_TERM = "short_term", "Short term care order"
        LONG_TERM = "long_term", "Long term order (to 18)"
        GUARDIANSHIP = "guardianship", "Guardianship order"
        SUPERVISION = "supervision", "Supervision order"
        NONE = "none", "No order"

    HISTORY_FIELDS = ("kind", "starts_on", "expires_on", "ended_on", "section_90_on", "note")

    child = models.ForeignKey(Child, models.PROTECT, related_name="court_orders")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    starts_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    # A step to vary or rescind the order under section 90 of the Care Act.
    section_90_on = models.DateField("section 90 application made on", null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    objects = CourtOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on=None)
                | Q(starts_on=None)
                | Q(expires_on__gte=F("starts_on")),
                name="a_court_order_expires_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(starts_on=None) | Q(ended_on__gte=F("starts_on")),
                name="a_court_order_ends_after_it_starts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_on"], name="court_order_expiring", condition=Q(ended_on=None)
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
