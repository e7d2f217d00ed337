"""What an officer says of learning from elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms

from core.forms import DayField
from courses.models import Course
from people.models import Partnership


class AcceptForm(forms.Form):
    course = forms.ModelChoiceField(
        Course.objects.none(),
        label="Equal to which course?",
        empty_label="Choose a course",
        error_messages={"required": "Choose a course", "invalid_choice": "Choose one of your courses"},
    )
    note = forms.CharField(
        label="What did they learn, and why is it equal?",
        help_text="For example “Neglect day at Bexmoor, certificate seen”. Kept with their record, where they can read it.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what they learned and why it is equal"},
    )
    earned_on = DayField(
        label="When did they finish it? (optional)",
        help_text="For example 27/03/2026. Leave it empty to count from today.",
        required=False,
    )
    hides_optional = True

    def __init__(self, *args: Any, partnership: Partnership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = Course.objects.filter(partnership=partnership)  # type: ignore[attr-defined]
