from django.db import migrations, models

from directory import names

AT_A_TIME = 1_000


def fill(apps, editor):
    children = apps.get_model('permanency', 'Child').objects.order_by('pk')
    last = 0
    while some := list(children.filter(pk__gt=last)[:AT_A_TIME]):
        for child in some:
            child.folded_name = names.fold(child.first_name, child.last_name)
        children.bulk_update(some, ['folded_name'])
        last = some[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('permanency', '0003_marks_say_why'),
    ]

    operations = [
        migrations.AddField(
            model_name='child',
            name='folded_name',
            field=models.TextField(default='', editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
