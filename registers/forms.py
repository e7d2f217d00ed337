"""What people send from a register, checked. Never saves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from people.forms import AddressField, LineField
from people.models import Organisation, OrganisationState, Partnership
from people.queries import match_organisation
from registers.models import MarkValue
from registers.operations import Choice
from registers.queries import RegisterLine


def changed_choices(sent: Mapping[str, str], lines: Iterable[RegisterLine]) -> list[Choice]:
    """The marks that somebody changed on a whole register sent at once.

    Each row sends ``mark-<person>`` and ``shown-<person>``, the mark and version it showed as "late:2": what is as it was shown
    was not touched, whatever somebody else has marked meanwhile.
    """
    choices = []
    for line in lines:
        value = sent.get(f"mark-{line.person_id}", "")
        shown, _, version = sent.get(f"shown-{line.person_id}", "").partition(":")
        if value in MarkValue.values and value != shown:
            choices.append(Choice(line.person_id, value, int(version) if version.isdecimal() and len(version) < 9 else 0))
    return choices


class MarkForm(forms.Form):
    """One tap."""

    person = forms.UUIDField()
    value = forms.ChoiceField(choices=MarkValue.choices)
    version = forms.IntegerField(min_value=0, max_value=10**8)

    def choice(self) -> Choice:
        return Choice(self.cleaned_data["person"], self.cleaned_data["value"], self.cleaned_data["version"])


class NewPersonForm(forms.Form):
    """Somebody who is not in the system yet. The organisation is kept as typed; an officer matches it later if need be."""

    forename = LineField(label="First name", max_length=80, error_messages={"required": "Enter their first name"})
    surname = LineField(label="Last name", max_length=80, error_messages={"required": "Enter their last name"})
    organisation_text = LineField(
        label="Where they work",
        help_text="As they say it. Leave it empty for a foster carer, a resident or a volunteer on their own.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-organisation-search": ""}),
    )
    job_role = LineField(label="Job role", max_length=120, required=False)
    address = AddressField(
        label="Work e-mail address", help_text="With it they can sign in and find this in their record.", required=False
    )


class ReasonForm(forms.Form):
    reason = LineField(
        label="Why is it reopened?",
        help_text="It is kept in the register's history. No case details.",
        max_length=300,
        error_messages={"required": "Say why the register is reopened"},
    )


class HeadCountForm(forms.Form):
    count = forms.IntegerField(
        label="How many people",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-4"}),
        error_messages={"required": "Enter how many people", "invalid": "Enter a number, for example 24"},
    )
    organisation_text = LineField(
        label="Organisation",
        help_text="If they all came from one, for example a school's staff.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-organisation-search": ""}),
    )
    note = LineField(label="Note", help_text="For example “Return from the school”.", max_length=200, required=False)

    def __init__(self, *args: Any, partnership: Partnership, **kwargs: Any) -> None:
        self.partnership = partnership
        super().__init__(*args, **kwargs)

    def clean_organisation_text(self) -> str:
        text: str = self.cleaned_data["organisation_text"]
        matched = match_organisation(partnership=self.partnership, text=text)
        if matched["organisation_state"] == OrganisationState.UNMATCHED:
            raise forms.ValidationError("We know no organisation of that name. Choose one from the list, or write it in the note")
        found = matched["organisation_id"]
        self.cleaned_data["organisation"] = Organisation.objects.get(pk=found) if found else None
        return text


class RuleForm(forms.Form):
    minimum_sessions = forms.IntegerField(
        label="How many sessions somebody must be at",
        help_text="Leave it empty for all of them.",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-2"}),
        error_messages={"invalid": "Enter a number, for example 2"},
    )
    left_early_counts = forms.BooleanField(label="A session left early counts", required=False)
