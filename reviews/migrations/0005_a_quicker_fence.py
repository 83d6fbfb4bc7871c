"""The fence asks about the child of each row by its key."""

from django.db import migrations

from permanency.models.row_policies import renew_row_security
from permanency.models.row_policies import condition_through


class Migration(migrations.Migration):

    dependencies = [
        ("permanency", "0007_a_quicker_fence"),
        ("reviews", "0004_a_review_keeps_its_rules"),
    ]

    operations = [
        renew_row_security("reviews_goalreview", condition_through("child_id")),
        renew_row_security("reviews_goalreview_actions", condition_through("goalreview_id", "reviews_goalreview")),
    ]
