"""Booking somebody else."""

from __future__ import annotations

from django import forms

from people.forms import LineField


class BookForm(forms.Form):
    """The last step. A reason is asked only where a rule stands in the way, and then it is needed."""

    reason = LineField(
        label="Book anyway: why?",
        max_length=300,
        required=False,
        help_text="Kept with the booking. Never name a child or a case.",
    )

    hides_optional = True
