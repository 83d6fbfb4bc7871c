"""From here on the database refuses any change to a history entry."""

from django.db import migrations

from directory.database.append_only import make_append_only


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_first_tables")]

    operations = [make_append_only("directory_historyentry")]
