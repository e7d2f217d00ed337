"""Where the bill of a booking goes: needed where coming costs, and may be given where cancelling late or not coming can."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.models import BillingDetails, Booking, PaysBy
from bookings.operations import Billing
from people.forms import AddressField, LineField


class BillingForm(forms.Form):
    """The council's finance team sends the bill, not we: this is what it needs."""

    hides_optional = True

    pays_by = forms.ChoiceField(
        label="How is it paid?",
        choices=PaysBy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it is paid."},
    )
    invoice_to = LineField(label="Who is invoiced?", help_text="The organisation or person.", max_length=160, required=False)
    invoice_address = forms.CharField(
        label="Address for the invoice", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    invoice_email = AddressField(label="E-mail address for the invoice", required=False)
    purchase_order = LineField(label="Purchase order number, if you have one", max_length=60, required=False)
    cost_code = LineField(label="Cost code", help_text="For an internal recharge.", max_length=60, required=False)
    vat_code = LineField(label="VAT code, if you know it", max_length=20, required=False)

    @classmethod
    def of_booking(cls, data: Any, booking: Booking) -> BillingForm:
        """What was said so far or, where nobody has, the organisation that it probably goes to."""
        present = BillingDetails.objects.filter(booking=booking).first()
        first = {"invoice_to": booking.organisation.name if booking.organisation else booking.organisation_text}
        said = {name: getattr(present, name) for name in BillingForm.base_fields} if present else first
        return cls(data, initial=said)

    def make_billing_optional(self) -> None:
        """Nobody has to know a cost code to book what is free if they come."""
        self.fields["pays_by"].required = False

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        names = [name for name in BillingForm.base_fields if name in self.fields and name != "pays_by"]
        if names and not said.get("pays_by") and "pays_by" not in self.errors and any(said.get(name) for name in names):
            self.add_error("pays_by", "Choose how it is paid, or leave all of the bill empty.")
        if said.get("pays_by") == PaysBy.INTERNAL_RECHARGE and not said.get("cost_code"):
            self.add_error("cost_code", "Enter the cost code that is recharged.")
        if said.get("pays_by") == PaysBy.INVOICE:
            if not said.get("invoice_to"):
                self.add_error("invoice_to", "Enter who is invoiced.")
            if "invoice_email" in said and not said["invoice_email"] and not said.get("invoice_address"):
                self.add_error("invoice_email", "Enter an e-mail address for the invoice, or a postal address.")
        return said

    def billing(self) -> Billing | None:
        """None where nothing was said of it."""
        if not self.cleaned_data.get("pays_by"):
            return None
        return Billing(**{name: self.cleaned_data[name] for name in BillingForm.base_fields})
