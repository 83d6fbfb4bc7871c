"""PostgreSQL itself keeps the rows of a child from whoever may not see the child."""

from django.db import migrations

from permanency.models.row_policies import CHILD_CONDITION
from permanency.models.row_policies import enable_row_security
from permanency.models.row_policies import create_functions
from permanency.models.row_policies import condition_through


class Migration(migrations.Migration):

    dependencies = [
        ("directory", "0007_a_chained_history"),
        ("permanency", "0003_restricted_children"),
    ]

    operations = [
        create_functions(),
        enable_row_security("permanency_child", CHILD_CONDITION),
        enable_row_security("permanency_namedperson", f"person_id = fence_person() OR {condition_through('child_id')}"),
        enable_row_security("permanency_action", condition_through("child_id")),
        enable_row_security("permanency_careepisode", condition_through("child_id")),
        enable_row_security("permanency_caseplangoal", condition_through("child_id")),
        enable_row_security("permanency_courtorder", condition_through("child_id")),
        enable_row_security("permanency_extension", condition_through("goal_id", "permanency_caseplangoal")),
        enable_row_security("directory_historyentry", f"child_number IS NULL OR {condition_through('child_number')}"),
    ]
