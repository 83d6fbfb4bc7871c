"""The app of the children, their goals and the dates that follow from them."""

from django.apps import AppConfig


class PermanencyConfig(AppConfig):
    """Children, their care, orders and case plan goals."""

    name = "permanency"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from permanency.deployment import checks  # noqa: F401  # registers itself
