"""The fence asks about the child of each row by its key."""

from django.db import migrations

from permanency.models.row_policies import fence_anew
from permanency.models.row_policies import through


class Migration(migrations.Migration):

    dependencies = [
        ("consultations", "0009_a_decision_keeps_its_rules"),
        ("permanency", "0007_a_quicker_fence"),
    ]

    operations = [
        fence_anew(
            "consultations_consultation",
            f"(recorded_on IS NOT NULL OR by_id = fence_person()) AND {through('child_id')}",
        ),
        fence_anew("consultations_consultation_actions", through("consultation_id", "consultations_consultation")),
        fence_anew("consultations_evidence", through("consultation_id", "consultations_consultation")),
        fence_anew("consultations_optionweighed", through("consultation_id", "consultations_consultation")),
        fence_anew("consultations_goalchange", through("child_id")),
        fence_anew("consultations_goalchange_asked_for_by", through("goalchange_id", "consultations_goalchange")),
        fence_anew("consultations_decision", through("goal_change_id", "consultations_goalchange")),
    ]
