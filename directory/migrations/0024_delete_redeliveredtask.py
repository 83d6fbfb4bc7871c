from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0023_delete_mailbreaker"),
    ]

    operations = [
        migrations.DeleteModel(name="RedeliveredTask"),
    ]
