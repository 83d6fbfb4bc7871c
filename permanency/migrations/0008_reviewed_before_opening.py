from django.db import migrations, models


def fill(apps, editor):
    """Take the day from the history, which alone kept it; after this nothing is read from there."""
    entries = apps.get_model("directory", "HistoryEntry").objects
    goals = apps.get_model("permanency", "CasePlanGoal").objects
    verbs = ("opened with the goal in force", "corrected the days of the goal")
    rows = entries.filter(verb__in=verbs).order_by("pk").values_list("subject", "after")
    for subject, after in rows.iterator():
        if "last_review_held_on" in after:
            goals.filter(pk=subject.rpartition(" ")[2]).update(
                reviewed_before_on=after["last_review_held_on"]
            )


class Migration(migrations.Migration):

    dependencies = [
        ("directory", "0001_initial"),
        ("permanency", "0007_policies_read_our_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="caseplangoal",
            name="reviewed_before_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
