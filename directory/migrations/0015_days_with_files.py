from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("directory", "0014_subjects_of_single_sign_on")]

    operations = [
        migrations.AddIndex(
            model_name="readentry",
            index=models.Index(
                condition=models.Q(("kind", "export")), fields=["on"], name="read_day_files"
            ),
        ),
    ]
