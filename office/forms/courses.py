"""What an officer says of a course."""

from __future__ import annotations

from typing import Any

from django import forms

from core.forms import NumberField
from core.text import many_lines
from courses.models import MOST_REFRESH_MONTHS, Course, Format, Level, Theme
from courses.operations import FIELDS
from office.forms.event import SMALL
from people.forms import LineField
from people.models import Partnership, Sector

NEVER_A_CASE = "Never name a child, a family or a case here."


class CourseForm(forms.Form):
    code = LineField(
        max_length=20,
        help_text="Short, like L3R. Imports know the course by it, and events are found by it.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter a code"},
    )
    title = LineField(max_length=160, error_messages={"required": "Enter a title"})
    format = forms.ChoiceField(choices=Format.choices, widget=forms.RadioSelect, error_messages={"required": "Choose a format"})
    summary = LineField(max_length=300, required=False, help_text="One or two sentences for the catalogue.")
    description = forms.CharField(
        max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 6}), help_text=NEVER_A_CASE
    )
    outcomes = forms.CharField(
        label="What people will be able to do afterwards",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One a line.",
    )
    content_note = LineField(
        label="Content note",
        max_length=300,
        required=False,
        help_text="What people should know before they book, like “includes an account of abuse”.",
    )
    theme = forms.ModelChoiceField(Theme.objects.none(), required=False, empty_label="None")
    new_theme = LineField(label="Or a new theme", max_length=80, required=False)
    level = forms.ModelChoiceField(Level.objects.none(), required=False, empty_label="None")
    new_level = LineField(label="Or a new level", max_length=80, required=False)
    hours = forms.DecimalField(
        label="How many hours it takes",
        min_value=0,
        max_digits=5,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-5"}),
        error_messages={
            "invalid": "Write the hours in digits, like 6 or 1.5.",
            "min_value": "A course can't take less than 0 hours.",
            "max_digits": "That is too long for one course. Write the hours in digits, like 6 or 1.5.",
            "max_whole_digits": "That is too long for one course. Write the hours in digits, like 6 or 1.5.",
            "max_decimal_places": "Write at most two digits after the point, like 1.25.",
        },
    )
    refresh_months = NumberField(
        label="Months until it should be refreshed",
        least=1,
        most=MOST_REFRESH_MONTHS,
        required=False,
        help_text="36 is every 3 years. Whoever learned it hears once, some weeks before the day, as “When messages leave” says. "
        "Leave it empty if it never needs refreshing.",
        error_messages={
            "invalid": "Write the months in digits, like 36.",
            "min_value": "Write at least 1 month, or leave it empty.",
            "max_value": f"Write at most {MOST_REFRESH_MONTHS} months, or leave it empty.",
        },
    )
    for_sectors = forms.ModelMultipleChoiceField(
        Sector.objects.none(),
        label="Who it is for",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=SMALL),
        help_text="None ticked: everybody.",
    )
    is_in_catalogue = forms.BooleanField(
        label="Show it in the catalogue",
        required=False,
        help_text="Not ticked, the course itself is not listed. Its events still are.",
    )

    def __init__(self, *args: Any, partnership: Partnership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "theme": Theme.objects.filter(partnership=partnership),
            "level": Level.objects.filter(partnership=partnership),
            "for_sectors": Sector.objects.all(),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean_description(self) -> str:
        return many_lines(self.cleaned_data["description"])

    def clean_outcomes(self) -> str:
        lines = (line.strip() for line in many_lines(self.cleaned_data["outcomes"]).splitlines())
        return "\n".join(line for line in lines if line)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for what in ("theme", "level"):
            if values.get(what) and values.get(f"new_{what}"):
                self.add_error(f"new_{what}", f"Choose a {what} or write a new one, not both.")
        return values

    def details(self) -> dict[str, Any]:
        """The values in the words of courses.operations, new tags apart."""
        values = self.cleaned_data
        return {**{name: values[name] for name in FIELDS}, "for_sectors": list(values["for_sectors"])}

    @staticmethod
    def details_of(course: Course) -> dict[str, Any]:
        """What the form shows of a course that is there."""
        return {**{name: getattr(course, name) for name in FIELDS}, "for_sectors": list(course.for_sectors.all())}
