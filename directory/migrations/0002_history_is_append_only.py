"""From here on the database refuses any change to a history entry."""

from django.db import migrations

from directory.database.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_first_tables")]

    operations = [guard("directory_historyentry")]
