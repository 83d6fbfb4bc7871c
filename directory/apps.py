"""The app of who there is: districts, people, their rights, and the mail to them."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate, pre_migrate


class DirectoryConfig(AppConfig):
    name = "directory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        backends = import_module("directory.accounts.backends")
        import_module("directory.web.request")
        limits = import_module("directory.database.limits")
        pre_migrate.connect(limits.lift_for_migrate, sender=self)
        post_migrate.connect(limits.set_after_migrate, sender=self)
        grants = import_module("directory.database.grants")
        post_migrate.connect(grants.grant_after_migrate, sender=self)
        checks.register(backends.demo_people_warnings, checks.Tags.database)
