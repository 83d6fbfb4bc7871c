"""Private calendar feeds; from the first row on the database refuses any change to their reads."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from directory.database.append_only import make_append_only


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0019_a_mail_keeps_its_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_digest', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('inbox', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calendar_feeds', to='directory.inbox')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calendar_feeds', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='FeedRead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('network_address', models.GenericIPAddressField(null=True)),
                ('events', models.PositiveIntegerField()),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reads', to='directory.calendarfeed')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='calendarfeed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('inbox', None), ('person__isnull', False)), models.Q(('inbox__isnull', False), ('person', None)), _connector='OR'), name='a_calendar_is_of_a_person_or_of_an_inbox'),
        ),
        migrations.AddConstraint(
            model_name='calendarfeed',
            constraint=models.CheckConstraint(condition=models.Q(('person', None), ('person', models.F('made_by')), _connector='OR'), name='nobody_makes_the_calendar_of_somebody_else'),
        ),
        migrations.AddConstraint(
            model_name='calendarfeed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='a_revoked_calendar_says_when_and_by_whom'),
        ),
        make_append_only("directory_feedread"),
    ]
