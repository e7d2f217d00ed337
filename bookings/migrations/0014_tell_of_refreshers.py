from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0013_certificates'),
    ]

    operations = [
        migrations.AddField(
            model_name='messagesettings',
            name='refresher_weeks',
            field=models.PositiveSmallIntegerField(blank=True, default=8, help_text='Weeks before the day by which somebody is to refresh what they learned.', null=True),
        ),
        migrations.AddConstraint(
            model_name='messagesettings',
            constraint=models.CheckConstraint(condition=models.Q(('refresher_weeks__isnull', True), models.Q(('refresher_weeks__gte', 1), ('refresher_weeks__lte', 26)), _connector='OR'), name='messagesettings_refresher_in_a_week_to_half_a_year'),
        ),
    ]
