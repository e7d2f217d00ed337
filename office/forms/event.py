"""What an event is, who teaches it, who may come."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from core.text import many_lines, one_line
from courses.models import Course, Format, Priority, Theme
from events.models import Event, EventKind, Recommendation, Review, Venue
from office.forms.links import NOT_A_LINK
from people.forms import LineField
from people.models import Grant, Organisation, Partnership, Person, Role, Sector
from people.pasted import read_pasted

MOST_NAMED = 30
SMALL = {"class": "govuk-checkboxes--small t-columns"}
DROPPED_WHEN_EMPTY = ("trainers", "hosts", "recommendations")


class EventForm(forms.Form):
    """Places stand in PlacesForm, dates in SessionFormSet. A chosen course gives what is left empty."""

    course = forms.ModelChoiceField(Course.objects.none(), required=False, empty_label="No course: a single occasion")
    kind = forms.ChoiceField(choices=EventKind.choices)
    title = LineField(max_length=160, required=False, help_text="Leave it empty to take the course's title.")
    format = forms.ChoiceField(
        choices=[("", "As the course says"), *Format.choices], required=False, help_text="Without a course, choose one."
    )
    summary = LineField(max_length=300, required=False, help_text="One or two sentences for the catalogue.")
    description = forms.CharField(
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Never name a child, a family or a case here.",
    )
    venue = forms.ModelChoiceField(Venue.objects.none(), required=False, empty_label="None or not known yet")
    new_venue = LineField(
        label="Or a new venue", max_length=400, required=False, help_text="Its name, a comma, then its address."
    )
    joining_link = forms.URLField(
        label="Joining link",
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="For a virtual event. Only people who are booked see it.",
        error_messages=NOT_A_LINK,
    )
    trainers = forms.ModelMultipleChoiceField(
        Person.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=SMALL),
        help_text="They can take the register.",
    )
    other_trainers = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Trainers who don't sign in here, one a line.",
    )
    hosts = forms.ModelMultipleChoiceField(
        Partnership.objects.none(), label="Hosted together with", required=False, widget=forms.CheckboxSelectMultiple(attrs=SMALL)
    )
    for_sectors = forms.ModelMultipleChoiceField(
        Sector.objects.none(),
        label="Who it is for",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=SMALL),
        help_text="None ticked: everybody.",
    )
    for_organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="For one organisation",
        required=False,
        empty_label="Not only one",
        help_text="Only its people, and officers for anybody, can book. Everybody sees it in the programme, unless it is closed.",
    )
    is_closed = forms.BooleanField(
        label="A closed event, as about a named child or an audited case: only people you invite can find and book it",
        required=False,
    )
    neutral_title = LineField(
        label="Neutral title",
        max_length=160,
        required=False,
        help_text="Needed for a closed event: it stands in mails, calendars and certificates.",
    )
    invited = forms.CharField(
        label="Invited people",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="For a closed event: their e-mail addresses, one a line or separated by commas.",
    )
    theme = forms.ModelChoiceField(Theme.objects.none(), required=False, empty_label="The course's theme")
    priority = forms.ModelChoiceField(Priority.objects.none(), required=False, empty_label="None")
    review = forms.ModelChoiceField(Review.objects.none(), required=False, empty_label="None")
    recommendations = forms.ModelMultipleChoiceField(
        Recommendation.objects.none(), required=False, widget=forms.CheckboxSelectMultiple(attrs=SMALL)
    )
    cost = forms.DecimalField(
        label="What it costs us, in pounds",
        min_value=0,
        max_digits=9,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"}),
        error_messages={
            "invalid": "Write the amount in digits, like 1200 or 1200.50.",
            "min_value": "The cost can’t be less than 0.",
            "max_digits": "That cost is too large. Write it in pounds, like 1200 or 1200.50.",
            "max_whole_digits": "That cost is too large. Write it in pounds, like 1200 or 1200.50.",
        },
    )

    def __init__(self, *args: Any, partnership: Partnership, event: Event | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in _choices(partnership, event).items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
            if name in DROPPED_WHEN_EMPTY and not rows.exists():
                del self.fields[name]

    def clean_description(self) -> str:
        return many_lines(self.cleaned_data["description"])

    def clean_new_venue(self) -> tuple[str, str] | None:
        """Name and address; None for no new venue."""
        name, _, address = self.cleaned_data["new_venue"].partition(",")
        name, address = name.strip(), address.strip()
        if address and not name:
            raise ValidationError("Write the venue's name first, then a comma and its address.")
        if len(name) > 120 or len(address) > 300:
            raise ValidationError("Write a name of at most 120 letters, a comma, then the address.")
        return (name, address) if name else None

    def clean_invited(self) -> list[str]:
        """The addresses, in lower case. Raises, naming those that are none."""
        pasted = read_pasted(self.cleaned_data["invited"])
        wrong = [entry.text[:80] for entry in pasted if not entry.address]
        if wrong:
            more = f" and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
            raise ValidationError(f"Not an e-mail address: {', '.join(wrong[:MOST_NAMED])}{more}.")
        return [entry.address for entry in pasted]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        course = values.get("course")
        for name, sentence in (("title", "Give a title, or choose a course."), ("format", "Choose a format, or a course.")):
            if name in values and not values[name]:
                values[name] = getattr(course, name, "")
                if not course and "course" not in self.errors:
                    self.add_error(name, sentence)
        values["theme"] = values.get("theme") or getattr(course, "theme", None)
        if values.get("venue") and values.get("new_venue"):
            self.add_error("new_venue", "Choose a venue or write a new one, not both.")
        if values.get("is_closed") and "neutral_title" in values and not values["neutral_title"]:
            self.add_error("neutral_title", "A closed event needs a neutral title, such as “Learning event”.")
        return values

    def details(self) -> dict[str, Any]:
        """The values in the words of events.operations, a new venue apart."""
        values = self.cleaned_data
        others = [name[:120] for name in map(one_line, values["other_trainers"].splitlines()) if name]
        apart = ("new_venue", "other_trainers", "invited")
        return {
            **{name: value for name, value in values.items() if name not in apart},
            "trainers": [*values.get("trainers", ()), *others],
            "hosts": list(values.get("hosts", ())),
            "for_sectors": list(values["for_sectors"]),
            "recommendations": list(values.get("recommendations", ())),
        }


def _choices(partnership: Partnership, event: Event | None) -> dict[str, Any]:
    """What can be chosen: the partnership's own, and whatever the event has already, even if it could not be chosen anew."""
    ours = {"partnership": partnership}
    present: dict[str, Any] = {"trainers": [], "organisation": None}
    if event is not None:
        present["organisation"] = event.for_organisation_id
        present["trainers"] = list(event.trainers.exclude(person=None).values_list("person_id", flat=True))
    may_teach = Grant.objects.in_force().filter(partnership=partnership, role=Role.TRAINER).values("person_id")
    return {
        "course": Course.objects.filter(**ours),
        "venue": Venue.objects.filter(**ours),
        "trainers": Person.objects.filter(Q(pk__in=may_teach) | Q(pk__in=present["trainers"])),
        "hosts": Partnership.objects.exclude(pk=partnership.pk),
        "for_sectors": Sector.objects.all(),
        "for_organisation": Organisation.objects.filter(Q(valid_to__isnull=True) | Q(pk=present["organisation"])),
        "theme": Theme.objects.filter(**ours),
        "priority": Priority.objects.filter(**ours),
        "review": Review.objects.filter(**ours),
        "recommendations": Recommendation.objects.filter(review__partnership=partnership).select_related("review"),
    }
