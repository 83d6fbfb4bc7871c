from django.db import migrations

from directory.database.append_only import guard_heads


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0002_addresses_in_small_letters'),
    ]

    operations = [guard_heads()]
