"""PostgreSQL itself keeps the rows of a child from whoever may not see the child."""

from django.db import migrations

from permanency.models.row_policies import OF_THE_CHILD
from permanency.models.row_policies import fence
from permanency.models.row_policies import functions
from permanency.models.row_policies import through


class Migration(migrations.Migration):

    dependencies = [
        ("directory", "0007_a_chained_history"),
        ("permanency", "0003_restricted_children"),
    ]

    operations = [
        functions(),
        fence("permanency_child", OF_THE_CHILD),
        fence("permanency_namedperson", f"person_id = fence_person() OR {through('child_id')}"),
        fence("permanency_action", through("child_id")),
        fence("permanency_careepisode", through("child_id")),
        fence("permanency_caseplangoal", through("child_id")),
        fence("permanency_courtorder", through("child_id")),
        fence("permanency_extension", through("goal_id", "permanency_caseplangoal")),
        fence("directory_historyentry", f"child_number IS NULL OR {through('child_number')}"),
    ]
