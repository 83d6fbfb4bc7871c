"""Version 1 of the rules: the published review periods, and the product's defaults."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from permanency.policy.rules import VERSION_1


def add_version_1(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("permanency", "RuleVersion").objects.create(
        version=VERSION_1.version,
        effective_on=VERSION_1.effective_on,
        source=VERSION_1.source,
        content=VERSION_1.as_data(),
    )


def remove_version_1(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("permanency", "RuleVersion").objects.filter(version=1).delete()


class Migration(migrations.Migration):
    dependencies = [("permanency", "0001_first_tables")]

    operations = [migrations.RunPython(add_version_1, remove_version_1)]
