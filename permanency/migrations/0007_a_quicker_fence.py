"""The fence asks about the child of each row by its key, and of the whole state's readers little."""

from django.db import migrations, models

from permanency.models.row_policies import CHILD_CONDITION
from permanency.models.row_policies import renew_row_security
from permanency.models.row_policies import renew_functions
from permanency.models.row_policies import drop_former_functions
from permanency.models.row_policies import condition_through


class Migration(migrations.Migration):

    dependencies = [
        ("directory", "0017_breaker_and_leases"),
        ("permanency", "0006_versions_of_the_rules"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="child",
            index=models.Index(
                condition=models.Q(("restricted_on__isnull", False)),
                fields=["restricted_on"],
                name="child_restricted",
            ),
        ),
        renew_functions(),
        renew_row_security("permanency_child", CHILD_CONDITION),
        renew_row_security("permanency_namedperson", f"person_id = fence_person() OR {condition_through('child_id')}"),
        renew_row_security("permanency_action", condition_through("child_id")),
        renew_row_security("permanency_careepisode", condition_through("child_id")),
        renew_row_security("permanency_caseplangoal", condition_through("child_id")),
        renew_row_security("permanency_courtorder", condition_through("child_id")),
        renew_row_security("permanency_extension", condition_through("goal_id", "permanency_caseplangoal")),
        renew_row_security("directory_historyentry", f"child_number IS NULL OR {condition_through('child_number')}"),
        drop_former_functions(),
    ]
