"""A decision is a row that nobody edits: the database refuses it."""

from django.db import migrations

from directory.database.append_only import make_append_only


class Migration(migrations.Migration):

    dependencies = [
        ("consultations", "0002_drafts_as_typed_and_forms_sent_once"),
        ("directory", "0002_history_is_append_only"),
    ]

    operations = [make_append_only("consultations_decision")]
