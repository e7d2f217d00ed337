"""The dates and times of an event, a row for each session."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.clock import london_instant
from core.forms import DAY_FORMATS, NOT_A_DAY
from events.operations import SessionTimes
from people.forms import LineField

MOST_SESSIONS = 12
CLOCK = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?([ap]m)?")


class ClockField(forms.TimeField):
    """A time of day as people write it, our own pages among them: 09:30, 9.30am, 4pm, 1630, midday. A bare 4 is refused."""

    def to_python(self, value: Any) -> time | None:
        return _clock(value) or super().to_python(value)


def _clock(value: Any) -> time | None:
    """None for what is no time, or one that could be morning or afternoon."""
    text = "".join(str(value).lower().split()).replace("a.m", "am").replace("p.m", "pm").rstrip(".")
    if text in ("midday", "noon"):
        return time(12)
    found = CLOCK.fullmatch(text)
    if not found or not (found[2] or found[3]):
        return None
    hour = int(found[1])
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    minute = int(found[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


class SessionForm(forms.Form):
    """One session: a London date with its clock times. An empty row is no session."""

    day = forms.DateField(
        label="Date",
        required=False,
        input_formats=DAY_FORMATS,
        widget=forms.DateInput(attrs={"autocomplete": "off", "placeholder": "dd/mm/yyyy"}, format="%d/%m/%Y"),
        error_messages={"invalid": NOT_A_DAY},
    )
    start = ClockField(
        label="Starts",
        required=False,
        input_formats=["%H:%M", "%H.%M"],
        widget=forms.TimeInput(attrs={"placeholder": "09:30"}, format="%H:%M"),
        error_messages={"invalid": "Write the time like 09:30 or 9.30am."},
    )
    end = ClockField(
        label="Ends",
        required=False,
        input_formats=["%H:%M", "%H.%M"],
        widget=forms.TimeInput(attrs={"placeholder": "16:00"}, format="%H:%M"),
        error_messages={"invalid": "Write the time like 16:00 or 4pm."},
    )
    title = LineField(label="Name (optional)", max_length=120, required=False)

    hides_optional = True

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors or not any(value not in (None, "") for value in values.values()):
            return values
        missing = {"day": "Give the date.", "start": "Give the time it starts.", "end": "Give the time it ends."}
        for name, sentence in missing.items():
            if values.get(name) is None:
                self.add_error(name, sentence)
        if not self.errors:
            self._add_times(values)
        return values

    def _add_times(self, values: dict[str, Any]) -> None:
        day: date = values["day"]
        start: time = values["start"]
        end: time = values["end"]
        if end <= start:
            self.add_error("end", "The end must come after the start.")
            return
        try:
            first, last = (london_instant(datetime.combine(day, clock)) for clock in (start, end))
        except ValueError:
            self.add_error("start", "The clocks go forward over this hour: choose another time.")
        else:
            values["times"] = SessionTimes(first, last, values["title"])


class BaseSessionFormSet(forms.BaseFormSet):
    def clean(self) -> None:
        """At least one session, none overlapping another."""
        if any(self.errors):
            return
        times = self.times()
        if not times:
            raise ValidationError("Give at least one date with its times.")
        if any(later.starts_at < earlier.ends_at for earlier, later in pairwise(times)):
            raise ValidationError("Two of the dates overlap: an event's sessions come one after the other.")

    def times(self) -> list[SessionTimes]:
        """The sessions as typed, earliest first."""
        found = [form.cleaned_data["times"] for form in self.forms if form.cleaned_data.get("times")]
        return sorted(found, key=lambda one: one.starts_at)


SessionFormSet = forms.formset_factory(
    SessionForm, formset=BaseSessionFormSet, extra=0, min_num=1, max_num=MOST_SESSIONS, absolute_max=2 * MOST_SESSIONS
)
