"""Each mark of a goal as intensive is a row with its days; what the history says of them is kept."""

from itertools import pairwise

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

from permanency.models.row_policies import condition_through, enable_row_security

BEGAN, ENDED = "marked the goal intensive", "ended intensive reviews"


def keep_marks(apps, editor):
    goals = apps.get_model("permanency", "CasePlanGoal").objects
    Mark = apps.get_model("permanency", "IntensiveMark")
    entries = apps.get_model("directory", "HistoryEntry").objects.filter(verb__in=[BEGAN, ENDED])
    open_marks, ended = {}, []
    for entry in entries.exclude(by=None).order_by("pk").iterator():
        goal = int(entry.subject.rpartition(" ")[2])
        if entry.verb == BEGAN:
            why = entry.note or "Not on record any more."
            open_marks[goal] = Mark(goal_id=goal, from_on=entry.on, reasons=why, by_id=entry.by_id)
        elif goal in open_marks:
            open_marks[goal].until_on = entry.on
            ended.append(open_marks.pop(goal))
    now = {
        goal.pk: Mark(
            goal_id=goal.pk,
            from_on=goal.intensive_since,
            reasons=goal.intensive_reasons,
            by_id=goal.intensive_by_id,
        )
        for goal in goals.exclude(intensive_since=None)
    }
    Mark.objects.bulk_create([*ended, *now.values()], batch_size=1000)
    goals.update(anchor_rule_version=F("review_rule_version"))
    versions = apps.get_model("permanency", "RuleVersion").objects.exclude(published_at=None)
    for before, after in pairwise(versions.order_by("effective_on")):
        # What was counted again on the day of a version had begun by the one before it.
        counted_again = goals.filter(
            review_rule_version=after.version,
            review_derivation__not_before=after.effective_on.isoformat(),
        )
        counted_again.update(anchor_rule_version=before.version)


class Migration(migrations.Migration):

    dependencies = [
        ('permanency', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IntensiveMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_on', models.DateField()),
                ('until_on', models.DateField(null=True, blank=True)),
                ('reasons', models.TextField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('goal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='permanency.caseplangoal')),
            ],
            options={
                'ordering': ['from_on', 'pk'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', models.F('from_on')), _connector='OR'), name='a_mark_ends_after_it_begins'),
                    models.CheckConstraint(condition=models.Q(('reasons', ''), _negated=True), name='a_mark_says_why'),
                    models.UniqueConstraint(condition=models.Q(('until_on', None)), fields=('goal',), name='one_open_mark_per_goal'),
                ],
            },
        ),
        migrations.AddField(
            model_name='caseplangoal',
            name='anchor_rule_version',
            field=models.PositiveIntegerField(default=1),
        ),
        enable_row_security("permanency_intensivemark", condition_through("goal_id", "permanency_caseplangoal")),
        migrations.RunPython(keep_marks, migrations.RunPython.noop),
    ]
