"""The page that makes or changes an event: three forms as one, and what they start with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError

from bookings.models import BookingTerms, ChargingSettings, InvitedPerson, SessionRequest
from core.clock import london_date
from core.refusals import Refused
from courses.models import Course
from events.models import Event, EventKind
from office.forms.event import EventForm
from office.forms.places import PlacesForm, as_the_course_says, over_booked, places_of, places_to_start_with
from office.forms.sessions import MOST_SESSIONS, BaseSessionFormSet, SessionFormSet
from people.models import Partnership

MORE_SESSIONS = 2
# Where the operations call a field by another name than the page.
FIELDS = {"booking_limit": "places", "opens_at": "opens", "closes_at": "closes"}


@dataclass(frozen=True)
class Start:
    """What the forms show before anybody types. ``places`` None: the event takes no bookings."""

    details: dict[str, Any]
    sessions: list[dict[str, Any]]
    places: dict[str, Any] | None


class Problem(NamedTuple):
    """An error, and the id of the field to mend; no id where it belongs to none."""

    text: str
    field_id: str


class EventPage:
    """The forms, unbound or with what was typed. Saves nothing."""

    def __init__(
        self, partnership: Partnership, start: Start, *, data: Mapping[str, Any] | None = None, event: Event | None = None
    ) -> None:
        self.partnership, self.event = partnership, event
        self.details = EventForm(data, initial=start.details, partnership=partnership, event=event)
        self.sessions: BaseSessionFormSet = SessionFormSet(data, initial=start.sessions, prefix="sessions")  # type: ignore[assignment]
        self.places: PlacesForm | None = None
        if start.places is not None:
            has_charges = ChargingSettings.objects.filter(partnership=partnership, is_on=True).exists()
            self.places = PlacesForm(data, initial=start.places, is_new=event is None, has_charges=has_charges)

    def are_valid(self, *, today: date) -> bool:
        are_valid = all([self.details.is_valid(), self.sessions.is_valid(), self.places is None or self.places.is_valid()])
        if self.places is None:
            return are_valid
        times = self.sessions.times() if self.sessions.is_valid() else []
        last_day = max((london_date(one.ends_at) for one in times), default=None)
        return self.places.fits(last_day=last_day, today=today) and are_valid

    def refuse(self, refusal: Refused) -> None:
        """Show an operation's no beside the field it belongs to."""
        name = FIELDS.get(refusal.field or "", refusal.field or "")
        if name == "sessions":
            self.sessions.non_form_errors().append(str(refusal))
        elif self.places is not None and name in self.places.fields:
            self.places.add_error(name, str(refusal))
        else:
            self.details.add_error(name if name in self.details.fields else None, str(refusal))

    @property
    def problems(self) -> list[Problem]:
        """Every error: what belongs to no single field, then the others in the order of the page."""
        if not self.details.is_bound:
            return []
        first_day = self.sessions.forms[0]["day"].auto_id if self.sessions.forms else ""
        found = [Problem(str(text), "") for text in self.details.non_field_errors()]
        found += [Problem(str(text), first_day) for text in self.sessions.non_form_errors()]
        return found + [Problem(str(text), field.auto_id) for field in self._fields() for text in field.errors]

    @cached_property
    def course(self) -> Course | None:
        """The course that is chosen."""
        value = self.details["course"].value()
        try:
            return Course.objects.filter(partnership=self.partnership, pk=value).first() if value else None
        except ValidationError:  # somebody has mangled the id
            return None

    @property
    def over_booked(self) -> str:
        """What the page says where more may book than the event's room seats."""
        if self.places is None or self.event is None or self.event.venue is None:
            return ""
        return over_booked(self.places.initial["places"], self.event.venue.room_places)

    @property
    def has_room_for_sessions(self) -> bool:
        return len(self.sessions.forms) < MOST_SESSIONS

    def again(self, fill: str) -> EventPage:
        """The same page with what was typed, nothing judged: with more rows (“sessions”) or with the course's own (“course”)."""
        typed = Start(
            details=_typed(self.details),
            sessions=[_typed(form) for form in self.sessions.forms],
            places=_typed(self.places) if self.places else None,
        )
        if fill == "sessions":
            rows = min(len(typed.sessions) + MORE_SESSIONS, max(MOST_SESSIONS, len(typed.sessions)))
            typed = replace(typed, sessions=typed.sessions + [{}] * (rows - len(typed.sessions)))
        elif self.course is not None:
            typed = with_course(typed, self.course)
        return EventPage(self.partnership, typed, event=self.event)

    def _fields(self) -> Iterator[forms.BoundField]:
        """Every field, in the order of the page."""
        for field in self.details:
            if field.name == "venue":
                yield from chain.from_iterable(self.sessions.forms)
            if field.name == "for_sectors" and self.places is not None:
                yield from self.places
            yield field


