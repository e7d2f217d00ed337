"""Everybody who attended before there was a learning record holds the credit that registers.queries.earned_at would give."""

from itertools import islice

from django.db import migrations

from core.clock import now

AT_ONCE = 2000


def post_credits(apps, schema_editor):
    Attendance, Credit = apps.get_model("registers", "Attendance"), apps.get_model("records", "Credit")
    at = now()
    credits = (
        Credit(
            person_id=row["person_id"],
            course_id=row["course_id"],
            title=row["event__neutral_title"] if row["event__is_closed"] else row["event__title"],
            hours=row["course__hours"],
            earned_on=row["date"],
            source_kind="attendance",
            source_uuid=row["event_id"],
            given_at=at,
        )
        for row in Attendance.objects.filter(outcome="attended")
        .values(
            "person_id",
            "course_id",
            "course__hours",
            "event_id",
            "event__title",
            "event__is_closed",
            "event__neutral_title",
            "date",
        )
        .iterator(chunk_size=AT_ONCE)
    )
    while some := list(islice(credits, AT_ONCE)):
        Credit.objects.bulk_create(some)


def take_credits_away(apps, schema_editor):
    apps.get_model("records", "Credit").objects.filter(source_kind="attendance").delete()


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_initial"), ("records", "0001_initial")]

    operations = [migrations.RunPython(post_credits, take_credits_away)]
