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


class ColleaguesManagerForm(forms.Form):
    """Whom we ask where the colleague's manager approves."""

    manager_email = AddressField(
        label="Their line manager’s e-mail address",
        help_text="We ask this manager to approve. Leave it empty if your colleague’s profile names the manager.",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": "Enter an e-mail address, like name@example.com."},
    )

    hides_optional = True

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        """``is_new``: nobody whom we know, so no profile names the manager."""
        super().__init__(*args, **kwargs)
        if is_new:
            self.fields["manager_email"].required = True
            self.fields["manager_email"].help_text = "We ask this manager to approve."
            self.fields["manager_email"].error_messages["required"] = "Enter the e-mail address of your colleague’s manager."


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
