from __future__ import annotations

from typing import Any

from django import forms

from bookings.models import CancelledBy, Decision
from people.models import OrganisationState, Person


class BookForm(forms.Form):
    """What a person confirms when they book: we know the rest."""

    manager_email = forms.EmailField(
        label="Your line manager's e-mail address",
        help_text="We keep it with this booking.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your line manager's e-mail address.",
            "invalid": "Enter an e-mail address, like name@example.com.",
        },
    )

    def __init__(self, *args: Any, person: Person, asks_for_manager: bool, **kwargs: Any) -> None:
        """A partnership may ask for the manager's address; foster carers, residents and volunteers have none to name."""
        super().__init__(*args, **kwargs)
        self.fields["manager_email"].initial = person.manager_email
        self.fields["manager_email"].required = asks_for_manager
        if person.organisation_state == OrganisationState.NONE:
            del self.fields["manager_email"]


class ApprovalForm(forms.Form):
    """A manager's answer."""

    answer = forms.ChoiceField(
        label="Can they attend?",
        choices=[(Decision.APPROVED, "Yes, I approve"), (Decision.DECLINED, "No, I decline")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether they can attend."},
    )
    reason = forms.CharField(
        label="Reason (optional)",
        help_text="They read it. No case details.",
        max_length=300,
        required=False,
    )


class CancelForSomebodyForm(forms.Form):
    """What an officer says when they cancel for somebody else. It decides whose cancellation it is in the figures."""

    cancelled_by = forms.ChoiceField(
        label="Who gives the place back?",
        choices=[
            (CancelledBy.DELEGATE, "The person"),
            (CancelledBy.MANAGER, "Their manager"),
            (CancelledBy.ORGANISER, "We do, as organisers"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who gives the place back."},
    )
    reason = forms.CharField(
        label="Reason",
        help_text="Kept with the booking, for officers. No case details.",
        max_length=300,
        required=False,
    )
