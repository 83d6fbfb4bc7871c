"""The app of consultations and goal changes."""

from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    """Hears of moves of a case, and says whether its decisions are those that the history tells."""

    name = "consultations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the packages below, which do not know this app."""
        from consultations.services.decided import unlike_the_history
        from consultations.services.voiding import case_moved
        from directory import verifying
        from permanency.services import moves

        if case_moved not in moves.listeners:
            moves.listeners.append(case_moved)
        if unlike_the_history not in verifying.witnesses:
            verifying.witnesses.append(unlike_the_history)
