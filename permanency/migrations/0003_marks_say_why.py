"""Who marked a goal intensive, and why, stands with the mark alone."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('permanency', '0002_marks_with_their_days'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='caseplangoal',
            name='an_intensive_goal_says_who_and_why',
        ),
        migrations.RemoveField(
            model_name='caseplangoal',
            name='intensive_by',
        ),
        migrations.RemoveField(
            model_name='caseplangoal',
            name='intensive_reasons',
        ),
    ]
