"""Many events at once: which ones, how much later, and the first day of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bookings.operations.series import MOST_AT_ONCE
from core.forms import DayField, NumberField
from core.refusals import Refused
from events.clashes import words_on
from events.models import Event
from events.planning import Planned, every_so_many_weeks, planned_like, weeks_later
from people.models import Partnership

USUAL_WEEKS = 52


class RepeatForm(forms.Form):
    every = NumberField(
        label="Every how many weeks", help_text="1 is the same day of each week.", least=1, most=52, width=3, initial=1
    )
    times = NumberField(
        label="How many new dates", help_text="Not counting this one.", least=1, width=3, most=MOST_AT_ONCE, initial=6
    )


class ShiftForm(forms.Form):
    weeks = NumberField(
        label="How many weeks later",
        help_text="52 weeks later is the same weekday a year on. You can change each date on the next page.",
        least=1,
        most=208,
        width=3,
        initial=USUAL_WEEKS,
    )


def check_is_near(day: date) -> None:
    """A slip of the keyboard, like 3027, is no date to plan for."""
    if not 2000 <= day.year <= 2100:
        raise ValidationError("Write a year from 2000 to 2100.")


class FirstDayForm(forms.Form):
    first_day = DayField(
        label="First day of the copy",
        placeholder="dd/mm/yyyy",
        error_messages={"required": "Give the first day of the copy."},
        validators=[check_is_near],
    )


class CopyForm(forms.Form):
    """One event to be made: like which one, from which day on. Without a day it is left out."""

    like = forms.UUIDField(widget=forms.HiddenInput)
    day = DayField(label="First day", required=False, validators=[check_is_near])

    hides_optional = True


class BaseCopyFormSet(forms.BaseFormSet):
    def clean(self) -> None:
        if not any(self.errors) and not any(form.cleaned_data.get("day") for form in self.forms):
            raise ValidationError("Give at least one date.")


CopyFormSet = forms.formset_factory(
    CopyForm, formset=BaseCopyFormSet, extra=0, max_num=MOST_AT_ONCE, absolute_max=MOST_AT_ONCE, validate_max=True
)


@dataclass
class Row:
    """A line of the table: the event that was, its form, and what is to be said of the new date."""

    event: Event
    form: forms.Form
    note: str = ""
    planned: Planned | None = None
    words: list[str] = field(default_factory=list)


def first_dates(events: Sequence[Event], *, weeks: int | None, every: int = 1, times: int = 1) -> list[tuple[Event, date, str]]:
    """What the table starts with: each event so many weeks later or, without ``weeks``, each again and again."""
    if weeks is not None:
        return [(event, *weeks_later(event, weeks)) for event in events]
    return [(event, day, note) for event in events for day, note in every_so_many_weeks(event, weeks=every, times=times)]


class SeriesPage:
    """The table, as it starts (``start``) or with what was typed. Saves nothing."""

    def __init__(
        self,
        partnership: Partnership,
        known: dict[Any, Event],
        *,
        start: Sequence[tuple[Event, date, str]] = (),
        data: Any = None,
        at: datetime,
    ) -> None:
        initial = [{"like": event.pk, "day": day} for event, day, _ in start]
        self.formset: Any = CopyFormSet(data, initial=initial, prefix="copies")
        notes = [note for _, _, note in start] or [""] * len(self.formset.forms)
        self.is_valid = data is None or self.formset.is_valid()
        self.rows = [
            Row(known[like], form, note)
            for form, note in zip(self.formset.forms, notes, strict=False)
            if (like := self._like(form)) in known
        ]
        self._plan()
        planned = [row for row in self.rows if row.planned]
        all_words = words_on([row.planned for row in planned if row.planned], partnership=partnership, at=at)
        for row, words in zip(planned, all_words, strict=True):
            row.words = words
        self.seen = ",".join(str(day or "") for day in (self._day(row.form) for row in self.rows))

    @property
    def copies(self) -> list[tuple[Event, date]]:
        return [(row.event, day) for row in self.rows if (day := self._day(row.form))]

    @property
    def left_out(self) -> int:
        """How many were emptied on purpose. A date that can't be read is none of them: it stops all of them."""
        return len(self.rows) - len(self.copies) - self.to_mend

    @property
    def to_mend(self) -> int:
        return sum(bool(row.form.is_bound and row.form.errors) for row in self.rows)

    @property
    def troubled(self) -> int:
        return sum(bool(row.words) for row in self.rows)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every error with the id of its field."""
        if not self.formset.is_bound:
            return []
        first = self.rows[0].form["day"].auto_id if self.rows else ""
        found = [(text, first) for text in self.formset.non_form_errors()]
        for number, row in enumerate(self.rows, start=1):
            found += [(f"Row {number}: {text}", row.form["day"].auto_id) for text in row.form["day"].errors]
        return found

    def _plan(self) -> None:
        for row in self.rows:
            day = self._day(row.form)
            if day is None:
                continue
            try:
                row.planned = planned_like(row.event, day)
            except Refused as refusal:
                self.is_valid = False
                if row.form.is_bound:
                    row.form.add_error("day", str(refusal))
                else:
                    row.words = [str(refusal)]

    def _like(self, form: forms.Form) -> Any:
        return form.cleaned_data.get("like") if form.is_bound and form.is_valid() else self._typed_like(form)

    def _typed_like(self, form: forms.Form) -> Any:
        try:
            return form.fields["like"].clean(form["like"].value())
        except ValidationError:
            return None

    def _day(self, form: forms.Form) -> date | None:
        if not form.is_bound:
            return form.initial.get("day")
        return form.cleaned_data.get("day") if form.is_valid() else None
