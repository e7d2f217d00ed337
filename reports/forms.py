"""What somebody asks the report for, checked. Never saves."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from core.refusals import Refused
from courses.models import Theme
from people.models import Partnership, Sector
from reports import periods
from reports.facts import course_titles, days_with_figures
from reports.periods import Period
from reports.questions import KINDS, NO_ORGANISATION, NOT_MATCHED, Question

MONTHS = {1: "April to June", 2: "July to September", 3: "October to December", 4: "January to March"}
DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


class CutForm(forms.Form):
    """Period and cut, from an address. Without a period: the financial year of the last event with figures."""

    hides_optional = True

    period = forms.CharField(label="Period", required=False, max_length=60)
    kind = forms.MultipleChoiceField(
        label="Kind of event",
        choices=KINDS,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes--small"}),
        error_messages={"invalid_choice": "There is no kind of event “%(value)s” here. Choose from the list."},
    )
    sector = forms.CharField(label="Sector", required=False, max_length=80)
    course = forms.CharField(label="Course", required=False, max_length=160)
    theme = forms.CharField(label="Theme", required=False, max_length=80)

    def __init__(self, asked: QueryDict, *, partnership: Partnership, today: date) -> None:
        super().__init__(asked)
        self.partnership = partnership
        self.today = today
        self.span = days_with_figures(partnership)
        self.found: Period | None = None
        for name, label in (("from", "From"), ("to", "To")):
            picker = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            wrong = {"invalid": f"“{label}” is not a day. Write it as 30/09/2024."}
            self.fields[name] = forms.DateField(
                label=label, required=False, input_formats=DAY_FORMATS, widget=picker, error_messages=wrong
            )
        sectors = [*Sector.objects.order_by("name").values_list("name", flat=True), NOT_MATCHED, NO_ORGANISATION]
        themes = Theme.objects.filter(partnership=partnership).values_list("name", flat=True)
        self._offer("period", self._periods())
        self._offer("sector", [("", "All sectors"), *((name, name) for name in sectors)])
        self._offer("course", [("", "All courses"), *((title, title) for title in course_titles(partnership))])
        self._offer("theme", [("", "All themes"), *((name, name) for name in themes)])

    def _offer(self, name: str, choices: list[Any]) -> None:
        """A list to choose from; the address may ask for anything, and is answered with what there is."""
        self.fields[name].widget = forms.Select(choices=choices)

    def _periods(self) -> list[Any]:
        first, last = self.span or (self.today, self.today)
        newest = max(last, self.today)
        years = list(range(newest.year, first.year - 2, -1))
        financial = [period for year in years if self._is_reached(period := periods.financial_year(year), first, newest)]
        academic = [period for year in years if self._is_reached(period := periods.academic_year(year), first, newest)]
        calendar = [period for year in years if self._is_reached(period := periods.calendar_year(year), first, newest)]
        quarters = [(f"Quarters of {year.text}", self._quarters(year)) for year in financial]
        groups = [("Financial years", financial), ("Academic years", academic), ("Calendar years", calendar)]
        named = [(label, [(period.text, period.name) for period in group]) for label, group in groups]
        return [named[0], *quarters, *named[1:]]

    @staticmethod
    def _is_reached(period: Period, first: date, newest: date) -> bool:
        return period.ends_on >= first and period.starts_on <= newest

    @staticmethod
    def _quarters(year: Period) -> list[tuple[str, str]]:
        found = [(number, periods.quarter(year.starts_on.year, number)) for number in MONTHS]
        return [(period.text, f"{period.text}, {MONTHS[number]} {period.starts_on.year}") for number, period in found]

    @property
    def default(self) -> Period:
        return periods.financial_year_of(self.span[1] if self.span else self.today)

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if not {"period", "from", "to"} & set(self.errors):
            try:
                self.found = self._period(asked["from"], asked["to"], asked["period"])
            except Refused as refusal:
                self.add_error(refusal.field, str(refusal))
        for name in ("sector", "course", "theme"):
            if name in asked:
                self._check_offered(name, asked[name])
        return asked

    def _period(self, starts_on: date | None, ends_on: date | None, text: str) -> Period:
        if starts_on and ends_on:
            return periods.between(starts_on, ends_on)
        if starts_on or ends_on:
            missing = "to" if starts_on else "from"
            raise Refused("Say both days: from and to.", code="half_a_period", field=missing)
        return periods.parse(text) if text else self.default

    def _check_offered(self, name: str, asked: str) -> None:
        offered = {value for value, _ in self.fields[name].widget.choices}  # type: ignore[attr-defined]
        if asked not in offered:
            self.add_error(name, f"There is no {name} “{asked}” here. Choose one from the list.")

    @property
    def days(self) -> list[forms.BoundField]:
        return [self["from"], self["to"]]

    @property
    def is_narrow(self) -> bool:
        """Whether one of the less used fields is in use or wrong."""
        return any(self.data.get(name) or name in self.errors for name in ("kind", "theme", "from", "to"))

    @property
    def question(self) -> Question:
        """What is asked, once the form is valid."""
        if self.found is None:
            raise ValueError("the form is not valid")
        asked = self.cleaned_data
        return Question(
            self.partnership, self.found, self.today, tuple(asked["kind"]), asked["sector"], asked["course"], asked["theme"]
        )

    def shown(self) -> CutForm:
        """The form as the page shows it with an answer: the default period chosen, and two days as one more period."""
        period, data, choices = self.question.period, self.data.copy(), self.fields["period"].widget.choices  # type: ignore[attr-defined]
        if not any(value == period.text for _, group in choices for value, _ in group):
            choices.insert(0, ("As asked", [(period.text, period.name)]))
        data["period"], data["from"], data["to"] = period.text, "", ""
        self.data = data
        return self
