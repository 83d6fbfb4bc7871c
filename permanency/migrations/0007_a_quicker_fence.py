"""The fence asks about the child of each row by its key, and of the whole state's readers little."""

from django.db import migrations, models

from permanency.models.row_policies import OF_THE_CHILD
from permanency.models.row_policies import fence_anew
from permanency.models.row_policies import functions_anew
from permanency.models.row_policies import no_former_functions
from permanency.models.row_policies import through


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
        functions_anew(),
        fence_anew("permanency_child", OF_THE_CHILD),
        fence_anew("permanency_namedperson", f"person_id = fence_person() OR {through('child_id')}"),
        fence_anew("permanency_action", through("child_id")),
        fence_anew("permanency_careepisode", through("child_id")),
        fence_anew("permanency_caseplangoal", through("child_id")),
        fence_anew("permanency_courtorder", through("child_id")),
        fence_anew("permanency_extension", through("goal_id", "permanency_caseplangoal")),
        fence_anew("directory_historyentry", f"child_number IS NULL OR {through('child_number')}"),
        no_former_functions(),
    ]
