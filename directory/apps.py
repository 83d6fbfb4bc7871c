"""The app of who there is: districts, people, their rights, and the mail to them."""

from importlib import import_module

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Districts, people, appointments, history and the outbox."""

    name = "directory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to people signing in."""
        import_module("directory.proof")
