"""Drafting, publishing and taking effect of versions; which version each stored date was made by.

Version 1 was in force from the beginning, so every date that stands was made under it.
"""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import Now

from directory.database.append_only import make_append_only
from permanency.models.rules import APPEND_ONLY
from permanency.policy.goals import TWO_YEAR_GOALS

BATCH = 500


def version_1_is_published(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("permanency", "RuleVersion").objects.update(published_at=Now())


def note_the_first_two_year_goal(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Under version 1 the clock counts from the first two-year goal, so its start is that day."""
    goals = apps.get_model("permanency", "CasePlanGoal").objects
    kinds = [goal.value for goal in TWO_YEAR_GOALS]
    changed = list(goals.filter(goal__in=kinds).only("pk", "two_year_derivation"))
    for goal in changed:
        goal.first_in_episode_on = goal.two_year_derivation.get("start_on")
    goals.bulk_update(changed, ["first_in_episode_on"], batch_size=BATCH)


class Migration(migrations.Migration):

    dependencies = [
        ('permanency', '0005_a_version_of_each_row'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RulesTakenEffect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('reviews_moved', models.PositiveIntegerField()),
                ('two_year_dates_moved', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name_plural': 'rules taken effect',
            },
        ),
        migrations.AddField(
            model_name='caseplangoal',
            name='first_in_episode_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='caseplangoal',
            name='review_rule_version',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='caseplangoal',
            name='two_year_rule_version',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='drafted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='drafted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='published_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='published_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='transition',
            field=models.CharField(choices=[('keep', 'Open dates stay; the new periods count from the next review and the next goal'), ('recount', 'Open dates are counted again by the new rules'), ('sooner', 'Open dates are counted again, but none moves later')], default='keep', max_length=10, verbose_name='open dates'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='withdrawn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='ruleversion',
            name='effective_on',
            field=models.DateField(verbose_name='takes effect on'),
        ),
        migrations.RunPython(version_1_is_published, migrations.RunPython.noop),
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
        migrations.AddField(
            model_name='rulestakeneffect',
            name='rules',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='taken_effect', to='permanency.ruleversion'),
        ),
        migrations.RunPython(note_the_first_two_year_goal, migrations.RunPython.noop),
        make_append_only(APPEND_ONLY),
        make_append_only("permanency_rulestakeneffect"),
    ]
