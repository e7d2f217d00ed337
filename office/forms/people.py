"""What an officer says of a person."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from people.forms import AddressField, LineField, OrganisationMixin
from people.models import Organisation, OrganisationState, Partnership, Person, Role
from people.queries import match_organisation

ROLES = (
    (Role.TRAINER, "Trainer: takes the registers of their own events and sees what delegates said of them"),
    (Role.OFFICER, "Officer: runs events, bookings, people and imports, and sees every report"),
    (Role.SUBGROUP_MEMBER, "Subgroup member: sees the reach report, which holds no names"),
    (Role.TRAINING_LEAD, "Agency training lead: answers for the training of one agency's people"),
)


class PersonForm(OrganisationMixin):
    """The details of somebody an officer writes down. Empty organisation: they have none."""

    forename = LineField(label="First name", max_length=80, error_messages={"required": "Enter a first name"})
    surname = LineField(label="Last name", max_length=80, error_messages={"required": "Enter a last name"})
    organisation_text = LineField(
        label="Organisation",
        help_text="Leave it empty for foster carers, residents and volunteers who have none.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-organisation-search": ""}),
    )
    job_role = LineField(label="Job role (optional)", max_length=120, required=False)
    manager_email = AddressField(label="Line manager's e-mail address (optional)", required=False)

    def __init__(self, *args: Any, partnership: Partnership, today: date, **kwargs: Any) -> None:
        self.partnership, self.today = partnership, today
        super().__init__(*args, **kwargs)
        self.suggest_organisations()

    def details(self) -> dict[str, Any]:
        """What people.operations.add_person and change_person want to know."""
        wanted = ("forename", "surname", "job_role", "manager_email")
        return {**{name: self.cleaned_data[name] for name in wanted}, "organisation_text": self.chosen_organisation()}

    @staticmethod
    def details_of(person: Person) -> dict[str, Any]:
        return {name: getattr(person, name) for name in PersonForm.base_fields}


class NewPersonForm(PersonForm):
    address = AddressField(
        label="E-mail address (optional)",
        help_text="Leave it empty for somebody without a mailbox of their own: what we would write to them comes to you.",
        required=False,
    )
    field_order = ("forename", "surname", "address")

    def details(self) -> dict[str, Any]:
        return {**super().details(), "address": self.cleaned_data["address"]}


class AddressForm(forms.Form):
    address = AddressField(
        label="New e-mail address (optional)",
        help_text="Leave it empty if they have no mailbox any more.",
        required=False,
    )
    reason = LineField(label="Why does it change?", max_length=300, error_messages={"required": "Say why, in a few words"})
    hides_optional = True


class RoleForm(OrganisationMixin):
    """A role to give. The agency of a training lead must be one we know."""

    role = forms.ChoiceField(label="Role", choices=ROLES, widget=forms.RadioSelect, error_messages={"required": "Choose a role"})
    organisation_text = LineField(
        label="Agency, for a training lead",
        help_text="Only a training lead's role is for one agency. Leave it empty for the others.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-organisation-search": ""}),
    )
    reason = LineField(label="Why? (optional)", help_text="Kept with the role.", max_length=300, required=False)

    may_keep_typed = False

    def __init__(self, *args: Any, partnership: Partnership, today: date, **kwargs: Any) -> None:
        self.partnership, self.today = partnership, today
        super().__init__(*args, **kwargs)
        self.suggest_organisations()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "organisation_text" in cleaned and not self.errors.get("organisation_choice"):
            found = match_organisation(partnership=self.partnership, text=self.chosen_organisation())
            if found["organisation_state"] == OrganisationState.UNMATCHED:
                self.add_error("organisation_text", "We know no agency of this name. Add it under Organisations first.")
            pk = found["organisation_id"]
            cleaned["organisation"] = Organisation.objects.get(pk=pk) if pk else None
        return cleaned
