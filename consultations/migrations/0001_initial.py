"""The tables of consultations and goal changes; append-only decisions; row-level security."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from directory.database.append_only import make_append_only
from permanency.models.row_policies import condition_through, enable_row_security


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('directory', '0001_initial'),
        ('permanency', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Consultation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('formal', 'Formal consultation'), ('informal', 'Informal advice')], default='formal', max_length=10)),
                ('purpose', models.CharField(choices=[('difficulty', 'Talk through difficulty in reaching the goal'), ('goal_change', 'Consider a proposal to set or change the goal'), ('packages', 'Advice on packages'), ('permanency', 'Explore physical, relational, cultural or legal permanency'), ('services', 'Find services that prevent entry to care or support leaving it'), ('skill', 'Guide and build skill'), ('collaboration', 'Help DCJ and a provider work together')], default='goal_change', max_length=15)),
                ('held_on', models.DateField(verbose_name='date held')),
                ('asked_by_name', models.CharField(blank=True, max_length=120, verbose_name='who asked')),
                ('asked_by_organisation', models.CharField(blank=True, max_length=120, verbose_name='their organisation')),
                ('asked_by_role', models.CharField(blank=True, max_length=80, verbose_name='their role')),
                ('took_part', models.TextField(blank=True, verbose_name='who took part')),
                ('question', models.TextField(blank=True)),
                ('child_views', models.TextField(blank=True, verbose_name="the child's views")),
                ('family_views', models.TextField(blank=True, verbose_name="the family's views")),
                ('cultural_advice', models.TextField(blank=True)),
                ('cultural_advice_from', models.CharField(blank=True, max_length=200)),
                ('recommended_goal', models.CharField(blank=True, choices=[('preservation', 'Family preservation'), ('restoration', 'Restoration'), ('guardianship', 'Guardianship'), ('adoption', 'Open adoption'), ('long_term_care', 'Long term care')], max_length=15)),
                ('recommendation', models.TextField(blank=True)),
                ('reasons', models.TextField(blank=True)),
                ('recorded_on', models.DateField(null=True)),
                ('typed', models.JSONField(blank=True, default=dict)),
                ('version', models.PositiveIntegerField(default=1)),
                ('begun_at', models.DateTimeField(auto_now_add=True)),
                ('actions', models.ManyToManyField(blank=True, related_name='consultations', to='permanency.action')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consultations', to=settings.AUTH_USER_MODEL)),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consultations', to='permanency.child')),
            ],
            options={
                'ordering': ['-held_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('case_plan', 'Case plan, or a draft of it'), ('circumstances', "Change in the parents' or carers' circumstances"), ('assessment', 'Restoration or guardianship assessment'), ('child_views', "The child's views"), ('cultural', 'Cultural consultation'), ('legal', 'Legal advice, where an order must change'), ('siblings', 'Brothers and sisters considered'), ('other', 'Other')], max_length=15)),
                ('state', models.CharField(choices=[('seen', 'Seen'), ('missing', 'Missing'), ('not_needed', 'Not needed')], default='missing', max_length=10)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evidence', to='consultations.consultation')),
            ],
            options={
                'verbose_name_plural': 'evidence',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='GoalChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('goal', models.CharField(choices=[('preservation', 'Family preservation'), ('restoration', 'Restoration'), ('guardianship', 'Guardianship'), ('adoption', 'Open adoption'), ('long_term_care', 'Long term care')], max_length=15, verbose_name='proposed goal')),
                ('reasons', models.TextField()),
                ('cultural_consultation', models.TextField(blank=True)),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('proposed', 'Proposed'), ('endorsed', 'Endorsed'), ('not_endorsed', 'Not endorsed'), ('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], default='draft', max_length=15)),
                ('status_since_on', models.DateField()),
                ('requested_by_name', models.CharField(max_length=120, verbose_name='who asked for the change')),
                ('requested_by_role', models.CharField(blank=True, max_length=80, verbose_name='their role')),
                ('requested_by_organisation', models.CharField(blank=True, max_length=120, verbose_name='their organisation')),
                ('endorsed_case_managed_by', models.CharField(blank=True, choices=[('DCJ', 'DCJ'), ('PSP', 'PSP provider')], max_length=3)),
                ('endorsed_aboriginal_status', models.CharField(blank=True, choices=[('aboriginal', 'Aboriginal'), ('torres_strait_islander', 'Torres Strait Islander'), ('both', 'Aboriginal and Torres Strait Islander'), ('neither', 'Neither Aboriginal nor Torres Strait Islander'), ('being_worked_out', 'Being worked out'), ('unknown', 'Not known')], max_length=25)),
                ('evidence_exempted_because', models.TextField(blank=True)),
                ('evidence_exempted_until', models.DateField(blank=True, null=True)),
                ('effective_on', models.DateField(null=True)),
                ('case_plan_approved_on', models.DateField(blank=True, null=True)),
                ('entered_in_childstory_on', models.DateField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('begun_at', models.DateTimeField(auto_now_add=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_for_by', models.ManyToManyField(editable=False, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case_plan_approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='goal_changes', to='permanency.child')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='goal_changes', to='consultations.consultation')),
                ('current_goal', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes_from', to='permanency.caseplangoal')),
                ('endorsed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('endorsed_district', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.district')),
                ('endorsed_provider', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.provider')),
                ('entered_in_childstory_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('follows', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed_by', to='consultations.goalchange')),
                ('new_goal', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='approved_change', to='permanency.caseplangoal')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('propose', 'Propose'), ('endorse', 'Endorse'), ('not_endorse', 'Do not endorse'), ('ask_for_more', 'Ask for more'), ('void', 'Endorsement void'), ('approve', 'Approve'), ('decline', 'Decline'), ('start_again', 'Start again'), ('withdraw', 'Withdraw')], max_length=15)),
                ('from_status', models.CharField(choices=[('draft', 'Draft'), ('proposed', 'Proposed'), ('endorsed', 'Endorsed'), ('not_endorsed', 'Not endorsed'), ('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], max_length=15)),
                ('to_status', models.CharField(choices=[('draft', 'Draft'), ('proposed', 'Proposed'), ('endorsed', 'Endorsed'), ('not_endorsed', 'Not endorsed'), ('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], max_length=15)),
                ('on', models.DateField()),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('reasons', models.TextField(blank=True)),
                ('effects', models.JSONField(default=dict)),
                ('appointment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.appointment')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rules', models.ForeignKey(default=1, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permanency.ruleversion', to_field='version')),
                ('goal_change', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='consultations.goalchange')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='OptionWeighed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('goal', models.CharField(choices=[('preservation', 'Family preservation'), ('restoration', 'Restoration'), ('guardianship', 'Guardianship'), ('adoption', 'Open adoption'), ('long_term_care', 'Long term care')], max_length=15)),
                ('is_practicable', models.CharField(blank=True, choices=[('yes', 'Yes'), ('no', 'No'), ('unsure', 'Not yet clear')], max_length=6, verbose_name='practicable')),
                ('in_best_interests', models.CharField(blank=True, choices=[('yes', 'Yes'), ('no', 'No'), ('unsure', 'Not yet clear')], max_length=6, verbose_name="in the child's best interests")),
                ('reasons', models.TextField(blank=True)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='options', to='consultations.consultation')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='consultation',
            constraint=models.CheckConstraint(condition=models.Q(('recorded_on', None), models.Q(models.Q(('question', ''), _negated=True), models.Q(('recommendation', ''), _negated=True), models.Q(('asked_by_name', ''), _negated=True)), _connector='OR'), name='a_recorded_consultation_says_who_asked_what_and_the_advice'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.UniqueConstraint(fields=('consultation', 'kind'), name='evidence_is_listed_once_at_a_consultation'),
        ),
        migrations.AddIndex(
            model_name='goalchange',
            index=models.Index(condition=models.Q(('status__in', ['proposed', 'endorsed'])), fields=['status', 'status_since_on'], name='goal_change_waiting'),
        ),
        migrations.AddConstraint(
            model_name='goalchange',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['draft', 'endorsed', 'proposed'])), fields=('child',), name='one_open_goal_change_per_child'),
        ),
        migrations.AddConstraint(
            model_name='goalchange',
            constraint=models.CheckConstraint(condition=models.Q(('requested_by', None), ('endorsed_by', None), models.Q(('requested_by', models.F('endorsed_by')), _negated=True), _connector='OR'), name='nobody_endorses_what_they_asked_for'),
        ),
        migrations.AddConstraint(
            model_name='goalchange',
            constraint=models.CheckConstraint(condition=models.Q(('requested_by', None), ('approved_by', None), models.Q(('requested_by', models.F('approved_by')), _negated=True), _connector='OR'), name='nobody_approves_what_they_asked_for'),
        ),
        migrations.AddConstraint(
            model_name='goalchange',
            constraint=models.CheckConstraint(condition=models.Q(('endorsed_by', None), ('approved_by', None), models.Q(('endorsed_by', models.F('approved_by')), _negated=True), _connector='OR'), name='nobody_approves_what_they_endorsed'),
        ),
        migrations.AddConstraint(
            model_name='goalchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'endorsed'), _negated=True), ('endorsed_by__isnull', False), _connector='OR'), name='an_endorsed_change_names_its_endorser'),
        ),
        migrations.AddConstraint(
            model_name='goalchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'endorsed'), _negated=True), models.Q(('endorsed_district__isnull', False), models.Q(('endorsed_case_managed_by', ''), _negated=True), models.Q(('endorsed_aboriginal_status', ''), _negated=True)), _connector='OR'), name='an_endorsement_is_bound_to_the_case_as_it_was'),
        ),
        migrations.AddConstraint(
            model_name='goalchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), models.Q(('approved_by__isnull', False), ('effective_on__isnull', False), ('endorsed_by__isnull', False), ('new_goal__isnull', False)), _connector='OR'), name='an_approved_change_was_endorsed_and_is_in_force'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('step', 'void'), ('by__isnull', False), _connector='OR'), name='somebody_takes_every_step'),
        ),
        migrations.AddConstraint(
            model_name='optionweighed',
            constraint=models.UniqueConstraint(fields=('consultation', 'goal'), name='an_option_is_weighed_once_at_a_consultation'),
        ),
            # Rows of these are only ever added.
        make_append_only("consultations_decision"),
        make_append_only("consultations_goalchange_asked_for_by"),
        # PostgreSQL itself keeps these rows from whoever may not see the child.
        enable_row_security(
            "consultations_consultation",
            f"(recorded_on IS NOT NULL OR by_id = fence_person()) AND {condition_through('child_id')}",
        ),
        enable_row_security("consultations_consultation_actions", condition_through("consultation_id", "consultations_consultation")),
        enable_row_security("consultations_evidence", condition_through("consultation_id", "consultations_consultation")),
        enable_row_security("consultations_optionweighed", condition_through("consultation_id", "consultations_consultation")),
        enable_row_security("consultations_goalchange", condition_through("child_id")),
        enable_row_security("consultations_goalchange_asked_for_by", condition_through("goalchange_id", "consultations_goalchange")),
        enable_row_security("consultations_decision", condition_through("goal_change_id", "consultations_goalchange")),
    ]
