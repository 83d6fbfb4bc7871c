"""The reason stored with a date comes to hold its sentence too, for every goal stored so far.

In transactions of a batch each: broken off, it begins again and finds the same.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from permanency.policy.derivation import IN_SHORT, Derivation

BATCH = 500
REASONS = ("review_derivation", "two_year_derivation")


def add_sentences(apps: Apps, editor: BaseDatabaseSchemaEditor | None) -> None:
    """Put the sentence of each reason into it; one that cannot be read stays as it is."""
    goals = apps.get_model("permanency", "CasePlanGoal").objects
    last = 0
    while some := list(goals.filter(pk__gt=last).only("pk", *REASONS).order_by("pk")[:BATCH]):
        last = some[-1].pk
        for goal in some:
            for name in REASONS:
                setattr(goal, name, with_sentence(getattr(goal, name)))
        goals.bulk_update(some, REASONS)


def with_sentence(reason: Any) -> Any:
    """Return a stored reason with its sentence."""
    try:
        return {**reason, IN_SHORT: Derivation.from_data(reason).in_short()}
    except (KeyError, TypeError, ValueError):
        return reason


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("permanency", "0009_orders_as_columns")]
    operations = [migrations.RunPython(add_sentences, migrations.RunPython.noop)]
