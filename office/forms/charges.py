"""What an officer answers about charges."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.models import ExcuseReason, PayerClass
from office.forms.charging import MoneyField
from people.forms import LineField


class ExcuseForm(forms.Form):
    reason = forms.ChoiceField(
        label="Why are they excused?",
        choices=ExcuseReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why they are excused."},
    )
    note = LineField(label="What is to be remembered", max_length=300, required=False, help_text="Never about health or a case.")


class ReworkForm(forms.Form):
    payer_class = forms.ChoiceField(label="They pay as", choices=PayerClass.choices)
    reason = LineField(
        label="Why is it worked out again?",
        max_length=200,
        help_text="It is kept.",
        error_messages={"required": "Say why: the reason is kept."},
    )


class ListForm(forms.Form):
    due_by = forms.DateField(
        label="Only what is to be invoiced until",
        required=False,
        help_text="Like 31/3/2027. Empty: everything that is approved.",
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"class": "govuk-input--width-10"}),
        error_messages={"invalid": "Write the date as 31/3/2027."},
    )


class CourseCostForm(forms.Form):
    fee: Any = MoneyField(
        label="Course cost of a place, in pounds", required=False, help_text="Empty: none. Shares of the course cost are of this."
    )


class ExtraForm(forms.Form):
    amount: Any = MoneyField(label="Amount in pounds")
    what = LineField(label="What is it for?", max_length=200, error_messages={"required": "Say what it is for."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].error_messages["required"] = "Enter the amount."
