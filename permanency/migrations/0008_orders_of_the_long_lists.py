"""Indexes that hold the orders of the list of children and of the list of reviews."""

from django.db import migrations, models

from permanency.models import due


class Migration(migrations.Migration):

    dependencies = [("permanency", "0007_a_quicker_fence")]

    operations = [
        migrations.AddIndex(
            model_name="caseplangoal",
            index=models.Index(
                due.worst_on(),
                models.F("child"),
                condition=models.Q(("ended_on", None)),
                name="goal_worst_first",
            ),
        ),
        migrations.AddIndex(
            model_name="caseplangoal",
            index=models.Index(
                due.review_or_last(),
                models.F("id"),
                condition=models.Q(("ended_on", None)),
                name="goal_due_first",
            ),
        ),
    ]
