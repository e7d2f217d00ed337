"""What a person confirms when they book."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from bookings.forms.billing import BillingForm
from bookings.forms.needs import NeedsForm
from bookings.models import ManagerRole
from events.models import Event
from people.forms import AddressField
from people.models import OrganisationState, Person

MANAGER = "Your line manager's e-mail address"
WHAT_THE_MANAGER_DOES = {
    ManagerRole.TOLD: "We tell them that you have booked, if times change, if you cancel, and perhaps if you don’t come.",
    ManagerRole.APPROVES: "We ask them to approve it. Your place is held until they answer.",
}


def manager_field(help_text: str) -> AddressField:
    return AddressField(
        label=MANAGER,
        help_text=help_text,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your line manager's e-mail address.",
            "invalid": "Enter an e-mail address, like name@example.com.",
        },
    )


def deputy_field() -> AddressField:
    return AddressField(
        label="Their deputy's e-mail address (optional)",
        help_text="Asked if your manager does not answer in time.",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": "Enter an e-mail address, like name@example.com."},
    )


class BookForm(BillingForm, NeedsForm):
    """The manager's address, the bill where there is something to pay, and what the person needs: we know the rest."""

    hides_optional = True

    manager_email = manager_field("")
    deputy_email = deputy_field()

    def __init__(
        self,
        *args: Any,
        person: Person,
        event: Event,
        manager_role: str,
        asks_for_billing: bool = False,
        may_be_billed: bool = False,
        **kwargs: Any,
    ) -> None:
        """Foster carers, residents and volunteers have no manager to name, and nobody is asked for one whom nobody tells.

        A partnership may ask for the address even where the manager is only told. ``may_be_billed``: only who cancels late or
        does not come can pay, so the bill may be left open.
        """
        super().__init__(*args, format=event.format, **kwargs)
        manager = self.fields["manager_email"]
        manager.help_text = WHAT_THE_MANAGER_DOES.get(ManagerRole(manager_role), "")
        manager.required = manager_role == ManagerRole.APPROVES or event.lead_host.asks_for_manager
        manager.label = MANAGER if manager.required else f"{MANAGER} (optional)"
        if manager_role != ManagerRole.APPROVES:
            del self.fields["deputy_email"]
        if manager_role == ManagerRole.NOBODY or person.organisation_state == OrganisationState.NONE:
            del self.fields["manager_email"]
            self.fields.pop("deputy_email", None)
        self.is_bill_optional = may_be_billed and not asks_for_billing
        if self.is_bill_optional:
            self.make_billing_optional()
        elif not asks_for_billing:
            for name in BillingForm.base_fields:
                del self.fields[name]

    def manager_fields(self) -> list[forms.BoundField]:
        return self._those_of(("manager_email", "deputy_email"))

    def billing_fields(self) -> list[forms.BoundField]:
        return self._those_of(BillingForm.base_fields)

    def opens_bill(self) -> bool:
        """Whether a bill that may be left open shows something to look at: an answer, of now or of the last booking."""
        return any(field.errors or field.value() for field in self.billing_fields())

    def needs_fields(self) -> list[forms.BoundField]:
        return self._those_of(NeedsForm.base_fields)

    def opens_needs(self) -> bool:
        """Whether something was said there already, so that it is not hidden."""
        return any(field.errors or (self.is_bound and field.value()) for field in self.needs_fields())

    def answers(self) -> dict[str, Any]:
        """What bookings.operations.book_place wants to know. Not asked for a manager, it takes the profile's."""
        asked = {name: self.cleaned_data[name] for name in ("manager_email", "deputy_email") if name in self.fields}
        return {**asked, "needs": self.needs(), "billing": self.billing() if "pays_by" in self.fields else None}

    def _those_of(self, names: Iterable[str]) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]
