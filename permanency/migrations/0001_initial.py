"""The tables of children, goals and rules; version 1 of the rules; row-level security."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import permanency.models.children
import permanency.models.due
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

from directory.database.append_only import make_append_only
from permanency.models.row_policies import (
    CHILD_CONDITION,
    condition_through,
    create_functions,
    enable_row_security,
)
from permanency.models.rules import APPEND_ONLY
from permanency.policy.rules import VERSION_1


def publish_version_1(apps, editor):
    """Version 1 of the rules: the published review periods, and the product's defaults."""
    apps.get_model("permanency", "RuleVersion").objects.create(
        version=VERSION_1.version,
        effective_on=VERSION_1.effective_on,
        source=VERSION_1.source,
        content=VERSION_1.as_data(),
        published_at=Now(),
    )


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('directory', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Child',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(default=permanency.models.children.new_reference, editable=False, max_length=8, unique=True)),
                ('childstory_id', models.CharField(max_length=8, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z0-9]{1,8}\\Z', 'Use 1 to 8 letters or digits.')], verbose_name='ChildStory ID')),
                ('first_name', models.CharField(max_length=80)),
                ('last_name', models.CharField(max_length=80)),
                ('born_on', models.DateField(verbose_name='date of birth')),
                ('aboriginal_status', models.CharField(choices=[('aboriginal', 'Aboriginal'), ('torres_strait_islander', 'Torres Strait Islander'), ('both', 'Aboriginal and Torres Strait Islander'), ('neither', 'Neither Aboriginal nor Torres Strait Islander'), ('being_worked_out', 'Being worked out'), ('unknown', 'Not known')], default='unknown', max_length=25, verbose_name='Aboriginal or Torres Strait Islander status')),
                ('cald', models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('unknown', 'Not known')], default='unknown', max_length=8, verbose_name='culturally and linguistically diverse')),
                ('case_managed_by', models.CharField(choices=[('DCJ', 'DCJ'), ('PSP', 'PSP provider')], max_length=3)),
                ('caseworker', models.CharField(blank=True, max_length=120)),
                ('caseworker_organisation', models.CharField(blank=True, max_length=120)),
                ('died_on', models.DateField(blank=True, null=True)),
                ('left_state_on', models.DateField(blank=True, null=True, verbose_name='left New South Wales on')),
                ('restricted_on', models.DateField(editable=False, null=True)),
                ('restricted_because', models.TextField(blank=True, editable=False)),
                ('version', models.PositiveIntegerField(default=1)),
                ('added_at', models.DateTimeField(auto_now_add=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='children', to='directory.district')),
                ('office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='directory.office')),
                ('provider', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='directory.provider')),
                ('restricted_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'children',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='CasePlanGoal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('goal', models.CharField(choices=[('preservation', 'Family preservation'), ('restoration', 'Restoration'), ('guardianship', 'Guardianship'), ('adoption', 'Open adoption'), ('long_term_care', 'Long term care')], max_length=15)),
                ('effective_on', models.DateField()),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, choices=[('achieved', 'Permanency achieved'), ('goal_changed', 'Goal changed'), ('turned_18', 'Turned 18'), ('died', 'Died'), ('left_state', 'Moved out of New South Wales')], max_length=15)),
                ('source', models.CharField(choices=[('opened_in_force', 'Already in force in ChildStory'), ('approved', 'Approved here after a consultation')], max_length=15)),
                ('source_note', models.CharField(blank=True, max_length=200)),
                ('first_two_year_goal_on', models.DateField(blank=True, null=True)),
                ('last_review_held_on', models.DateField(blank=True, null=True)),
                ('intensive_since', models.DateField(blank=True, null=True)),
                ('intensive_reasons', models.TextField(blank=True)),
                ('review_anchor_on', models.DateField(null=True)),
                ('review_due_on', models.DateField(null=True)),
                ('review_derivation', models.JSONField(default=dict)),
                ('review_rule_version', models.PositiveIntegerField(default=1)),
                ('two_year_rule_version', models.PositiveIntegerField(default=1)),
                ('first_in_episode_on', models.DateField(null=True)),
                ('two_year_on', models.DateField(null=True)),
                ('two_year_derivation', models.JSONField(default=dict)),
                ('worst_on', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(django.db.models.functions.comparison.Least(django.db.models.functions.comparison.Coalesce(models.F('review_due_on'), models.F('two_year_on')), django.db.models.functions.comparison.Coalesce(models.F('two_year_on'), models.F('review_due_on'))), permanency.models.due.LastDay()), output_field=models.DateField())),
                ('due_first_on', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('review_due_on', permanency.models.due.LastDay()), output_field=models.DateField())),
                ('moved_home_on', models.DateField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('intensive_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='goals', to='permanency.child')),
            ],
            options={
                'ordering': ['-effective_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='CareEpisode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('entered_on', models.DateField(verbose_name='entered care on')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='left care on')),
                ('exit_reason', models.CharField(blank=True, max_length=120)),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='care_episodes', to='permanency.child')),
            ],
            options={
                'ordering': ['entered_on'],
            },
        ),
        migrations.CreateModel(
            name='Action',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=300)),
                ('who', models.CharField(max_length=120)),
                ('due_on', models.DateField()),
                ('agreed_on', models.DateField()),
                ('done_on', models.DateField(blank=True, null=True)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='actions', to=settings.AUTH_USER_MODEL)),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='permanency.child')),
            ],
            options={
                'ordering': ['due_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='CourtOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('interim', 'Interim order'), ('short_term', 'Short term care order'), ('long_term', 'Long term order (to 18)'), ('guardianship', 'Guardianship order'), ('supervision', 'Supervision order'), ('none', 'No order')], max_length=15)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('expires_on', models.DateField(blank=True, null=True)),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('section_90_on', models.DateField(blank=True, null=True, verbose_name='section 90 application made on')),
                ('note', models.CharField(blank=True, max_length=200)),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='court_orders', to='permanency.child')),
            ],
            options={
                'ordering': ['-starts_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('extended_to', models.DateField()),
                ('decided_on', models.DateField()),
                ('decided_by_name', models.CharField(max_length=120, verbose_name='decided by')),
                ('reasons', models.TextField()),
                ('recorded_at', models.DateTimeField(auto_now_add=True)),
                ('goal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='permanency.caseplangoal')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['extended_to'],
            },
        ),
        migrations.CreateModel(
            name='NamedPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('taken_off_on', models.DateField(blank=True, null=True)),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='named_people', to='permanency.child')),
                ('named_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='namings', to=settings.AUTH_USER_MODEL)),
                ('taken_off_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'named people',
                'ordering': ['starts_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='RuleVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True)),
                ('effective_on', models.DateField(verbose_name='takes effect on')),
                ('source', models.CharField(max_length=300)),
                ('content', models.JSONField()),
                ('transition', models.CharField(choices=[('keep', 'Open dates stay; the new periods count from the next review and the next goal'), ('recount', 'Open dates are counted again by the new rules'), ('sooner', 'Open dates are counted again, but none moves later')], default='keep', max_length=10, verbose_name='open dates')),
                ('drafted_at', models.DateTimeField(null=True)),
                ('published_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('drafted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['version'],
            },
        ),
        migrations.CreateModel(
            name='RulesTakenEffect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('reviews_moved', models.PositiveIntegerField()),
                ('two_year_dates_moved', models.PositiveIntegerField()),
                ('rules', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='taken_effect', to='permanency.ruleversion')),
            ],
            options={
                'verbose_name_plural': 'rules taken effect',
            },
        ),
        migrations.AddIndex(
            model_name='child',
            index=models.Index(fields=['district', 'case_managed_by'], name='child_scope'),
        ),
        migrations.AddIndex(
            model_name='child',
            index=models.Index(fields=['last_name', 'first_name'], name='child_name'),
        ),
        migrations.AddIndex(
            model_name='child',
            index=models.Index(fields=['provider', 'district'], name='child_provider'),
        ),
        migrations.AddIndex(
            model_name='child',
            index=models.Index(condition=models.Q(('restricted_on__isnull', False)), fields=['restricted_on'], name='child_restricted'),
        ),
        migrations.AddConstraint(
            model_name='child',
            constraint=models.CheckConstraint(condition=models.Q(('provider', None), ('case_managed_by', 'PSP'), _connector='OR'), name='only_a_case_managed_by_a_provider_names_one'),
        ),
        migrations.AddConstraint(
            model_name='child',
            constraint=models.CheckConstraint(condition=models.Q(('died_on', None), ('died_on__gte', models.F('born_on')), _connector='OR'), name='a_child_dies_after_birth'),
        ),
        migrations.AddConstraint(
            model_name='child',
            constraint=models.CheckConstraint(condition=models.Q(('left_state_on', None), ('left_state_on__gte', models.F('born_on')), _connector='OR'), name='a_child_leaves_the_state_after_birth'),
        ),
        migrations.AddConstraint(
            model_name='child',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('restricted_because', ''), ('restricted_by', None), ('restricted_on', None)), models.Q(('restricted_by__isnull', False), ('restricted_on__isnull', False), models.Q(('restricted_because', ''), _negated=True)), _connector='OR'), name='a_restriction_says_since_when_by_whom_and_why'),
        ),
        migrations.AddIndex(
            model_name='caseplangoal',
            index=models.Index(condition=models.Q(('ended_on', None)), fields=['review_due_on', 'child'], name='goal_review_due'),
        ),
        migrations.AddIndex(
            model_name='caseplangoal',
            index=models.Index(condition=models.Q(('ended_on', None)), fields=['two_year_on', 'child'], name='goal_two_year'),
        ),
        migrations.AddIndex(
            model_name='caseplangoal',
            index=models.Index(condition=models.Q(('ended_on', None)), fields=['worst_on', 'child'], name='goal_worst_first'),
        ),
        migrations.AddIndex(
            model_name='caseplangoal',
            index=models.Index(condition=models.Q(('ended_on', None)), fields=['goal', 'worst_on', 'child'], name='goal_of_a_kind'),
        ),
        migrations.AddIndex(
            model_name='caseplangoal',
            index=models.Index(condition=models.Q(('ended_on', None)), fields=['due_first_on', 'id'], name='goal_due_first'),
        ),
        migrations.AddIndex(
            model_name='caseplangoal',
            index=models.Index(condition=models.Q(('ended_on', None)), fields=['child'], include=('id', 'goal', 'ended_on', 'review_due_on', 'two_year_on'), name='goal_now_told'),
        ),
        migrations.AddConstraint(
            model_name='caseplangoal',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('child',), name='one_open_goal_per_child'),
        ),
        migrations.AddConstraint(
            model_name='caseplangoal',
            constraint=models.CheckConstraint(condition=models.Q(('ended_on', None), ('ended_on__gte', models.F('effective_on')), _connector='OR'), name='a_goal_ends_after_it_takes_effect'),
        ),
        migrations.AddConstraint(
            model_name='caseplangoal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_on', None)), models.Q(('ended_on__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='a_goal_that_ended_says_why'),
        ),
        migrations.AddConstraint(
            model_name='caseplangoal',
            constraint=models.CheckConstraint(condition=models.Q(('intensive_since', None), models.Q(models.Q(('intensive_reasons', ''), _negated=True), ('intensive_by__isnull', False)), _connector='OR'), name='an_intensive_goal_says_who_and_why'),
        ),
        migrations.AddConstraint(
            model_name='caseplangoal',
            constraint=models.CheckConstraint(condition=models.Q(('intensive_since', None), ('goal__in', ['restoration', 'guardianship', 'adoption']), _connector='OR'), name='only_a_two_year_goal_is_intensive'),
        ),
        migrations.AddConstraint(
            model_name='careepisode',
            constraint=models.UniqueConstraint(condition=models.Q(('left_on', None)), fields=('child',), name='one_open_care_episode_per_child'),
        ),
        migrations.AddConstraint(
            model_name='careepisode',
            constraint=models.CheckConstraint(condition=models.Q(('left_on', None), ('left_on__gte', models.F('entered_on')), _connector='OR'), name='a_care_episode_ends_after_it_starts'),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(condition=models.Q(('done_on', None)), fields=['due_on'], name='action_open'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.CheckConstraint(condition=models.Q(('done_on', None), ('done_on__gte', models.F('agreed_on')), _connector='OR'), name='an_action_is_done_after_it_was_agreed'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('agreed_on'))), name='an_action_is_due_after_it_was_agreed'),
        ),
        migrations.AddIndex(
            model_name='courtorder',
            index=models.Index(condition=models.Q(('ended_on', None)), fields=['expires_on'], name='court_order_expiring'),
        ),
        migrations.AddConstraint(
            model_name='courtorder',
            constraint=models.CheckConstraint(condition=models.Q(('expires_on', None), ('starts_on', None), ('expires_on__gte', models.F('starts_on')), _connector='OR'), name='a_court_order_expires_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='courtorder',
            constraint=models.CheckConstraint(condition=models.Q(('ended_on', None), ('starts_on', None), ('ended_on__gte', models.F('starts_on')), _connector='OR'), name='a_court_order_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.UniqueConstraint(fields=('goal', 'extended_to'), name='an_extension_gives_a_new_date'),
        ),
        migrations.AddConstraint(
            model_name='namedperson',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_on', None), ('taken_off_on', None)), fields=('child', 'person'), name='a_person_is_named_once_on_a_child'),
        ),
        migrations.AddConstraint(
            model_name='namedperson',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='a_naming_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='namedperson',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('taken_off_by', None), ('taken_off_on', None)), models.Q(('taken_off_by__isnull', False), ('taken_off_on__isnull', False)), _connector='OR'), name='somebody_takes_a_named_person_off'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.CheckConstraint(condition=models.Q(('version', 1), models.Q(('drafted_at__isnull', False), ('drafted_by__isnull', False)), _connector='OR'), name='a_version_of_the_rules_says_who_drafted_it'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('published_by', None)), models.Q(('published_at__isnull', False), ('published_by__isnull', False)), models.Q(('published_at__isnull', False), ('version', 1)), _connector='OR'), name='published_rules_say_when_and_by_whom'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.CheckConstraint(condition=models.Q(('published_by', None), models.Q(('published_by', models.F('drafted_by')), _negated=True), _connector='OR'), name='nobody_publishes_the_rules_they_drafted'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('published_at', None), _connector='OR'), name='published_rules_are_not_withdrawn'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.UniqueConstraint(condition=models.Q(('published_at__isnull', False)), fields=('effective_on',), name='one_published_version_takes_effect_on_a_day'),
        ),
            migrations.RunPython(publish_version_1, migrations.RunPython.noop),
        # Rows of these are only ever added.
        make_append_only(APPEND_ONLY),
        make_append_only("permanency_rulestakeneffect"),
        # PostgreSQL itself keeps these rows from whoever may not see the child.
        create_functions(),
        enable_row_security("permanency_child", CHILD_CONDITION),
        enable_row_security("permanency_namedperson", f"person_id = fence_person() OR {condition_through('child_id')}"),
        enable_row_security("permanency_action", condition_through("child_id")),
        enable_row_security("permanency_careepisode", condition_through("child_id")),
        enable_row_security("permanency_caseplangoal", condition_through("child_id")),
        enable_row_security("permanency_courtorder", condition_through("child_id")),
        enable_row_security("permanency_extension", condition_through("goal_id", "permanency_caseplangoal")),
        enable_row_security("directory_historyentry", f"child_number IS NULL OR {condition_through('child_number')}"),
    ]
