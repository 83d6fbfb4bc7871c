"""Columns and tables for a chained history; the guard of the history is off until it is chained."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from directory.database.append_only import remove_append_only
from directory.models.history import BEGINNING


class Migration(migrations.Migration):

    dependencies = [("directory", "0004_what_inboxes_were_told")]

    operations = [
        remove_append_only("directory_historyentry"),
        migrations.AlterField("historyentry", "at", models.DateTimeField()),
        migrations.AddField("historyentry", "chain", models.CharField(max_length=30, default="")),
        migrations.AddField("historyentry", "sequence", models.PositiveBigIntegerField(default=0)),
        migrations.AddField(
            "historyentry", "salt", models.CharField(blank=True, max_length=32, default="")
        ),
        migrations.AddField(
            "historyentry", "content_digest", models.CharField(max_length=64, default="")
        ),
        migrations.CreateModel(
            name="HistoryHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chain", models.CharField(max_length=30, unique=True)),
                ("sequence", models.PositiveBigIntegerField(default=0)),
                ("digest", models.CharField(default=BEGINNING, max_length=64)),
            ],
            options={"ordering": ["chain"]},
        ),
        migrations.CreateModel(
            name="HistoryHeadOfDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chain", models.CharField(max_length=30)),
                ("on", models.DateField()),
                ("sequence", models.PositiveBigIntegerField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={"ordering": ["on", "chain"]},
        ),
        migrations.AddConstraint(
            "historyheadofday",
            models.UniqueConstraint(
                fields=("chain", "on"), name="the_head_of_a_chain_is_kept_once_a_day"
            ),
        ),
        migrations.CreateModel(
            name="Redaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("authority", models.CharField(max_length=200)),
                ("reason", models.TextField()),
                ("on", models.DateField()),
                ("decided_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("done_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("entry", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="redaction", to="directory.historyentry")),
                ("told_by", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.historyentry")),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.AddConstraint(
            "redaction",
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("done_by")),
                name="two_people_redact_an_entry",
            ),
        ),
        migrations.AddConstraint(
            "redaction",
            models.CheckConstraint(
                condition=~models.Q(authority="") & ~models.Q(reason=""),
                name="a_redaction_says_why_and_under_which_authority",
            ),
        ),
    ]
