"""Who asked for each goal change so far, and the case as it was when an endorsement was given."""

from collections.abc import Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _names(apps: Apps, change: Any) -> Iterator[str]:
    """Yield every name under which the change, its history and its consultation say who asked."""
    yield change.requested_by_name
    yield change.consultation.asked_by_name
    entries = apps.get_model("directory", "HistoryEntry").objects.filter(
        child_number=change.child_id, subject=f"goal change {change.pk}"
    )
    for entry in entries:
        for side in (entry.before, entry.after):
            for key in ("requested_by", "requested_by_name"):
                yield str(side.get(key) or "")


def tell_who_asked(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Fill the list of everybody who ever asked; a change that follows another takes its list."""
    people = {_plain(each.name): each for each in apps.get_model("directory", "User").objects.all()}
    rows = apps.get_model("consultations", "GoalChange").objects.order_by("pk")
    for change in rows.select_related("consultation", "requested_by", "follows"):
        named = (people.get(_plain(name)) for name in _names(apps, change))
        asked = {each.pk: each for each in (change.requested_by, *named) if each is not None}
        if change.follows is not None:
            asked |= {each.pk: each for each in change.follows.asked_for_by.all()}
        change.asked_for_by.add(*asked.values())


def bind_endorsements(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Bind each endorsement that stands to the case as it is now."""
    rows = apps.get_model("consultations", "GoalChange").objects.filter(status="endorsed")
    for change in rows.select_related("child"):
        change.endorsed_district_id = change.child.district_id
        change.endorsed_aboriginal_status = change.child.aboriginal_status
        change.save(update_fields=["endorsed_district", "endorsed_aboriginal_status"])


class Migration(migrations.Migration):

    dependencies = [("consultations", "0004_the_case_as_it_was_endorsed")]

    operations = [
        migrations.RunPython(tell_who_asked, migrations.RunPython.noop),
        migrations.RunPython(bind_endorsements, migrations.RunPython.noop),
    ]
