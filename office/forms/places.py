"""How many may come to an event, and when booking is open."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms

from bookings.models import BookingTerms
from core.clock import LONDON
from office.forms.sessions import DAY_FORMATS, NOT_A_DAY


def _day_field(label: str, help_text: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=DAY_FORMATS,
        widget=forms.DateInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off"}, format="%d/%m/%Y"),
        help_text=help_text,
        error_messages={"invalid": NOT_A_DAY},
    )


class PlacesForm(forms.Form):
    places = forms.IntegerField(
        label="Number of places",
        min_value=1,
        max_value=5000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-5"}),
        error_messages={
            "required": "Give the number of places.",
            "invalid": "Write the number of places in digits, like 25.",
            "min_value": "Give the number of places: 1 or more.",
            "max_value": "Give the number of places: 5,000 at most.",
        },
    )
    opens = _day_field("Booking opens on", "Leave it empty to open it as soon as the event is published.")
    closes = _day_field("Booking closes at the end of", "Leave it empty to close it when the event starts.")
    has_waiting_list = forms.BooleanField(label="Offer a waiting list when it is full", required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        opens, closes = values.get("opens"), values.get("closes")
        if opens and closes and closes < opens:
            self.add_error("closes", "Booking can't close before it opens.")
        return values

    def terms(self) -> dict[str, Any]:
        """What bookings.operations.change_terms is to change. Days that nobody touched keep the clock time they have."""
        values = self.cleaned_data
        terms = {"booking_limit": values["places"], "has_waiting_list": values["has_waiting_list"]}
        if "opens" in self.changed_data:
            terms["opens_at"] = _at(values["opens"], time(0))
        if "closes" in self.changed_data:
            terms["closes_at"] = _at(values["closes"], time(23, 59, 59))
        return terms


def places_of(terms: BookingTerms) -> dict[str, Any]:
    """What the form shows of these terms."""
    return {
        "places": terms.booking_limit,
        "opens": terms.opens_at.astimezone(LONDON).date() if terms.opens_at else None,
        "closes": terms.closes_at.astimezone(LONDON).date() if terms.closes_at else None,
        "has_waiting_list": terms.has_waiting_list,
    }


def _at(day: date | None, clock: time) -> datetime | None:
    return datetime.combine(day, clock, tzinfo=LONDON) if day else None
