"""Booking somebody else, and what officers say of a booking."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.forms import CancelForSomebodyForm
from bookings.models import CancelledBy, Decision, ManagerRole, Priority
from people.forms import AddressField, LineField
from people.models import OrganisationState, Person

NO_CASE = "Kept with the booking. Never name a child or a case."
NO_REASON = "Say why: the reason is kept."


class BookForm(forms.Form):
    """The last step of booking somebody: who their manager is, where one is told or asked, and why a rule is gone over.

    An officer may book without the approval that an event needs, and says why.
    """

    manager_email = AddressField(label="Their line manager's e-mail address", required=False)
    without_approval = forms.BooleanField(label="Book without the manager's approval", required=False)
    reason = LineField(label="Why without approval?", max_length=300, required=False, help_text=NO_CASE)

    hides_optional = True

    def __init__(self, *args: Any, person: Person, manager_role: str, breaks_a_rule: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["manager_email"].initial = person.manager_email
        asks = manager_role == ManagerRole.APPROVES and person.organisation_state != OrganisationState.NONE
        if manager_role == ManagerRole.NOBODY or person.organisation_state == OrganisationState.NONE:
            del self.fields["manager_email"]
        if breaks_a_rule:  # one reason is enough: whoever goes over a rule goes over the approval too
            self.fields["reason"].label = "Book anyway: why?"
        if breaks_a_rule or not asks:
            del self.fields["without_approval"]
        if not breaks_a_rule and not asks:
            del self.fields["reason"]

    def details(self, *, breaks_a_rule: bool) -> dict[str, Any]:
        """What bookings.operations.book_place wants to know."""
        said = self.cleaned_data
        return {
            "manager_email": said.get("manager_email"),
            "rule_set_aside": breaks_a_rule or said.get("without_approval", False),
            "reason": said.get("reason", ""),
        }


class SwapForm(forms.Form):
    """Why the place changes hands or moves; needed only where that goes over a rule.

    ``asks_manager_of`` is a colleague whose manager has to approve, unless the officer goes over that.
    """

    manager_email = AddressField(label="Their line manager's e-mail address", required=False)
    without_approval = forms.BooleanField(label="Give the place without the manager's approval", required=False)
    reason = LineField(label="Why?", max_length=300, required=False, help_text=NO_CASE)

    def __init__(self, *args: Any, asks_why: bool, asks_manager_of: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_manager_of is not None:
            self.fields["manager_email"].initial = asks_manager_of.manager_email
            self.fields["reason"].label = "Why without approval?"
        else:
            del self.fields["manager_email"], self.fields["without_approval"]
        if asks_why:
            self.fields["reason"].label = "Go over the rule: why?"
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = "Say why you go over the rule. The reason is kept."

    def details(self, *, breaks_a_rule: bool) -> dict[str, Any]:
        """What bookings.operations.substitute and transfer want to know."""
        said = self.cleaned_data
        goes_over = breaks_a_rule or said.get("without_approval", False)
        manager = {"manager_email": said["manager_email"]} if said.get("manager_email") else {}
        return {"reason": said["reason"], "rule_set_aside": goes_over, **manager}


class OfferForm(forms.Form):
    answer = forms.ChoiceField(
        label="What did they say?",
        choices=[("takes", "They take it"), ("leaves", "They turn it down")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they said."},
    )


class AnswerForm(forms.Form):
    """An officer answers for the manager."""

    answer = forms.ChoiceField(
        label="Your answer",
        choices=[(Decision.APPROVED, "Approve"), (Decision.DECLINED, "Decline")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an answer."},
    )
    reason = LineField(
        label="Why do you answer for the manager?",
        help_text="“The manager said so on the telephone”, say. If you decline, the person reads it.",
        max_length=300,
        error_messages={"required": "Say why you answer for the manager. The reason is kept."},
    )


class ManagerForm(forms.Form):
    manager_email = AddressField(label="Manager's e-mail address", required=False)
    deputy_email = AddressField(label="Deputy's e-mail address", help_text="Asked together with the reminder.", required=False)

    def __init__(self, *args: Any, asks: bool, **kwargs: Any) -> None:
        """``asks``: the manager has to approve, so there must be one, and a deputy may stand in."""
        super().__init__(*args, **kwargs)
        if asks:
            self.fields["manager_email"].required = True
            self.fields["manager_email"].error_messages["required"] = "Enter the e-mail address of who is to approve."
        else:
            del self.fields["deputy_email"]


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(
        label="Priority",
        choices=Priority.choices,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a priority."},
    )
    reason = LineField(label="Why?", help_text=NO_CASE, max_length=300, error_messages={"required": NO_REASON})


class CancelSeveralForm(CancelForSomebodyForm):
    """One reason for all of them, and one who gives the places back."""

    reason = LineField(label="Why?", help_text=NO_CASE, max_length=300, error_messages={"required": NO_REASON})
    field_order = ("cancelled_by", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cancelled_by"].label = "Who gives the places back?"
        self.fields["cancelled_by"].choices = [  # type: ignore[attr-defined]
            (CancelledBy.DELEGATE, "The people themselves"),
            (CancelledBy.MANAGER, "Their managers"),
            (CancelledBy.ORGANISER, "We do, as organisers"),
        ]
