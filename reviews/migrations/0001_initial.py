"""The tables of reviews and of the counts of districts; row-level security."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

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
            name='DistrictSummary',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('entries', models.PositiveBigIntegerField()),
                ('recipe', models.CharField(max_length=64)),
                ('cells', models.JSONField()),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='directory.district')),
            ],
            options={
                'verbose_name_plural': 'district summaries',
                'ordering': ['district', 'on'],
                'constraints': [models.UniqueConstraint(fields=('district', 'on'), name='a_district_is_summed_up_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='GoalReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField(null=True)),
                ('anchor_on', models.DateField(null=True)),
                ('period_months', models.PositiveSmallIntegerField(null=True)),
                ('due_derivation', models.JSONField(default=dict)),
                ('held_on', models.DateField(blank=True, null=True, verbose_name='date held')),
                ('planned_on', models.DateField(blank=True, null=True, verbose_name='planned for')),
                ('outcome', models.CharField(choices=[('continue', 'Continue with the goal'), ('intensive', 'Continue, with reviews every three months'), ('change_needed', 'A change of goal is needed'), ('extension_sought', 'Continue, and an extension is sought'), ('achieved', 'The goal is achieved'), ('not_held', 'Not held')], max_length=20)),
                ('not_held_reasons', models.TextField(blank=True, verbose_name='why it was not held')),
                ('backdated_reasons', models.TextField(blank=True, verbose_name='why it is recorded late')),
                ('took_part', models.TextField(blank=True, verbose_name='who took part')),
                ('progress', models.CharField(blank=True, choices=[('on_track', 'On track'), ('at_risk', 'At risk'), ('off_track', 'Off track')], max_length=10)),
                ('progress_reasons', models.TextField(blank=True, verbose_name='why')),
                ('barriers', models.TextField(blank=True)),
                ('support_needed', models.TextField(blank=True)),
                ('cultural_practice', models.TextField(blank=True)),
                ('copy_given_on', models.DateField(blank=True, null=True, verbose_name='copy given to the provider on')),
                ('recorded_on', models.DateField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('actions', models.ManyToManyField(blank=True, related_name='reviews', to='permanency.action')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='permanency.child')),
                ('goal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='permanency.caseplangoal')),
                ('rules', models.ForeignKey(default=1, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permanency.ruleversion', to_field='version')),
            ],
            options={
                'ordering': ['-recorded_on', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('held_on', None), ('outcome', 'not_held'), models.Q(('not_held_reasons', ''), _negated=True)), models.Q(models.Q(('outcome', 'not_held'), _negated=True), ('held_on__isnull', False), models.Q(('progress', ''), _negated=True)), _connector='OR'), name='a_review_was_held_or_says_why_not'), models.CheckConstraint(condition=models.Q(('held_on', None), ('held_on__lte', models.F('recorded_on')), _connector='OR'), name='no_review_is_held_in_the_future'), models.UniqueConstraint(condition=models.Q(('held_on__isnull', False)), fields=('goal', 'held_on'), name='a_goal_is_reviewed_once_a_day')],
            },
        ),
            # PostgreSQL itself keeps these rows from whoever may not see the child.
        enable_row_security("reviews_goalreview", condition_through("child_id")),
        enable_row_security("reviews_goalreview_actions", condition_through("goalreview_id", "reviews_goalreview")),
    ]
