"""What an officer writes in the lists behind events."""

from __future__ import annotations

from django import forms

from core.forms import NumberField
from people.forms import LineField


class TagForm(forms.Form):
    name = LineField(max_length=80, error_messages={"required": "Enter a name"})


class PriorityForm(forms.Form):
    name = LineField(max_length=120, error_messages={"required": "Enter a name"})


class VenueForm(forms.Form):
    name = LineField(max_length=120, error_messages={"required": "Enter a name"})
    address = LineField(max_length=300, required=False, help_text="As people need it to find the way, with the postcode.")
    room_places = NumberField(
        label="How many the room seats",
        least=1,
        most=100_000,
        required=False,
        error_messages={
            "invalid": "Write the number in digits, like 30.",
            "min_value": "Write at least 1, or leave it empty.",
            "max_value": "Write at most 100,000, or leave it empty.",
        },
    )
    is_online = forms.BooleanField(label="It is online: a place to meet on the web, not a room", required=False)


class ReviewForm(forms.Form):
    title = LineField(
        max_length=160,
        help_text="Like “Learning review 7”. Never name a child or a family.",
        error_messages={"required": "Enter a title"},
    )


class RecommendationForm(forms.Form):
    number = LineField(
        max_length=10,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "autocomplete": "off"}),
        error_messages={"required": "Enter its number"},
    )
    text = LineField(
        label="What is recommended",
        max_length=300,
        help_text="Never name a child, a family or a case here.",
        error_messages={"required": "Enter what is recommended"},
    )
