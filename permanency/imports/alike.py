"""Asks of each new child of a file whether it may be one who is here, or of another row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from directory.models import User
from permanency.children import services as register
from permanency.imports.csv_reader import RowFault
from permanency.imports.services import batches
from permanency.imports.validate import RowContent
from permanency.models import Child, unrestricted
from permanency.models.children import ChildQuerySet


class LikenessCheck:
    """`another` are the IDs of which somebody has answered that they are another child."""

    def __init__(self, *, another: Collection[str], by: User | None, on: date) -> None:
        self._children: ChildQuerySet = (
            Child.objects.visible_to(by, on=on) if by else Child.objects.filter(unrestricted())
        )
        self._another = frozenset(map(register.in_capitals, another))
        self._first_rows: dict[object, int] = {}

    def questions(self, new: Sequence[RowContent]) -> Iterator[RowFault]:
        """Yield which of these new children may be the same as another child, and which one."""
        for some in batches(new):
            alike = register.alike(self._children, *(each.facts for each in some))
            for content, here in zip(some, alike, strict=True):
                rows = self._rows_alike(content)
                if content.childstory_id in self._another:
                    continue
                same = [f"ChildStory ID {child.childstory_id}, who is here" for child in here]
                same += [f"the child of row {row}" for row in rows]
                if same:
                    sentence = f"May be the same child as {' and '.join(same)}."
                    yield RowFault(content.row, "ChildStoryID", sentence)

    def _rows_alike(self, content: RowContent) -> list[int]:
        keys = register.likeness(**content.facts)
        rows = {self._first_rows.setdefault(key, content.row) for key in keys}
        return sorted(rows - {content.row})
