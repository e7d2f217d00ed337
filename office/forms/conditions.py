"""Who may book: one field for each kind of condition. What stays empty is no condition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from bookings.models import ConditionKind
from bookings.wanted import Wanted
from core.forms import NumberField
from core.text import many_lines
from courses.models import Course, Level
from office.forms.event import SMALL
from people.models import Borough, Partnership, Sector

GROUPS = 3  # so many courses may be asked for beside each other, each with its equals


class ConditionsForm(forms.Form):
    sectors = forms.ModelMultipleChoiceField(
        Sector.objects.none(),
        label="Only people from these sectors",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=SMALL),
        help_text="None ticked: from every sector.",
    )
    boroughs = forms.ModelMultipleChoiceField(
        Borough.objects.none(),
        label="Only people who work in these boroughs",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=SMALL),
        help_text="None ticked: anywhere.",
    )
    job_roles = forms.CharField(
        label="Only people in these job roles",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, like “social worker”: it fits everybody whose job role has these words.",
    )
    level = forms.ModelChoiceField(
        Level.objects.none(),
        label="Only people who have reached a level",
        required=False,
        empty_label="No level",
        help_text="By a course of that level, attended or accepted as equal.",
    )
    partners_only = forms.BooleanField(label="Only people from the partner agencies", required=False)
    agency_limit = NumberField(
        label="Most places for one agency",
        least=1,
        most=5000,
        required=False,
        help_text="Those who wait count too. Leave it empty for no limit.",
        error_messages={
            "invalid": "Write the number in digits, like 3.",
            "min_value": "Give the most places for an agency: 1 or more.",
            "max_value": "Write 5,000 at most.",
        },
    )

    def __init__(self, *args: Any, partnership: Partnership, own: Course | None, groups: int, **kwargs: Any) -> None:
        """``own``: the course that can't be asked for before itself. ``groups``: how many courses are asked for already."""
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = {
            "sectors": Sector.objects.all(),
            "boroughs": Borough.objects.filter(partnership=partnership),
            "level": Level.objects.filter(partnership=partnership),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        courses = Course.objects.filter(partnership=partnership)
        if own is not None:
            courses = courses.exclude(pk=own.pk)
        self.course_fields = [f"courses_{number}" for number in range(1, max(GROUPS, groups) + 1)]
        for number, name in enumerate(self.course_fields, start=1):
            self.fields[name] = forms.ModelMultipleChoiceField(
                courses,
                label="A course attended first"
                if number == 1
                else f"And a {('second', 'third')[number - 2] if number < 4 else number}",
                required=False,
                widget=forms.CheckboxSelectMultiple(attrs=SMALL),
                help_text="Of those ticked, any one is enough. Other learning that you accepted as equal counts too.",
            )

    @property
    def course_groups(self) -> list[tuple[forms.BoundField, bool]]:
        """The course fields, and whether each is to be seen at once: the first, those with ticks, those with an error."""
        return [(self[name], bool(self[name].value() or self[name].errors)) for name in self.course_fields]

    def clean_job_roles(self) -> str:
        lines = (line.strip() for line in many_lines(self.cleaned_data["job_roles"]).splitlines())
        return "\n".join(line for line in lines if line)

    def wanted(self) -> list[Wanted]:
        values = self.cleaned_data
        found = [
            (values["sectors"], Wanted(ConditionKind.SECTOR, sectors=list(values["sectors"]))),
            (values["boroughs"], Wanted(ConditionKind.BOROUGH, boroughs=list(values["boroughs"]))),
            (values["job_roles"], Wanted(ConditionKind.JOB_ROLE, job_roles=values["job_roles"])),
            (values["level"], Wanted(ConditionKind.LEVEL, level=values["level"])),
            (values["partners_only"], Wanted(ConditionKind.PARTNERS_ONLY)),
            (values["agency_limit"], Wanted(ConditionKind.AGENCY_LIMIT, number=values["agency_limit"])),
        ]
        found += [(values[name], Wanted(ConditionKind.COURSE_FIRST, courses=list(values[name]))) for name in self.course_fields]
        return [wanted for said, wanted in found if said]

    @staticmethod
    def start_of(present: Iterable[Wanted]) -> dict[str, Any]:
        """What the form shows of conditions that are there."""
        shown: dict[str, Any] = {}
        for one in present:
            if one.kind == ConditionKind.COURSE_FIRST:
                number = sum(name.startswith("courses_") for name in shown) + 1
                shown[f"courses_{number}"] = [course.pk for course in one.courses]
            elif one.kind == ConditionKind.AGENCY_LIMIT:
                shown["agency_limit"] = one.number
            elif one.kind == ConditionKind.PARTNERS_ONLY:
                shown["partners_only"] = True
            elif one.kind == ConditionKind.LEVEL:
                shown["level"] = one.level.pk if one.level else None
            elif one.kind == ConditionKind.JOB_ROLE:
                shown["job_roles"] = one.job_roles
            else:
                name = "sectors" if one.kind == ConditionKind.SECTOR else "boroughs"
                shown[name] = [row.pk for row in one.lists[name]]
        return shown
