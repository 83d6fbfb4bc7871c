"""Who read what: from the first row on the database refuses any change to it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from directory.database.append_only import make_append_only

TABLE = "directory_readentry"
INDEX = "read_shown"


def index_lists(apps, editor):
    """Find the lists that showed a child without reading every row; SQLite has no such index."""
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f'CREATE INDEX {INDEX} ON "{TABLE}" USING gin (shown jsonb_path_ops) '
            "WHERE child_number IS NULL"
        )


def drop_index(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP INDEX {INDEX}")


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0009_typed_text'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('on', models.DateField()),
                ('route', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[('record', 'Record'), ('list', 'List'), ('search', 'Search'), ('export', 'Export'), ('feed', 'Feed')], max_length=6)),
                ('child_number', models.BigIntegerField(null=True)),
                ('reference', models.CharField(blank=True, max_length=8)),
                ('shown', models.JSONField(default=list)),
                ('detail', models.JSONField(default=dict)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('district', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.district')),
            ],
            options={
                'verbose_name_plural': 'read entries',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('child_number__isnull', False)), fields=['child_number', 'at'], name='read_child'), models.Index(fields=['by', 'at'], name='read_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('child_number__isnull', False), ('kind', 'record')), models.Q(models.Q(('kind', 'record'), _negated=True), ('child_number', None)), _connector='OR'), name='a_read_names_one_child_exactly_where_it_is_of_a_record')],
            },
        ),
        migrations.RunPython(index_lists, drop_index),
        make_append_only(TABLE),
    ]
