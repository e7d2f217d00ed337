"""Holding places for somebody who is not named yet."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from bookings.models import HoldKind
from core.forms import DayField, NumberField
from people.forms import LineField, OrganisationMixin
from people.models import Organisation, OrganisationState, Partnership, Sector
from people.queries import match_organisation


class HoldForm(OrganisationMixin):
    """So many places, for a sector or for an agency that we know, until a day."""

    places = NumberField(
        label="How many places?",
        least=1,
        most=5000,
        error_messages={
            "required": "Give the number of places to hold.",
            "invalid": "Write the number of places in digits, like 5.",
            "min_value": "Give the number of places to hold: 1 or more.",
            "max_value": "Give the number of places to hold: 5,000 at most.",
        },
    )
    sector = forms.ModelChoiceField(Sector.objects.all(), label="For a sector", required=False, empty_label="Not for a sector")
    organisation_text = LineField(
        label="Or for an agency",
        help_text="Start with its name.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-organisation-search": ""}),
    )
    kind = forms.ChoiceField(
        label="Who takes them?",
        choices=[
            (HoldKind.RESERVED, "Whoever books from there"),
            (HoldKind.UNNAMED, "People whom the agency's training lead names"),
        ],
        initial=HoldKind.RESERVED,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who takes the places."},
    )
    until = DayField(
        label="Held until the end of",
        help_text="Then what is left of them goes to those who wait, or is free for all.",
        error_messages={"required": "Give the last day on which they are held."},
    )

    may_keep_typed = False

    def __init__(self, *args: Any, partnership: Partnership, today: date, **kwargs: Any) -> None:
        self.partnership, self.today = partnership, today
        super().__init__(*args, **kwargs)
        self.suggest_organisations()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        cleaned["organisation"] = None
        if cleaned.get("organisation_text") and not self.errors.get("organisation_choice"):
            found = match_organisation(partnership=self.partnership, text=self.chosen_organisation())
            if found["organisation_state"] == OrganisationState.MATCHED:
                cleaned["organisation"] = Organisation.objects.get(pk=found["organisation_id"])
            else:
                self.add_error("organisation_text", "We know no agency of this name. Add it under Organisations first.")
        if cleaned.get("kind") == HoldKind.UNNAMED and not cleaned.get("organisation_text"):
            self.add_error("kind", "Only an agency names people. Choose an agency, or hold them for whoever books from there.")
        return cleaned

    def details(self) -> dict[str, Any]:
        """What bookings.operations.hold_places wants to know."""
        return {name: self.cleaned_data[name] for name in ("places", "sector", "organisation", "kind", "until")}