def _typed(form: forms.Form) -> dict[str, Any]:
    return {name: form[name].data for name in form.fields}


def start_empty(partnership: Partnership) -> Start:
    return Start({"kind": EventKind.COURSE}, [{}], places_to_start_with(partnership))


def with_course(start: Start, course: Course) -> Start:
    """What is still empty, as the course says."""
    own = {
        "course": course.pk,
        "title": course.title,
        "format": course.format,
        "summary": course.summary,
        "theme": course.theme_id,
        "for_sectors": [str(pk) for pk in course.for_sectors.values_list("pk", flat=True)],
    }
    details = {**start.details, **{name: value for name, value in own.items() if not start.details.get(name)}}
    places = as_the_course_says(start.places, course) if start.places is not None else None
    return replace(start, details=details, places=places)


def start_for(request: SessionRequest) -> Start:
    """A session of a service's own, as it was asked for."""
    start = start_empty(request.partnership)
    details = {
        "kind": EventKind.SINGLE_AGENCY,
        "title": request.subject,
        "for_organisation": request.organisation_id,
        "course": request.course_id,
    }
    places = start.places or {}
    start = replace(start, details=details, places={**places, "places": request.people})
    return with_course(start, request.course) if request.course else start


def start_of(event: Event) -> Start:
    """The event as it is."""
    plain = ("kind", "title", "format", "summary", "description", "joining_link", "is_closed", "neutral_title", "cost")
    keys = ("course", "venue", "theme", "priority", "review", "for_organisation")
    trainers = list(event.trainers.all())
    details = {
        **{name: getattr(event, name) for name in plain},
        **{name: getattr(event, f"{name}_id") for name in keys},
        "trainers": [one.person_id for one in trainers if one.person_id],
        "other_trainers": "\n".join(one.name for one in trainers if not one.person_id),
        "hosts": list(event.hosts.values_list("partnership_id", flat=True)),
        "for_sectors": list(event.for_sectors.all()),
        "recommendations": list(event.recommendations.all()),
        "invited": "\n".join(InvitedPerson.objects.filter(event=event).values_list("address", flat=True)),
    }
    sessions: list[dict[str, Any]] = [
        {"day": one.local_start.date(), "start": one.local_start.time(), "end": one.local_end.time(), "title": one.title}
        for one in event.sessions.all()
    ]
    terms = BookingTerms.objects.filter(event=event).first()
    return Start(details, sessions or [{}], places_of(terms) if terms else None)


def start_like(event: Event, first_day: date | None = None) -> Start:
    """Another one like this: all but what belongs to one occasion. With a first day, every date moves as far as it does."""
    same = start_of(event)
    later = first_day - event.starts_on if first_day else None
    details = {**same.details, "joining_link": "", "invited": "", "cost": None}
    places = {**(same.places or places_to_start_with(event.lead_host))}
    for name in ("opens", "closes"):
        places[name] = places[name] + later if later is not None and places.get(name) else None
    sessions = [{**one, "day": one["day"] + later if later is not None and one.get("day") else None} for one in same.sessions]
    return Start(details, sessions, places)
