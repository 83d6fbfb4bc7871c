"""The tables of the directory, and which of them are append-only."""

import directory.models.accounts
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from directory.database.append_only import HISTORY_TABLE, make_append_only


def index_shown_children(apps, editor):
    """Find the lists that showed a child without reading every row; SQLite has no such index."""
    if editor.connection.vendor == "postgresql":
        editor.execute(
            'CREATE INDEX read_shown ON "directory_readentry" USING gin (shown jsonb_path_ops) '
            "WHERE child_number IS NULL"
        )


def drop_index(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX read_shown")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='District',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('list_key', models.CharField(blank=True, max_length=120)),
                ('edited_on', models.DateField(blank=True, null=True)),
                ('name', models.CharField(max_length=80, unique=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('time_zone', models.CharField(default='Australia/Sydney', max_length=40)),
                ('retired_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='HistoryHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain', models.CharField(max_length=30, unique=True)),
                ('sequence', models.PositiveBigIntegerField(default=0)),
                ('digest', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
            options={
                'ordering': ['chain'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_person_for_an_email_address')],
            },
        ),
        migrations.CreateModel(
            name='AskedReset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=255)),
                ('network_address', models.GenericIPAddressField(null=True)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['account', 'asked_at'], name='asked_by_account'), models.Index(fields=['network_address', 'asked_at'], name='asked_from_address')],
            },
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_digest', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calendar_feeds', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('role', models.CharField(choices=[('coordinator', 'Permanency Coordinator'), ('cfdu_approver', 'CFDU approver'), ('casework_manager', 'Manager Casework'), ('district_manager', 'District manager'), ('practice_manager', 'Manager Practice and Permanency'), ('contract_manager', 'Contract manager'), ('administrator', 'Administrator')], max_length=20)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('instrument', models.CharField(blank=True, max_length=120)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to=settings.AUTH_USER_MODEL)),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='directory.district')),
            ],
            options={
                'ordering': ['starts_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(max_length=500)),
                ('content', models.JSONField()),
                ('key', models.CharField(blank=True, max_length=40)),
                ('saved_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
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
        migrations.CreateModel(
            name='HistoryEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('on', models.DateField()),
                ('child_number', models.BigIntegerField(null=True)),
                ('verb', models.CharField(max_length=60)),
                ('subject', models.CharField(max_length=80)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('note', models.TextField(blank=True)),
                ('chain', models.CharField(max_length=30)),
                ('sequence', models.PositiveBigIntegerField()),
                ('salt', models.CharField(blank=True, max_length=32)),
                ('content_digest', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64)),
                ('appointment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.appointment')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('district', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.district')),
            ],
            options={
                'verbose_name_plural': 'history entries',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='HistoryHeadOfDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain', models.CharField(max_length=30)),
                ('on', models.DateField()),
                ('sequence', models.PositiveBigIntegerField()),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['on', 'chain'],
                'constraints': [models.UniqueConstraint(fields=('chain', 'on'), name='the_head_of_a_chain_is_kept_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Inbox',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('list_key', models.CharField(blank=True, max_length=120)),
                ('edited_on', models.DateField(blank=True, null=True)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('address', models.EmailField(blank=True, max_length=254)),
                ('is_fallback', models.BooleanField(default=False)),
                ('to_be_confirmed', models.BooleanField(default=False)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('retired_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'inboxes',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('list_key', ''), _negated=True), fields=('list_key',), name='the_list_names_each_inbox_once'), models.UniqueConstraint(condition=models.Q(('is_fallback', True)), fields=('is_fallback',), name='one_fallback_inbox'), models.CheckConstraint(condition=models.Q(('is_fallback', True), models.Q(('address', ''), _negated=True), _connector='OR'), name='an_inbox_has_an_address')],
            },
        ),
        migrations.AddField(
            model_name='district',
            name='inbox',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='districts', to='directory.inbox'),
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='inbox',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calendar_feeds', to='directory.inbox'),
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(blank=True, max_length=254)),
                ('on', models.DateField()),
                ('part', models.CharField(max_length=80)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('rule_version', models.PositiveIntegerField(null=True)),
                ('message_id', models.CharField(max_length=120, unique=True)),
                ('state', models.CharField(choices=[('owed', 'Owed'), ('claimed', 'Claimed'), ('handing_over', 'Handing over'), ('sent', 'Sent'), ('kept', 'Kept on this machine'), ('parked', 'Parked'), ('undeliverable', 'Undeliverable'), ('cancelled', 'Cancelled')], default='owed', max_length=15)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('tries', models.PositiveIntegerField(db_default=0, default=0)),
                ('left_behind', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('failing_since', models.DateTimeField(null=True)),
                ('unsure', models.PositiveSmallIntegerField(default=0)),
                ('may_repeat', models.BooleanField(default=False)),
                ('trouble', models.CharField(blank=True, max_length=300)),
                ('composed_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('inbox', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='directory.inbox')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='MailSwitch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_held', models.BooleanField(default=False)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='there_is_one_mail_switch')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('review_overdue', 'Goal review overdue'), ('two_year_passed', 'Two-year date passed'), ('review_due', 'Goal review due'), ('review_coming', 'Goal review coming'), ('two_year_coming', 'Two-year date coming'), ('order_expiring', 'Short term order expiring'), ('endorsement_waiting', 'Endorsement waiting'), ('approval_waiting', 'Approval waiting'), ('change_returned', 'Goal change returned'), ('change_decided', 'Goal change decided'), ('action_overdue', 'Action overdue'), ('directory_gap', 'District without an inbox')], max_length=20)),
                ('occurrence', models.CharField(max_length=80)),
                ('threshold', models.CharField(blank=True, max_length=20)),
                ('child_number', models.BigIntegerField(null=True)),
                ('reference', models.CharField(blank=True, max_length=12)),
                ('path', models.CharField(max_length=120)),
                ('about_on', models.DateField(null=True)),
                ('why', models.CharField(blank=True, max_length=240)),
                ('owed_on', models.DateField()),
                ('written_at', models.DateTimeField(auto_now_add=True, db_default=django.db.models.functions.datetime.Now())),
                ('is_covered', models.BooleanField(default=False)),
                ('settled_at', models.DateTimeField(null=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='directory.district')),
                ('inbox', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='directory.inbox')),
                ('mail', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='directory.mail')),
            ],
            options={
                'ordering': ['owed_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Office',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('list_key', models.CharField(blank=True, max_length=120)),
                ('edited_on', models.DateField(blank=True, null=True)),
                ('name', models.CharField(max_length=80)),
                ('retired_on', models.DateField(blank=True, null=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offices', to='directory.district')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Provider',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('is_aboriginal_controlled', models.BooleanField(default=False)),
                ('retired_on', models.DateField(blank=True, null=True)),
                ('districts', models.ManyToManyField(blank=True, related_name='providers', to='directory.district')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Allocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to=settings.AUTH_USER_MODEL)),
                ('office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='directory.office')),
                ('provider', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='directory.provider')),
            ],
            options={
                'ordering': ['starts_on', 'pk'],
            },
        ),
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
            },
        ),
        migrations.CreateModel(
            name='Redaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('authority', models.CharField(max_length=200)),
                ('reason', models.TextField()),
                ('on', models.DateField()),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='redaction', to='directory.historyentry')),
                ('told_by', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.historyentry')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('began_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SignInLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('invitation', 'Invitation'), ('reset', 'New password')], max_length=12)),
                ('nonce', models.CharField(default=directory.models.accounts.new_nonce, max_length=32)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='mail',
            name='link',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='directory.signinlink'),
        ),
        migrations.CreateModel(
            name='Subject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=255)),
                ('subject', models.CharField(max_length=255)),
                ('connected_at', models.DateTimeField(auto_now_add=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subjects', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40)),
                ('form', models.CharField(max_length=500)),
                ('fingerprint', models.CharField(max_length=64)),
                ('location', models.TextField(blank=True)),
                ('sent_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='TickRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('started_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('counts', models.JSONField(default=dict)),
                ('problems', models.JSONField(default=list)),
                ('heads', models.CharField(blank=True, max_length=64)),
                ('quiet_until', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['ended_at'], name='tick_ended'), models.Index(fields=['on'], name='tick_on')],
            },
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='an_appointment_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('role__in', ['administrator', 'practice_manager']), _negated=True), ('district', None), _connector='OR'), name='a_whole_state_role_names_no_district'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('person', 'form'), name='a_person_has_one_draft_of_a_form'),
        ),
        migrations.AddIndex(
            model_name='historyentry',
            index=models.Index(fields=['child_number', '-id'], name='history_child'),
        ),
        migrations.AddConstraint(
            model_name='historyentry',
            constraint=models.UniqueConstraint(fields=('chain', 'sequence'), name='each_place_in_a_chain_is_taken_once'),
        ),
        migrations.AddConstraint(
            model_name='historyentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('chain', ''), _negated=True), models.Q(('content_digest', ''), _negated=True), models.Q(('digest', ''), _negated=True)), name='every_entry_stands_in_a_chain'),
        ),
        migrations.AddConstraint(
            model_name='district',
            constraint=models.UniqueConstraint(condition=models.Q(('list_key', ''), _negated=True), fields=('list_key',), name='the_list_names_each_district_once'),
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
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('is_covered', False), ('mail', None), ('settled_at', None)), fields=['inbox', 'owed_on'], name='notice_unsent'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['child_number'], name='notice_child'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('settled_at__isnull', False)), fields=['mail'], name='notice_settled'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['occurrence', 'inbox', 'owed_on'], name='notice_matter', opclasses=['varchar_pattern_ops', 'int8_ops', 'date_ops']),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('kind', 'occurrence', 'threshold', 'inbox'), name='an_inbox_is_told_of_a_matter_once_at_a_threshold'),
        ),
        migrations.AddConstraint(
            model_name='office',
            constraint=models.UniqueConstraint(condition=models.Q(('list_key', ''), _negated=True), fields=('list_key',), name='the_list_names_each_office_once'),
        ),
        migrations.AddConstraint(
            model_name='office',
            constraint=models.UniqueConstraint(fields=('district', 'name'), name='an_office_name_is_used_once_in_a_district'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('office', None), ('provider__isnull', False)), models.Q(('office__isnull', False), ('provider', None)), _connector='OR'), name='an_allocation_names_an_office_or_a_provider'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='an_allocation_ends_after_it_starts'),
        ),
        migrations.AddIndex(
            model_name='readentry',
            index=models.Index(condition=models.Q(('child_number__isnull', False)), fields=['child_number', 'at'], name='read_child'),
        ),
        migrations.AddIndex(
            model_name='readentry',
            index=models.Index(fields=['by', 'at'], name='read_person'),
        ),
        migrations.AddIndex(
            model_name='readentry',
            index=models.Index(condition=models.Q(('kind', 'record')), fields=['on'], name='read_day'),
        ),
        migrations.AddIndex(
            model_name='readentry',
            index=models.Index(condition=models.Q(('kind', 'export')), fields=['on'], name='read_day_files'),
        ),
        migrations.AddConstraint(
            model_name='readentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('child_number__isnull', False), ('kind', 'record')), models.Q(models.Q(('kind', 'record'), _negated=True), ('child_number', None)), _connector='OR'), name='a_read_names_one_child_exactly_where_it_is_of_a_record'),
        ),
        migrations.AddConstraint(
            model_name='redaction',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', models.F('done_by')), _negated=True), name='two_people_redact_an_entry'),
        ),
        migrations.AddConstraint(
            model_name='redaction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('authority', ''), _negated=True), models.Q(('reason', ''), _negated=True)), name='a_redaction_says_why_and_under_which_authority'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('seen_at__gte', models.F('began_at'))), name='nobody_is_seen_before_they_sign_in'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('expire_date__gte', models.F('seen_at'))), name='nobody_is_seen_in_a_session_that_has_ended'),
        ),
        migrations.AddConstraint(
            model_name='signinlink',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person',), name='a_person_has_one_open_link'),
        ),
        migrations.AddConstraint(
            model_name='signinlink',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='a_link_expires_after_it_is_made'),
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(condition=models.Q(('state__in', ['owed', 'claimed', 'handing_over'])), fields=['state', 'next_attempt_at'], name='mail_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.UniqueConstraint(fields=('inbox', 'on', 'part'), name='one_mail_for_an_inbox_day_and_part'),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('inbox', None), ('person__isnull', False)), models.Q(('inbox__isnull', False), ('person', None)), _connector='OR'), name='a_mail_goes_to_an_inbox_or_to_a_person'),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['claimed', 'handing_over']), _negated=True), ('lease_until__isnull', False), _connector='OR'), name='a_claimed_mail_has_a_lease'),
        ),
        migrations.AddConstraint(
            model_name='subject',
            constraint=models.UniqueConstraint(fields=('issuer', 'subject'), name='a_subject_is_one_person_alone'),
        ),
        migrations.AddConstraint(
            model_name='subject',
            constraint=models.UniqueConstraint(fields=('person', 'issuer'), name='a_person_has_one_subject_at_a_provider'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(fields=('key',), name='a_token_is_acted_on_once'),
        ),
            migrations.RunPython(index_shown_children, drop_index),
        # Rows of these are only ever added.
        make_append_only(HISTORY_TABLE),
        make_append_only("directory_redaction"),
        make_append_only("directory_historyheadofday"),
        make_append_only("directory_readentry"),
        make_append_only("directory_feedread"),
    ]
