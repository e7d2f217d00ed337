"""A service asks for a session of its own."""

from __future__ import annotations

from typing import Any

from django import forms

from core.forms import NumberField
from courses.models import Course
from people.forms import LineField
from people.models import Partnership


class SessionRequestForm(forms.Form):
    course = forms.ModelChoiceField(
        Course.objects.none(), required=False, empty_label="None of these", help_text="If one of our courses is what you need."
    )
    subject = LineField(
        label="What it should be about",
        max_length=160,
        required=False,
        help_text="Leave it empty to take the course’s title. Never name a child, a family or a case.",
    )
    people = NumberField(
        label="For how many people",
        least=1,
        most=1000,
        error_messages={
            "required": "Say for how many people.",
            "invalid": "Write the number in digits, like 20.",
            "min_value": "Say for how many people: 1 or more.",
            "max_value": "Write 1,000 at most.",
        },
    )
    wanted_when = LineField(
        label="When it would suit you",
        max_length=200,
        help_text="For example “a Tuesday afternoon in March” or “the inset day on 4 January”.",
        error_messages={"required": "Say when it would suit you."},
    )
    place = LineField(
        label="Where",
        max_length=200,
        required=False,
        help_text="Your own room, ours, or online. Leave it empty if you don’t mind.",
    )
    note = LineField(label="Anything else we should know", max_length=500, required=False)

    def __init__(self, *args: Any, partnership: Partnership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = Course.objects.in_catalogue().filter(partnership=partnership)  # type: ignore[attr-defined]
