"""One address belongs to one person, proved or not: the sign-in library promises it only for proved ones."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE UNIQUE INDEX person_address_once ON account_emailaddress (lower(email))",
            "DROP INDEX person_address_once",
        ),
    ]
