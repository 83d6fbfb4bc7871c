"""Every entry stands in a chain; from here on only a redaction may blank what one says."""

from django.db import migrations, models

from directory.database.append_only import HISTORY_TABLE
from directory.database.append_only import make_append_only


class Migration(migrations.Migration):

    dependencies = [("directory", "0006_chain_what_stands")]

    operations = [
        migrations.AlterField("historyentry", "chain", models.CharField(max_length=30)),
        migrations.AlterField("historyentry", "sequence", models.PositiveBigIntegerField()),
        migrations.AlterField("historyentry", "salt", models.CharField(blank=True, max_length=32)),
        migrations.AlterField("historyentry", "content_digest", models.CharField(max_length=64)),
        migrations.AlterField("historyentry", "digest", models.CharField(max_length=64)),
        migrations.AddConstraint(
            "historyentry",
            models.UniqueConstraint(
                fields=("chain", "sequence"), name="each_place_in_a_chain_is_taken_once"
            ),
        ),
        migrations.AddConstraint(
            "historyentry",
            models.CheckConstraint(
                condition=~models.Q(chain="")
                & ~models.Q(content_digest="")
                & ~models.Q(digest=""),
                name="every_entry_stands_in_a_chain",
            ),
        ),
        make_append_only(HISTORY_TABLE),
        make_append_only("directory_redaction"),
        make_append_only("directory_historyheadofday"),
    ]
