"""When people were last told of a change is kept itself, so that a quiet correction after it does not hide it."""

from django.db import migrations, models


def keep_what_is_known(apps, schema_editor):
    """Before a correction nothing is known of what was told: such an event counts as one that nobody was told of."""
    events = apps.get_model("events", "Event").objects.filter(changed_at__isnull=False)
    events.exclude(corrected_at__isnull=False, corrected_at=models.F("changed_at")).update(told_at=models.F("changed_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0003_quiet_corrections"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="told_at",
            field=models.DateTimeField(
                blank=True,
                help_text="The same, but for slips of the pen that were put right without writing to anybody.",
                null=True,
            ),
        ),
        migrations.RunPython(keep_what_is_known, migrations.RunPython.noop),
        migrations.RemoveField(model_name="event", name="corrected_at"),
    ]
