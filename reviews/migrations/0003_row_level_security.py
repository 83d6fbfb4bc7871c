"""PostgreSQL itself keeps reviews from whoever may not see the child."""

from django.db import migrations

from permanency.models.row_policies import enable_row_security
from permanency.models.row_policies import condition_through


class Migration(migrations.Migration):

    dependencies = [
        ("permanency", "0004_row_level_security"),
        ("reviews", "0002_what_a_due_date_was_counted_with"),
    ]

    operations = [
        enable_row_security("reviews_goalreview", condition_through("child_id")),
        enable_row_security("reviews_goalreview_actions", condition_through("goalreview_id", "reviews_goalreview")),
    ]
