"""What somebody needs in order to take part."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.models import Access, Diet
from bookings.needs import Needs
from courses.models import Format
from people.forms import LineField

ONLINE_TOO = (Access.LARGE_PRINT, Access.CAPTIONS)


class NeedsForm(forms.Form):
    """Nothing has to be answered. Online there is nothing to eat, and no door."""

    hides_optional = True

    diet = forms.MultipleChoiceField(label="Food", choices=Diet.choices, required=False, widget=forms.CheckboxSelectMultiple)
    diet_other = LineField(label="Other food you need or can’t have", max_length=200, required=False)
    access = forms.MultipleChoiceField(
        label="Access", choices=Access.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    access_other = LineField(label="Anything else that helps you to take part", max_length=200, required=False)
    interpreter = LineField(
        label="Interpreter",
        help_text="The language you need, or BSL.",
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )

    def __init__(self, *args: Any, format: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if format == Format.VIRTUAL:
            del self.fields["diet"], self.fields["diet_other"]
            self.fields["access"].choices = [(code.value, code.label) for code in ONLINE_TOO]  # type: ignore[attr-defined]

    @staticmethod
    def answers_of(needs: Needs) -> dict[str, Any]:
        """What the form shows of somebody who has answered before."""
        return {"diet": needs.diet, "diet_other": needs.diet_other, "access": needs.access} | {
            "access_other": needs.access_other,
            "interpreter": needs.interpreter,
        }

    def needs(self) -> Needs:
        said = self.cleaned_data
        return Needs(
            diet=tuple(said.get("diet", ())),
            diet_other=said.get("diet_other", ""),
            access=tuple(said["access"]),
            access_other=said["access_other"],
            interpreter=said["interpreter"],
        )
