"""The child beside each due date in its index: what is due is counted from the index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("permanency", "0010_a_sentence_with_each_reason"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="caseplangoal",
            name="goal_review_due",
        ),
        migrations.RemoveIndex(
            model_name="caseplangoal",
            name="goal_two_year",
        ),
        migrations.AddIndex(
            model_name="caseplangoal",
            index=models.Index(
                condition=models.Q(("ended_on", None)),
                fields=["review_due_on", "child"],
                name="goal_review_due",
            ),
        ),
        migrations.AddIndex(
            model_name="caseplangoal",
            index=models.Index(
                condition=models.Q(("ended_on", None)),
                fields=["two_year_on", "child"],
                name="goal_two_year",
            ),
        ),
    ]
