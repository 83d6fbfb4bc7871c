"""PostgreSQL itself keeps consultations and goal changes from whoever may not see the child."""

from django.db import migrations

from permanency.models.row_policies import fence
from permanency.models.row_policies import through


class Migration(migrations.Migration):

    dependencies = [
        ("consultations", "0006_an_endorsement_is_bound"),
        ("permanency", "0004_row_level_security"),
    ]

    operations = [
        fence(
            "consultations_consultation",
            f"(recorded_on IS NOT NULL OR by_id = fence_person()) AND {through('child_id')}",
        ),
        fence("consultations_consultation_actions", through("consultation_id", "consultations_consultation")),
        fence("consultations_evidence", through("consultation_id", "consultations_consultation")),
        fence("consultations_optionweighed", through("consultation_id", "consultations_consultation")),
        fence("consultations_goalchange", through("child_id")),
        fence("consultations_goalchange_asked_for_by", through("goalchange_id", "consultations_goalchange")),
        fence("consultations_decision", through("goal_change_id", "consultations_goalchange")),
    ]
