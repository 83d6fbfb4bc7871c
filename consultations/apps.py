from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    name = "consultations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The packages below do not know this app.
        from consultations.goal_changes.decisions import integrity_faults
        from consultations.goal_changes.transitions import void_if_case_changed
        from directory.audit import verify
        from permanency.goals.lifecycle import case_moved

        case_moved.connect(void_if_case_changed)
        if integrity_faults not in verify.extra_checks:
            verify.extra_checks.append(integrity_faults)
