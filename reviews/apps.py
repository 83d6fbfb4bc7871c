"""The app of reviews of goals, and what is due when."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from reviews.handover import open_work  # noqa: F401  # registers itself
