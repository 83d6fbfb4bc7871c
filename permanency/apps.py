from django.apps import AppConfig


class PermanencyConfig(AppConfig):
    name = "permanency"
    default_auto_field = "django.db.models.BigAutoField"
