"""The fence asks about the child of each row by its key."""

from django.db import migrations

from permanency.models.row_policies import fence_anew
from permanency.models.row_policies import through


class Migration(migrations.Migration):

    dependencies = [
        ("permanency", "0007_a_quicker_fence"),
        ("reviews", "0004_a_review_keeps_its_rules"),
    ]

    operations = [
        fence_anew("reviews_goalreview", through("child_id")),
        fence_anew("reviews_goalreview_actions", through("goalreview_id", "reviews_goalreview")),
    ]
