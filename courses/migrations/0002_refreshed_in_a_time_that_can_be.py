from django.db import migrations, models


def put_right(apps, schema_editor):
    """0 months meant never; the longest that was ever sensible is ten years."""
    courses = apps.get_model('courses', 'Course').objects
    courses.filter(refresh_months=0).update(refresh_months=None)
    courses.filter(refresh_months__gt=120).update(refresh_months=120)


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='course',
            name='refresh_months',
            field=models.PositiveSmallIntegerField(blank=True, help_text='In how many months it is to be learned again. Empty: never.', null=True),
        ),
        migrations.RunPython(put_right, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='course',
            constraint=models.CheckConstraint(condition=models.Q(('refresh_months__gte', 1), ('refresh_months__lte', 120)), name='course_refreshed_in_a_month_to_ten_years'),
        ),
    ]
