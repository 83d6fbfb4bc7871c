"""The app of consultations and goal changes."""

from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    """Hears of moves of a case, and says whether its decisions are those that the history tells."""

    name = "consultations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the packages below, which do not know this app."""
        from consultations.goal_changes.endorsement import case_moved
        from consultations.goal_changes.integrity_check import unlike_the_history
        from directory.audit import verify
        from permanency.goals import signals

        if case_moved not in signals.listeners:
            signals.listeners.append(case_moved)
        if unlike_the_history not in verify.witnesses:
            verify.witnesses.append(unlike_the_history)
