"""What people type about themselves, checked. Never saves."""

from __future__ import annotations

from datetime import date
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from django import forms
from django.core.exceptions import ValidationError

from core.text import one_line
from people.models import OrganisationState, Partnership, Person
from people.permissions import SCOPES
from people.queries import match_organisation, search_organisations
from people.wording import clean_address

NOT_LISTED = "not listed"
BAD_ADDRESS = "Enter an e-mail address like name@school.example"


class LineField(forms.CharField):
    """Text on one line: line breaks and control characters that were pasted in are taken out."""

    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value) or "")


class AddressField(forms.EmailField):
    """An e-mail address, kept in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        messages = {"invalid": BAD_ADDRESS, **kwargs.pop("error_messages", {})}
        super().__init__(error_messages=messages, **kwargs)

    def to_python(self, value: Any) -> str:
        return clean_address(super().to_python(value) or "")


class SignInForm(forms.Form):
    """Takes the place of the sign-in library's form, which would look the address up. Asking too often is refused here."""

    email = AddressField(
        label="Your work e-mail address",
        help_text="Foster carers, residents and volunteers: any address that you read yourself.",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": "Enter your e-mail address"},
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        request = context.request
        asker = f"{email} {get_adapter().get_client_ip(request)}"
        allowed = ratelimit.consume(request, action="request_login_code", key=asker)
        if not allowed or not ratelimit.consume(request, action="request_login_code_for_address", key=email):
            raise ValidationError(
                "We have sent several codes already. Use the latest one, or wait a few minutes and ask again.",
                code="too_many",
            )
        return email


class SignInCodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        help_text="8 digits, for example 1234-5678. The dash does not matter.",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
        error_messages={"required": "Enter the code from our e-mail"},
    )

    def __init__(self, *args: Any, code: str = "", **kwargs: Any) -> None:
        self.expected = code
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        request = context.request
        if not ratelimit.consume(request, action="confirm_login_code", key=str(request.session.session_key)):
            raise get_adapter().validation_error("too_many_login_attempts")
        if not compare_user_code(actual=code, expected=self.expected):
            raise get_adapter().validation_error("incorrect_code")
        return code


class OrganisationMixin(forms.Form):
    """Where somebody works, as plain text. A text that is no organisation's name is asked about, beside the likeliest ones."""

    partnership: Partnership
    today: date
    hides_optional = True  # the labels say it themselves
    may_keep_typed = True  # a name that is not listed goes to the list that officers settle

    def suggest_organisations(self) -> None:
        """Add the question "which of these?" where the text sent is nobody's name but like somebody's."""
        if not self.is_bound or self.data.get(self.add_prefix("has_no_organisation")):
            return
        text = one_line(str(self.data.get(self.add_prefix("organisation_text"), "")))[:200]
        if match_organisation(partnership=self.partnership, text=text)["organisation_state"] != OrganisationState.UNMATCHED:
            return
        likely = search_organisations(partnership=self.partnership, text=text, limit=6, on=self.today)
        if not likely:
            return
        choices = [(found.name, found.name) for found in likely]
        if self.may_keep_typed:
            choices.append((NOT_LISTED, f"No, keep “{text}”"))
        self.fields["organisation_choice"] = forms.ChoiceField(
            label="Is it one of these?",
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={
                "required": f"Say which organisation you mean by “{text}”",
                "invalid_choice": f"Say which organisation you mean by “{text}”",
            },
        )
        names = list(self.fields)
        names.insert(names.index("organisation_text") + 1, names.pop())
        self.order_fields(names)

    def chosen_organisation(self) -> str:
        choice: str = self.cleaned_data.get("organisation_choice") or NOT_LISTED
        return self.cleaned_data["organisation_text"] if choice == NOT_LISTED else choice


class ProfileForm(OrganisationMixin):
    forename = LineField(
        label="First name",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "spellcheck": "false"}),
        error_messages={"required": "Enter your first name"},
    )
    surname = LineField(
        label="Last name",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "family-name", "spellcheck": "false"}),
        error_messages={"required": "Enter your last name"},
    )
    organisation_text = LineField(
        label="Where do you work?",
        help_text="Start with the name, for example “Alder Primary”. If yours is not listed, write it in full: "
        "an officer will add it.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-organisation-search": ""}),
    )
    has_no_organisation = forms.BooleanField(
        label="I have no organisation: I am a foster carer, a resident or a volunteer on my own",
        required=False,
    )
    job_role = LineField(
        label="Job role",
        help_text="For example “Teacher”, “Health visitor” or “Foster carer”.",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
        error_messages={"required": "Enter your job role"},
    )
    manager_email = AddressField(label="Your line manager's e-mail address", required=False)
    hears_of_places = forms.BooleanField(
        label="Write to me about learning: what is on, and places left for people like me (each letter says how to stop them)",
        required=False,
    )

    def __init__(self, *args: Any, partnership: Partnership, today: date, **kwargs: Any) -> None:
        self.partnership, self.today = partnership, today
        super().__init__(*args, **kwargs)
        if partnership.asks_for_manager:
            self.fields["manager_email"].help_text = "We tell them what you book. Leave it empty if you have no organisation."
        else:
            self.fields["manager_email"].label = "Your line manager's e-mail address (optional)"
        self.suggest_organisations()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        alone = cleaned.get("has_no_organisation")
        if alone and cleaned.get("organisation_text"):
            self.add_error("has_no_organisation", "Enter where you work or tick that you have no organisation, not both")
        if not alone and "organisation_text" in cleaned and not cleaned["organisation_text"]:
            self.add_error("organisation_text", "Enter where you work, or tick that you have no organisation")
        if self.partnership.asks_for_manager and not alone and cleaned.get("manager_email") == "":
            self.add_error("manager_email", "Enter your line manager's e-mail address")
        return cleaned

    def answers(self) -> dict[str, Any]:
        """What people.operations.complete_profile wants to know."""
        wanted = ("forename", "surname", "has_no_organisation", "job_role", "manager_email", "hears_of_places")
        return {**{name: self.cleaned_data[name] for name in wanted}, "organisation_text": self.chosen_organisation()}

    @staticmethod
    def answers_of(person: Person) -> dict[str, Any]:
        """What the form shows of somebody who has answered before."""
        return {
            "forename": person.forename,
            "surname": person.surname,
            "organisation_text": person.organisation_text,
            "has_no_organisation": bool(person.profile_done_at) and person.organisation_state == OrganisationState.NONE,
            "job_role": person.job_role,
            "manager_email": person.manager_email,
            "hears_of_places": person.agreed_to_hear_at is not None,
        }


class TokenForm(forms.Form):
    """A token for a program of one's own."""

    name = LineField(
        label="Name",
        help_text="What it is for, so that you know it again: “Training system of Alder School”, say.",
        max_length=60,
        error_messages={"required": "Enter a name for the token"},
    )
    scopes = forms.MultipleChoiceField(
        label="What may it do?",
        help_text="It acts as you, and never may more than you.",
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that the token may do"},
    )
    days = forms.TypedChoiceField(
        label="How long does it work?",
        choices=[("30", "30 days"), ("90", "90 days"), ("366", "A year")],
        coerce=int,
        initial="90",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how long the token works"},
    )
