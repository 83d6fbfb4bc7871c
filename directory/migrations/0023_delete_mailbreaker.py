from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0022_settled_notices_of_a_mail"),
    ]

    operations = [
        migrations.DeleteModel(name="MailBreaker"),
    ]
