"""Joining links of several online events at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core import wording
from events.models import Event

NOT_A_LINK = {"invalid": "Write the whole link, like https://meet.example/abc."}


class JoiningLinksForm(forms.Form):
    """One link for all of these events, and a field for each that has one of its own. Saves nothing."""

    for_all = forms.URLField(
        label="Joining link for all",
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="For every one of them that you give no link of its own. Only people who are booked see it.",
        error_messages=NOT_A_LINK,
    )

    hides_optional = True

    def __init__(self, events: Sequence[Event], data: Any = None) -> None:
        super().__init__(data)
        self.events = {f"link-{event.pk}": event for event in events}
        for name, event in self.events.items():
            self.fields[name] = forms.URLField(
                label=f"{event.title}, {wording.day(event.starts_on)}",
                max_length=500,
                required=False,
                assume_scheme="https",
                error_messages=NOT_A_LINK,
            )

    @property
    def single(self) -> list[forms.BoundField]:
        return [self[name] for name in self.events]

    @property
    def has_single(self) -> bool:
        """Whether a link of its own was typed for any, or could not be read."""
        return any(field.value() or field.errors for field in self.single)

    def clean(self) -> None:
        if not self.errors and not self.links:
            raise ValidationError({"for_all": "Give a link for all of them, or for at least one."})

    @property
    def links(self) -> list[tuple[Event, str]]:
        """Every event that gets a link, with its own or the one for all."""
        every = [(event, self.cleaned_data[name] or self.cleaned_data["for_all"]) for name, event in self.events.items()]
        return [(event, link) for event, link in every if link]
