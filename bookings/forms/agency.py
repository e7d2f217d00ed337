"""What a training lead types, checked. Never saves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from bookings.models import CancelledBy
from core import wording
from core.forms import DayField, NumberField
from people.forms import AddressField, LineField
from people.models import Person


class CancelForColleagueForm(forms.Form):
    """Whose cancellation it is. The organisers' own is theirs to make."""

    hides_optional = True

    cancelled_by = forms.ChoiceField(
        label="Who gives the place back?",
        choices=[(CancelledBy.DELEGATE, "The person"), (CancelledBy.MANAGER, "Their agency or manager")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who gives the place back."},
    )
    reason = LineField(
        label="Reason (optional)",
        help_text="Kept with the booking. The organisers read it. No case details.",
        max_length=300,
        required=False,
    )


class InsteadForm(forms.Form):
    """Which colleague takes the place over: one of those that were found."""

    person = forms.ModelChoiceField(
        Person.objects.none(),
        label="Who comes instead?",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose who comes instead.", "invalid_choice": "Choose somebody of your agency."},
    )
    reason = LineField(
        label="Reason (optional)", help_text="Kept with the booking. No case details.", max_length=300, required=False
    )
    hides_optional = True

    def __init__(self, *args: Any, people: Any, shown: Iterable[Person], **kwargs: Any) -> None:
        """``people`` may be chosen; ``shown`` are those of them on the page."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        field.queryset = people
        field.choices = [(person.pk, _line(person)) for person in shown]


class OneOfOursForm(forms.Form):
    forename = LineField(label="First name", max_length=80, error_messages={"required": "Enter a first name."})
    surname = LineField(label="Last name", max_length=80, error_messages={"required": "Enter a last name."})
    address = AddressField(
        label="E-mail address",
        help_text="Their own work address: confirmations go there, and they sign in with it.",
        error_messages={"required": "Enter their e-mail address."},
    )
    job_role = LineField(label="Job role (optional)", max_length=120, required=False)
    hides_optional = True


class HoldForm(forms.Form):
    """How many places an agency holds, and until when."""

    places = NumberField(
        label="How many places?",
        least=1,
        most=500,
        width=4,
        error_messages={
            "required": "Give the number of places.",
            "invalid": "Write the number of places in digits, like 3.",
            "min_value": "Give the number of places: 1 or more.",
            "max_value": "Hold 500 places at most.",
        },
    )
    until = DayField(
        label="Until the end of which day?",
        error_messages={"required": "Give the last day."},
    )

    def __init__(self, *args: Any, latest: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = latest
        self.fields["until"].help_text = f"{wording.day(latest)} at the latest. Places without a name go to others after that."


def _line(person: Person) -> str:
    return f"{person.name}, {person.job_role}" if person.job_role else person.name
