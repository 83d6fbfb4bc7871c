"""PostgreSQL itself keeps reviews from whoever may not see the child."""

from django.db import migrations

from permanency.models.row_policies import fence
from permanency.models.row_policies import through


class Migration(migrations.Migration):

    dependencies = [
        ("permanency", "0004_row_level_security"),
        ("reviews", "0002_what_a_due_date_was_counted_with"),
    ]

    operations = [
        fence("reviews_goalreview", through("child_id")),
        fence("reviews_goalreview_actions", through("goalreview_id", "reviews_goalreview")),
    ]
