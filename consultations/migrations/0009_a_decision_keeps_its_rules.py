"""A decision keeps the rules it was made under, and an approval what it did to both dates.

SQLite builds the table anew, so the guard comes off before and is put back after.
"""

import django.db.models.deletion
from django.db import migrations, models

from directory.database.append_only import make_append_only
from directory.database.append_only import remove_append_only


class Migration(migrations.Migration):

    dependencies = [
        ('consultations', '0008_forms_carry_no_token_of_their_own'),
        ('permanency', '0006_versions_of_the_rules'),
    ]

    operations = [
        remove_append_only("consultations_decision"),
        migrations.AddField(
            model_name='decision',
            name='effects',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='decision',
            name='rules',
            field=models.ForeignKey(default=1, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permanency.ruleversion', to_field='version'),
        ),
        make_append_only("consultations_decision"),
    ]
