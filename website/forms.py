"""The filters of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms

from courses.models import Format, Level, Theme
from events.models import EventKind
from people.models import Partnership, Sector
from website import catalogue

MONTHS_AHEAD = 18
MONTH = re.compile(r"\d{4}-\d\d")
NO_SUCH_MONTH = "This month is over or too far ahead. Choose another."
NO_SUCH_CHOICE = "This filter is not there any more. Choose another."
WHAT = {
    catalogue.EVENTS: "Events",
    catalogue.COURSES: "Courses without a date",
    catalogue.MODULES: "E-learning",
    catalogue.EPISODES: "Podcasts",
}


class MonthField(forms.TypedChoiceField):
    """One of the coming months; the value is its first day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=lambda text: date.fromisoformat(f"{text}-01"), empty_value=None, required=False, **kwargs)


class CatalogueForm(forms.Form):
    hides_optional = True  # a filter is never required: nobody needs to be told

    q = forms.CharField(label="Search", required=False, max_length=100)
    what = forms.ChoiceField(required=False, choices=[("", "All"), *WHAT.items()], widget=forms.HiddenInput)
    theme = forms.ModelChoiceField(Theme.objects.none(), required=False, empty_label="Any theme")
    sector = forms.ModelChoiceField(Sector.objects.all(), required=False, label="For people in", empty_label="Any sector")
    kind = forms.ChoiceField(required=False, label="Kind of event", choices=[("", "Any kind"), *EventKind.choices])
    level = forms.ModelChoiceField(Level.objects.none(), required=False, empty_label="Any level")
    format = forms.ChoiceField(required=False, choices=[("", "Any format"), *Format.choices])
    places = forms.BooleanField(required=False, label="Places left")

    def __init__(self, data: Mapping[str, Any], *, partnership: Partnership, today: date) -> None:
        super().__init__(data)
        self.this_month = f"{today:%Y-%m}"
        self.fields["theme"].queryset = Theme.objects.filter(partnership=partnership)  # type: ignore[attr-defined]
        self.fields["level"].queryset = Level.objects.filter(partnership=partnership)  # type: ignore[attr-defined]
        # "from" is a word of Python, so these two can't stand above.
        months = [("", "Any month"), *_months(today)]
        self.fields["from"] = MonthField(label="From", choices=months)
        self.fields["to"] = MonthField(label="Until", choices=months)
        for name, field in self.fields.items():
            field.error_messages["invalid_choice"] = NO_SUCH_MONTH if name in ("from", "to") else NO_SUCH_CHOICE

    def filters(self) -> dict[str, Any]:
        """What may be searched by: the fields that were filled in and make sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def lasting_filters(self) -> dict[str, Any] | None:
        """The filters of an address that a program keeps for years; None where nothing can fit them any more.

        Whoever subscribed to one theme until March is not to get the whole programme when March is over.
        """
        filters, first = self.filters(), self.data.get("from", "")
        is_over = MONTH.fullmatch(first) is not None and first < self.this_month  # whatever is to come is after it
        return filters if set(self.errors) <= ({"from"} if is_over else set()) else None

    def tags(self) -> list[dict[str, str]]:
        """One removable tag for each filter in use."""
        return [
            {"label": self._words(name, value), "href": "?" + self.query(without=name)}
            for name, value in self.filters().items()
            if name != "what"
        ]

    def query(self, **changes: str) -> str:
        """The address's filters without the page. ``without`` leaves one out, others set one."""
        without = changes.pop("without", None)
        sent = {name: self.data.get(name, "") for name in self.fields} | changes
        return urlencode({name: value for name, value in sent.items() if value and name != without})

    def _words(self, name: str, value: Any) -> str:
        if name == "q":
            return f"“{value}”"
        if name == "places":
            return "Places left"
        field = self.fields[name]
        if isinstance(value, date):
            return f"{field.label} {value:%B %Y}"
        words = str(value) if isinstance(field, forms.ModelChoiceField) else dict(field.choices)[value]  # type: ignore[attr-defined]
        return f"For {words}" if name == "sector" else words


def _months(today: date) -> list[tuple[str, str]]:
    firsts = (
        date(today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1, 1) for ahead in range(MONTHS_AHEAD)
    )
    return [(f"{first:%Y-%m}", f"{first:%B %Y}") for first in firsts]
