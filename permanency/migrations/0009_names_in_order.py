from django.db import migrations, models

from directory import names

AT_A_TIME = 1_000


def fill(apps, editor):
    children = apps.get_model("permanency", "Child").objects.order_by("pk")
    last = 0
    while some := list(children.filter(pk__gt=last)[:AT_A_TIME]):
        for child in some:
            child.sort_name = names.sort_key(child.last_name, child.first_name)
            child.folded_caseworker = names.fold(child.caseworker)
        children.bulk_update(some, ["sort_name", "folded_caseworker"])
        last = some[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ("permanency", "0008_reviewed_before_opening"),
    ]

    operations = [
        migrations.AddField(
            model_name="child",
            name="folded_caseworker",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddField(
            model_name="child",
            name="sort_name",
            field=models.TextField(default="", editable=False),
        ),
        migrations.RemoveIndex(model_name="child", name="child_name"),
        migrations.AddIndex(
            model_name="child",
            index=models.Index(fields=["sort_name", "id"], name="child_sort_name"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
