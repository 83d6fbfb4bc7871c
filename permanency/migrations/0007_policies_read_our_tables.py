from django.db import migrations
from django.db.migrations import RunPython

from permanency.models.row_policies import create_functions


def again():
    operation = create_functions()
    operation.reverse_code = RunPython.noop
    return operation


class Migration(migrations.Migration):

    dependencies = [
        ('permanency', '0006_struck'),
    ]

    operations = [again()]
