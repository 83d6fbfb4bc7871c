from django.db import migrations

from directory.database.append_only import guard_heads


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0004_locks_are_told'),
    ]

    operations = [guard_heads()]
