"""Chain the entries that stand already, in the order in which they were written."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from directory.models.history import BEGINNING
from directory.history.chain import DIGEST_FIELDS
from directory.history.chain import chain_name
from directory.history.chain import content_digest
from directory.history.chain import entry_digest
from directory.history.chain import new_salt

BATCH = 500
WRITTEN = ["chain", "sequence", "salt", "content_digest", "digest"]


def chain(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Give every entry its place behind the one before it."""
    entries = apps.get_model("directory", "HistoryEntry").objects
    heads: dict[str, tuple[int, str]] = {}
    batch: list[Any] = []
    for each in entries.order_by("pk").iterator(chunk_size=BATCH):
        each.chain = chain_name(each.district_id)
        number, previous = heads.get(each.chain, (0, BEGINNING))
        each.sequence, each.salt = number + 1, new_salt()
        each.content_digest = content_digest(each.salt, each.before, each.after, each.note)
        each.digest = entry_digest(previous, *(getattr(each, name) for name in DIGEST_FIELDS))
        heads[each.chain] = (each.sequence, each.digest)
        batch.append(each)
        if len(batch) == BATCH:
            entries.bulk_update(batch, WRITTEN)
            batch.clear()
    entries.bulk_update(batch, WRITTEN)
    head = apps.get_model("directory", "HistoryHead")
    head.objects.bulk_create(
        head(chain=name, sequence=number, digest=digest) for name, (number, digest) in heads.items()
    )


def unchain(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take the heads away; the columns go with the migration before."""
    apps.get_model("directory", "HistoryHead").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [("directory", "0005_places_in_a_chain")]

    operations = [migrations.RunPython(chain, unchain)]
