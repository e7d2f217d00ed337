"""A manager's answer, and asking another manager."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.forms.booking import deputy_field, manager_field
from bookings.models import ApprovalRequest, Decision
from people.forms import LineField


class ApprovalForm(forms.Form):
    """A manager's answer."""

    answer = forms.ChoiceField(
        label="Can they attend?",
        choices=[(Decision.APPROVED, "Yes, I approve"), (Decision.DECLINED, "No, I decline")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether they can attend."},
    )
    reason = LineField(
        label="Reason",
        help_text="They read it. No case details.",
        max_length=300,
        required=False,
    )


class OwnManagerForm(forms.Form):
    """Who the manager of one's booking is, where nobody has to approve."""

    hides_optional = True

    manager_email = manager_field("Where managers hear of bookings, this one does. Leave it empty if nobody is to hear of it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["manager_email"].required = False


class AskSomebodyElseForm(forms.Form):
    """Whom to ask instead."""

    hides_optional = True

    manager_email = manager_field("We ask them to approve it. Whoever was asked before can’t answer any more.")
    deputy_email = deputy_field()

    def __init__(self, *args: Any, request: ApprovalRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)
        self.fields["deputy_email"].initial = request.deputy_email

    def clean_manager_email(self) -> str:
        email: str = self.cleaned_data["manager_email"]
        if email == self.request.manager_email:
            raise forms.ValidationError("We have asked this address already. Enter another one.")
        return email
