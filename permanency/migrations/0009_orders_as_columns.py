"""The orders of the two long lists as columns of their own, and whose children there are where."""

import django.db.models.deletion
from django.db import migrations, models

from permanency.models import due


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0021_when_a_notice_was_written"),
        ("permanency", "0008_orders_of_the_long_lists"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="caseplangoal",
            name="goal_worst_first",
        ),
        migrations.RemoveIndex(
            model_name="caseplangoal",
            name="goal_due_first",
        ),
        migrations.AddField(
            model_name="caseplangoal",
            name="due_first_on",
            field=models.GeneratedField(
                db_persist=True,
                expression=due.review_or_last(),
                output_field=models.DateField(),
            ),
        ),
        migrations.AddField(
            model_name="caseplangoal",
            name="worst_on",
            field=models.GeneratedField(
                db_persist=True,
                expression=due.worst_on(),
                output_field=models.DateField(),
            ),
        ),
        migrations.AlterField(
            model_name="child",
            name="provider",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="directory.provider",
            ),
        ),
        migrations.AddIndex(
            model_name="caseplangoal",
            index=models.Index(
                condition=models.Q(("ended_on", None)),
                fields=["worst_on", "child"],
                name="goal_worst_first",
            ),
        ),
        migrations.AddIndex(
            model_name="caseplangoal",
            index=models.Index(
                condition=models.Q(("ended_on", None)),
                fields=["due_first_on", "id"],
                name="goal_due_first",
            ),
        ),
        migrations.AddIndex(
            model_name="caseplangoal",
            index=models.Index(
                condition=models.Q(("ended_on", None)),
                fields=["goal", "worst_on", "child"],
                name="goal_of_a_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="caseplangoal",
            index=models.Index(
                condition=models.Q(("ended_on", None)),
                fields=["child"],
                include=("id", "goal", "ended_on", "review_due_on", "two_year_on"),
                name="goal_now_told",
            ),
        ),
        migrations.AddIndex(
            model_name="child",
            index=models.Index(fields=["provider", "district"], name="child_provider"),
        ),
    ]
