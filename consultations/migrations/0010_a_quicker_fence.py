"""The fence asks about the child of each row by its key."""

from django.db import migrations

from permanency.models.row_policies import renew_row_security
from permanency.models.row_policies import condition_through


class Migration(migrations.Migration):

    dependencies = [
        ("consultations", "0009_a_decision_keeps_its_rules"),
        ("permanency", "0007_a_quicker_fence"),
    ]

    operations = [
        renew_row_security(
            "consultations_consultation",
            f"(recorded_on IS NOT NULL OR by_id = fence_person()) AND {condition_through('child_id')}",
        ),
        renew_row_security("consultations_consultation_actions", condition_through("consultation_id", "consultations_consultation")),
        renew_row_security("consultations_evidence", condition_through("consultation_id", "consultations_consultation")),
        renew_row_security("consultations_optionweighed", condition_through("consultation_id", "consultations_consultation")),
        renew_row_security("consultations_goalchange", condition_through("child_id")),
        renew_row_security("consultations_goalchange_asked_for_by", condition_through("goalchange_id", "consultations_goalchange")),
        renew_row_security("consultations_decision", condition_through("goal_change_id", "consultations_goalchange")),
    ]
