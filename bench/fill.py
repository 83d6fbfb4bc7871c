"""Fills an empty demonstration with any number of children: `python -m bench fill 150000`.

The first cases are made through the services. Beyond them patterns are worked out by the policy and
written, and the database copies the rows behind each; every child has a name, a reference and a
history entry of its own. So a million children take minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import cycle, islice
from random import Random
from typing import TypeVar

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max, Model

from bench.patterns import ChildTemplate, Pattern, PatternMaker
from directory import history
from directory.models import Appointment, District
from directory.roles import Role
from permanency.children import services as register
from permanency.models import Action, CareEpisode, CasePlanGoal, Child, CourtOrder, RuleVersion
from permanency.models.children import REFERENCE_LETTERS
from reviews.demo import build, texts
from reviews.models import GoalReview

T = TypeVar("T")

# Enough for every state of a case to be there.
CASES_BY_SERVICES = 60
PATTERNS = 5_000
BATCH_SIZE = 1_000
# The models behind a child; a row refers to none that comes after it here.
CHILD_MODELS: tuple[type[Model], ...] = (CareEpisode, CourtOrder, CasePlanGoal, GoalReview, Action)
NOTE = "Invented together with the care, the goals and the reviews that stand here."


@transaction.atomic
def fill(children: int, *, today: date, seed: int = 1) -> None:
    """Make so many children in an empty demonstration."""
    if not settings.DEMO or not build.is_needed():
        raise SystemExit("Only an empty demonstration is filled: DEMO=1, and no cases.")
    build.make(children=min(children, CASES_BY_SERVICES), seed=seed, today=today)
    if children <= CASES_BY_SERVICES:
        return
    rng = Random(seed)
    districts = build.weighted_districts(today)
    rng.shuffle(districts)
    maker = PatternMaker(
        rng,
        coordinators=_coordinators(today),
        providers={each.pk: list(each.providers.all()) for each in set(districts)},
        today=today,
        rules=RuleVersion.objects.in_force(on=today),
    )
    _write_patterns(maker, districts, children=children - CASES_BY_SERVICES)


def _coordinators(today: date) -> dict[int, list[Appointment]]:
    held: dict[int, list[Appointment]] = defaultdict(list)
    appointments = Appointment.objects.in_force(on=today).filter(role=Role.COORDINATOR)
    for each in appointments.select_related("person", "district"):
        if each.district_id is not None:
            held[each.district_id].append(each)
    return held


def _write_patterns(maker: PatternMaker, districts: list[District], *, children: int) -> None:
    """Write so many children, spread over the districts, with the rows behind them."""
    block = _PatternBlock(first=_next_key(Child), size=min(children, PATTERNS))
    numbers = zip(range(block.size), cycle(districts), strict=False)
    names, templates = _NameGenerator(maker.rng), list[ChildTemplate]()
    for chunk in _chunks(numbers):
        made = [maker.make(number, place, key=block.first + number) for number, place in chunk]
        new = [each.template for each in made]
        names.give(each.child for each in new)
        _register(new)
        block.write(made)
        templates += new
    for number in range(1, -(-children // block.size)):
        count = min(block.size, children - number * block.size)
        for some in _chunks(templates[:count]):
            alike = [each.another(number * block.size) for each in some]
            names.give(each.child for each in alike)
            _register(alike)
        block.copy(number, children=count)
    # Later rows are numbered from behind those that came with their own keys.
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Child, *CHILD_MODELS]):
            cursor.execute(statement)


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while chunk := list(islice(left, BATCH_SIZE)):
        yield chunk


class _NameGenerator:
    """Gives each child a name, a ChildStory ID and a reference, none of the latter twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._given = set(Child.objects.values_list("reference", flat=True))

    def give(self, children: Iterable[Child]) -> None:
        for child in children:
            child.first_name = self._rng.choice(texts.FIRST_NAMES)
            child.last_name = self._rng.choice(texts.FAMILY_NAMES)
            child.childstory_id = f"F{child.pk:07}"
            child.reference = self._reference()

    def _reference(self) -> str:
        while (new := "".join(self._rng.choices(REFERENCE_LETTERS, k=8))) in self._given:
            pass
        self._given.add(new)
        return new


def _register(templates: list[ChildTemplate]) -> None:
    """Write the children, and their registration into the history."""
    Child.objects.bulk_create([each.child for each in templates])
    history.record_many(
        history.new_entry(
            register.REGISTERED,
            f"child {each.child.pk}",
            by=each.appointment.person,
            on=each.registered_on,
            child_number=each.child.pk,
            district=each.child.district,
            appointment=each.appointment,
            after=history.values(each.child),
            note=NOTE,
        )
        for each in templates
    )


class _PatternBlock:
    """The rows of the patterns: children of consecutive keys, with consecutive rows behind them."""

    def __init__(self, *, first: int, size: int) -> None:
        self.first, self.size = first, size
        self._begin = {model: _next_key(model) for model in CHILD_MODELS}
        self._next = dict(self._begin)

    def write(self, patterns: Iterable[Pattern]) -> None:
        """Write the rows behind the children of these patterns."""
        rows: dict[type[Model], list[Model]] = defaultdict(list)
        for pattern in patterns:
            for row in pattern.rows:
                rows[type(row)].append(row)
        for model in CHILD_MODELS:
            for row in rows[model]:
                row.pk = self._next[model]
                self._next[model] += 1
            model._default_manager.bulk_create(rows[model])

    def copy(self, number: int, *, children: int) -> None:
        """Copy the rows behind the first children of the block, for the same further on."""
        step = {model: number * (self._next[model] - self._begin[model]) for model in CHILD_MODELS}
        step[Child] = number * self.size
        with connection.cursor() as cursor:
            for model in CHILD_MODELS:
                last = self.first + children - 1
                cursor.execute(_copy_sql(model, step), [self.first, last])


def _copy_sql(model: type[Model], step: dict[type[Model], int]) -> str:
    """Return the statement that copies rows of a model, each key moved on by its model's step."""
    quote = connection.ops.quote_name
    columns = {}
    for field in model._meta.concrete_fields:
        if field.generated:
            continue
        to = model if field.primary_key else field.related_model
        moved = f" + {step[to]}" if to in step else ""
        name = quote(str(field.column))
        columns[name] = f"{name}{moved}"
    table = quote(model._meta.db_table)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"SELECT {', '.join(columns.values())} FROM {table} WHERE child_id BETWEEN %s AND %s"
    )


def _next_key(model: type[Model]) -> int:
    highest = model._default_manager.aggregate(highest=Max("pk"))["highest"]
    return (highest or 0) + 1
