"""How a partnership books."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.models import BookingSettings, LatePlaces, ManagerRole
from core.forms import NumberField


def _number(label: str, help_text: str, *, least: int, most: int, unit: str) -> NumberField:
    return NumberField(
        label=label,
        help_text=help_text,
        least=least,
        most=most,
        error_messages={
            "required": f"{label}: give a number of {unit}, from {least} to {most}.",
            "invalid": f"{label}: write the number of {unit} in digits, like {max(least, 2)}.",
            "min_value": f"{label}: give {least} or more {unit}.",
            "max_value": f"{label}: give {most} {unit} at most.",
        },
    )


class BookingSettingsForm(forms.Form):
    manager_role = forms.ChoiceField(
        label="What does the line manager do?",
        help_text="A course or an event can say otherwise.",
        choices=ManagerRole.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the line manager does."},
    )
    approval_reminder_days = _number(
        "Remind a manager after",
        "Working days since they were asked. Their deputy is asked then too.",
        least=0,
        most=60,
        unit="working days",
    )
    approval_lapse_days = _number(
        "Let a request lapse after",
        "Working days since the manager was asked. Others can have the place then.",
        least=1,
        most=60,
        unit="working days",
    )
    confirm_until_days = _number(
        "Confirm whoever is next until",
        "Working days before the start. A place that is freed until then goes to the first in line without asking.",
        least=0,
        most=60,
        unit="working days",
    )
    late_places = forms.ChoiceField(
        label="After that, a freed place is",
        choices=LatePlaces.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what becomes of a place that is freed late."},
    )
    offer_hours = _number(
        "Time to answer an offer",
        "Working hours: Monday to Friday, 9am to 5pm, without bank holidays.",
        least=1,
        most=80,
        unit="working hours",
    )
    sector_warning_days = _number(
        "Warn us of missing sectors",
        "Days before the start from which Today names the sectors that nobody has booked from.",
        least=0,
        most=90,
        unit="days",
    )
    needs_kept_days = _number(
        "Delete what people said of diet and access",
        "Days after the event. The counts for the caterer stay.",
        least=0,
        most=365,
        unit="days",
    )
    feed_shows_links = forms.BooleanField(
        label="Show joining links in the calendars that people subscribe to",
        help_text="For every event, at once. Whoever gets to see such a calendar can then join. The invitation by mail has the "
        "link either way.",
        required=False,
    )

    @staticmethod
    def details_of(settings: BookingSettings) -> dict[str, Any]:
        return {name: getattr(settings, name) for name in BookingSettingsForm.base_fields}
