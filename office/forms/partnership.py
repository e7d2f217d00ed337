"""How a partnership calls itself, looks and writes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from people.brand import clean_logo
from people.operations.partnerships import CHANGEABLE


class PartnershipForm(forms.Form):
    name = forms.CharField(max_length=120)
    strapline = forms.CharField(max_length=160, required=False, help_text="One line under the name on the first page.")
    logo = forms.FileField(
        required=False, help_text="A PNG or JPEG picture, wider than high, as you print it on white: it stands on a white ground."
    )
    takes_logo_away = forms.BooleanField(label="Show no logo", required=False)
    primary_colour = forms.CharField(
        label="Colour", max_length=7, help_text="As #0f4c5c. White letters must be easy to read on it."
    )
    team_email = forms.EmailField(label="Your team's e-mail address", help_text="Replies to our messages go there.")
    sender_address = forms.EmailField(
        label="Messages come from this address",
        required=False,
        help_text="Empty: from ours. From the moment you save, every message comes from it. So get the consent of whoever runs "
        "its e-mail first: they let our server send in its name (SPF and DKIM). Then send yourself a test.",
        error_messages={"invalid": "Messages come from this address: write an e-mail address, like learning@council.example."},
    )
    team_phone = forms.CharField(label="Your team's telephone number", max_length=40, required=False)
    asks_for_manager = forms.BooleanField(
        label="Ask everybody for their line manager's e-mail address",
        required=False,
        help_text="They are asked once, when they first sign in.",
    )
    messages_from = forms.DateField(
        label="Send messages about what happens from this day on",
        required=False,
        help_text="Empty: nothing is sent. Sign-in codes always are.",
        widget=forms.DateInput(format="%d/%m/%Y"),
        error_messages={"invalid": "Write the date as 27/01/2027."},
    )

    def clean_sender_address(self) -> str:
        address = str(self.cleaned_data["sender_address"]).lower()
        if address and "." not in address.rpartition("@")[2]:
            raise forms.ValidationError("Give an address that others can answer, like learning@council.example.")
        return address

    def clean_primary_colour(self) -> str:
        return str(self.cleaned_data["primary_colour"]).lower()

    def clean_logo(self) -> bytes | None:
        upload: UploadedFile | None = self.cleaned_data["logo"]
        return clean_logo(upload) if upload else None  # type: ignore[arg-type]

    def details(self) -> dict[str, Any]:
        """What people.operations.change_partnership wants to know."""
        return {name: self.cleaned_data[name] for name in (*CHANGEABLE, "logo", "takes_logo_away")}
