"""The app of consultations and goal changes."""

from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    """Hears of moves of a case, which make an endorsement void (rule 9)."""

    name = "consultations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the register below, which does not know this app."""
        from consultations.services.voiding import case_moved
        from permanency.services import moves

        if case_moved not in moves.listeners:
            moves.listeners.append(case_moved)
