"""Giving a place back for somebody else."""

from __future__ import annotations

from django import forms

from bookings.models import CancelledBy


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
