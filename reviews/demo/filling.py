"""Fills a large demonstration: patterns are worked out once, written, and copied by the database.

Each child has a name, a reference and an entry in the history of its own; what stands behind it is
a copy of the rows of its pattern. So a million children take minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from random import Random
from typing import TypeVar

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Max, Model

from directory import history
from directory.models import District
from permanency.children import services as register
from permanency.models import Action, CareEpisode, CasePlanGoal, Child, CourtOrder
from permanency.models.children import REFERENCE_LETTERS
from reviews.demo import texts
from reviews.demo.patterns import ChildTemplate, Pattern, PatternMaker
from reviews.models import GoalReview

T = TypeVar("T")

PATTERNS = 5_000
BATCH_SIZE = 1_000
# What stands behind a child; a row refers to none that comes after it here.
CHILD_MODELS: tuple[type[Model], ...] = (CareEpisode, CourtOrder, CasePlanGoal, GoalReview, Action)
NOTE = "Invented together with the care, the goals and the reviews that stand here."


def fill(maker: PatternMaker, districts: list[District], *, children: int) -> None:
    """Write so many children, spread over the districts, with all that stands behind them."""
    if not children:
        return
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
    _reset_sequences()


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
        """Name these children, in place."""
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
    """Write the children, and of each in the history that it was registered, and by whom."""
    Child.objects.bulk_create([each.child for each in templates])
    history.record_many(
        history.new_entry(
            register.REGISTERED,
            f"child {each.child.pk}",
            by=each.coordinator,
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
        """Copy what stands behind the first children of the block, for the same further on."""
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
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608  # our own names alone
        f"SELECT {', '.join(columns.values())} FROM {table} WHERE child_id BETWEEN %s AND %s"
    )


def _next_key(model: type[Model]) -> int:
    highest = model._default_manager.aggregate(highest=Max("pk"))["highest"]
    return (highest or 0) + 1


def _reset_sequences() -> None:
    """Let the database number later rows from behind those that came with their own keys."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Child, *CHILD_MODELS]):
            cursor.execute(statement)
