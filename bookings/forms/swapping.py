"""A colleague who comes instead, and another date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from people.forms import AddressField, LineField


class ColleagueForm(forms.Form):
    address = AddressField(
        label="Your colleague’s work e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter your colleague’s e-mail address."},
    )


class NewColleagueForm(forms.Form):
    """Somebody we can’t show: who they are."""

    forename = LineField(
        label="Their first name",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter their first name."},
    )
    surname = LineField(
        label="Their last name",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter their last name."},
    )
    job_role = LineField(
        label="Their job role",
        help_text="For example “Teacher” or “Health visitor”.",
        max_length=120,
        error_messages={"required": "Enter their job role."},
    )


class MoveForm(forms.Form):
    """Which of the other dates."""

    to_event = forms.ChoiceField(
        label="Other dates with places left",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a date.", "invalid_choice": "This date has no place left. Choose another one."},
    )

    def __init__(self, *args: Any, dates: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_event"].choices = list(dates)  # type: ignore[attr-defined]
