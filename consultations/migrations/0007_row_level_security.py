"""PostgreSQL itself keeps consultations and goal changes from whoever may not see the child."""

from django.db import migrations

from permanency.models.row_policies import enable_row_security
from permanency.models.row_policies import condition_through


class Migration(migrations.Migration):

    dependencies = [
        ("consultations", "0006_an_endorsement_is_bound"),
        ("permanency", "0004_row_level_security"),
    ]

    operations = [
        enable_row_security(
            "consultations_consultation",
            f"(recorded_on IS NOT NULL OR by_id = fence_person()) AND {condition_through('child_id')}",
        ),
        enable_row_security("consultations_consultation_actions", condition_through("consultation_id", "consultations_consultation")),
        enable_row_security("consultations_evidence", condition_through("consultation_id", "consultations_consultation")),
        enable_row_security("consultations_optionweighed", condition_through("consultation_id", "consultations_consultation")),
        enable_row_security("consultations_goalchange", condition_through("child_id")),
        enable_row_security("consultations_goalchange_asked_for_by", condition_through("goalchange_id", "consultations_goalchange")),
        enable_row_security("consultations_decision", condition_through("goal_change_id", "consultations_goalchange")),
    ]
