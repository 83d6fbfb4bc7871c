"""Lets the days of unusually much reading be found without reading the whole log."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0010_who_read_what'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='readentry',
            index=models.Index(condition=models.Q(('kind', 'record')), fields=['on'], name='read_day'),
        ),
    ]
