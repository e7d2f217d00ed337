"""How many may come to an event, and when booking is open."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms

from bookings.models import QUEUE_RULES, BookingSettings, BookingTerms, CourseTerms, LatePlaces, ManagerRole
from core import wording
from core.clock import LONDON
from core.forms import DayField, NumberField
from courses.models import Course
from people.models import Partnership

USUAL_PLACES = 25


def minimum_field() -> NumberField:
    help_text = (
        "Until so many have booked the event is tentative: bookings stay requests. Leave it empty if it takes place anyway."
    )
    return NumberField(label="How many it needs to take place", help_text=help_text, least=1, most=5000, required=False)


class CourseTermsForm(forms.Form):
    """What each event of a course starts with."""

    prefix = "terms"

    places = NumberField(label="Places", help_text="Leave it empty to say it for each event.", least=1, most=5000, required=False)
    minimum = minimum_field()
    manager_role = forms.ChoiceField(
        label="The line manager of those who book",
        required=False,
        choices=[("", "As the partnership says"), *ManagerRole.choices],
    )

    @staticmethod
    def values_of(course: Course) -> dict[str, Any]:
        terms = CourseTerms.objects.filter(course=course).first() or CourseTerms(course=course)
        return {"places": terms.places, "minimum": terms.minimum, "manager_role": terms.manager_role}


class PlacesForm(forms.Form):
    """A new event takes what it does not say from its course, then from the partnership."""

    places = NumberField(
        label="Number of places",
        help_text="How many may book. It may be more than the room seats, for a webinar or where some never come.",
        least=1,
        most=5000,
        error_messages={
            "required": "Give the number of places.",
            "invalid": "Write the number of places in digits, like 25.",
            "min_value": "Give the number of places: 1 or more.",
            "max_value": "Give the number of places: 5,000 at most.",
        },
    )
    minimum = minimum_field()
    manager_role = forms.ChoiceField(label="The line manager of those who book", required=False)
    fee = forms.DecimalField(
        label="Course cost of a place, in pounds",
        help_text="Who pays it, and when, is in the charging policy. Leave it empty for none.",
        required=False,
        min_value=0,
        max_digits=7,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-5"}),
        error_messages={
            "invalid": "Write the amount in digits, like 35 or 35.50.",
            "min_value": "The cost can’t be less than 0.",
            "max_digits": "That is too much. Write it in pounds, like 35 or 35.50.",
            "max_whole_digits": "That is too much. Write it in pounds, like 35 or 35.50.",
        },
    )
    opens = DayField(
        required=False, label="Booking opens on", help_text="Leave it empty to open it as soon as the event is published."
    )
    closes = DayField(
        required=False, label="Booking closes at the end of", help_text="Leave it empty to close it when the event starts."
    )
    has_waiting_list = forms.BooleanField(label="Offer a waiting list when it is full", required=False, initial=True)
    confirm_until_days = NumberField(
        label="Working days before the start until which a freed place confirms the next in line",
        help_text="After that a freed place goes to nobody unasked.",
        least=0,
        most=60,
    )
    late_places = forms.ChoiceField(
        label="A place that is freed later", choices=LatePlaces, error_messages={"required": "Say what becomes of it."}
    )
    offer_hours = NumberField(
        label="Working hours to answer an offer", help_text="After that others can have the place.", least=1, most=200
    )

    def __init__(self, *args: Any, is_new: bool = False, has_charges: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = is_new
        roles = self.fields["manager_role"]
        roles.choices = [*([("", "As the course says, or the partnership")] if is_new else []), *ManagerRole.choices]  # type: ignore[attr-defined]
        if not has_charges:
            del self.fields["fee"]

    @property
    def has_queue_errors(self) -> bool:
        return any(name in self.errors for name in ("confirm_until_days", "late_places", "offer_hours"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        opens, closes = values.get("opens"), values.get("closes")
        if opens and closes and closes < opens:
            self.add_error("closes", "Booking can't close before it opens.")
        if (values.get("minimum") or 0) > values.get("places", 5000):
            self.add_error("minimum", f"It can't need more people than there are places: {values['places']:,} at most.")
        return values

    def fits(self, *, last_day: date | None, today: date) -> bool:
        """False, with a sentence beside the closing day, where that is after the event or, newly given, over already."""
        closes = self.cleaned_data.get("closes")
        if closes and last_day and closes > last_day:
            sentence = f"The event is over by then: give {last_day:%d/%m/%Y} or an earlier day."
            self.add_error("closes", f"{sentence} Leave it empty to close booking when the event starts.")
        elif closes and closes < today and self._says("closes"):
            sentence = "Nobody could book, for that day is over: give today or a later day."
            self.add_error("closes", f"{sentence} Leave it empty to close booking when the event starts.")
        return not self.errors

    def terms(self) -> dict[str, Any]:
        """What bookings.operations.change_terms is to change.

        Days of an event that nobody touched keep the clock time they have; a new event takes every day that the form shows.
        """
        values = self.cleaned_data
        plain = ("has_waiting_list", "confirm_until_days", "late_places", "offer_hours")
        terms = {"booking_limit": values["places"], **{name: values[name] for name in plain}}
        if values["manager_role"]:
            terms["manager_role"] = values["manager_role"]
        for name in ("minimum", "fee"):
            if name in self.changed_data or values.get(name) is not None:
                terms[name] = values[name]
        if self._says("opens"):
            terms["opens_at"] = _at(values["opens"], time(0))
        if self._says("closes"):
            terms["closes_at"] = _at(values["closes"], time(23, 59, 59))
        return terms

    def _says(self, name: str) -> bool:
        return self.is_new or name in self.changed_data


def places_of(terms: BookingTerms) -> dict[str, Any]:
    """What the form shows of these terms."""
    return {
        "places": terms.booking_limit,
        "opens": terms.opens_at.astimezone(LONDON).date() if terms.opens_at else None,
        "closes": terms.closes_at.astimezone(LONDON).date() if terms.closes_at else None,
        "has_waiting_list": terms.has_waiting_list,
        "minimum": terms.minimum,
        "fee": terms.fee,
        **{name: getattr(terms, name) for name in QUEUE_RULES},
    }


def places_to_start_with(partnership: Partnership) -> dict[str, Any]:
    """A new event, as the partnership says."""
    settings = BookingSettings.of(partnership)
    return {
        "places": USUAL_PLACES,
        "has_waiting_list": True,
        **{name: getattr(settings, name) for name in QUEUE_RULES},
        "manager_role": "",
    }


def as_the_course_says(places: dict[str, Any], course: Course) -> dict[str, Any]:
    """The same with what the course gives its events, where nobody has said anything else yet."""
    terms = CourseTerms.objects.filter(course=course).first()
    if terms is None:
        return places
    given = {"places": terms.places, "minimum": terms.minimum, "manager_role": terms.manager_role}
    unsaid = ("", None, USUAL_PLACES, str(USUAL_PLACES))
    return places | {name: value for name, value in given.items() if value and places.get(name) in unsaid}


def over_booked(limit: int, room_places: int | None) -> str:
    """Says so where more may book than the room seats; empty where they fit, or nobody knows."""
    if room_places is None or limit <= room_places:
        return ""
    return f"Over-booked: {limit:,} bookings for {wording.count(room_places, 'seat')}."


def _at(day: date | None, clock: time) -> datetime | None:
    return datetime.combine(day, clock, tzinfo=LONDON) if day else None
