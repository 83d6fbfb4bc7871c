"""Lists within one row of an answer, so that one question asks for several of them."""

from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, JSONField, QuerySet, Subquery, Value


class JsonList(Aggregate):
    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **extra)


def first_keys(rows: QuerySet[Any], most: int) -> Subquery:
    """Return the keys of the first of these rows as a list in no order, None without any."""
    few = rows.model._base_manager.filter(pk__in=rows.values("pk")[:most])
    alike = few.order_by().annotate(alike=Value(1)).values("alike")
    return Subquery(alike.annotate(keys=JsonList("pk")).values("keys"), output_field=JSONField())
