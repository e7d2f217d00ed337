"""Saying who may book an event, or every event of a course."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings import wanted as asked
from bookings.models import Condition
from bookings.operations import lock
from bookings.wanted import Wanted, wanted_of
from core import audit
from courses.models import Course
from events.models import Event
from people.models import Person


@transaction.atomic
def set_conditions(
    *, event: Event | None = None, course: Course | None = None, wanted: Sequence[Wanted], by: Person | None, at: datetime
) -> bool:
    """Make these the conditions of the event, or of the course and so of every event made from it; returns whether they changed.

    Whoever is booked stays booked. Raises Refused for a condition that says nothing, asks for the course itself, stands twice, or
    that nobody could meet; TypeError unless one of event and course is given.
    """
    if (event is None) == (course is None):
        raise TypeError("conditions are those of an event or of a course")
    about: Event | Course = event or course  # type: ignore[assignment]
    if event is not None:
        lock.lock_terms(event.pk)  # a booking that is being made sees those before or those after, never some of each
    else:
        Course.objects.select_for_update(no_key=True).get(pk=about.pk)
    asked.check(wanted, event=event, course=course)
    present = _present(event, course)
    before, after = (sorted(map(repr, (one.says() for one in ones))) for ones in (present.values(), wanted))
    if before == after:
        return False
    lock.raise_revision(Event.objects.filter(pk=event.pk) if event else Event.objects.filter(course=course))
    kept = {one.says() for one in wanted}
    Condition.objects.filter(pk__in=[pk for pk, one in present.items() if one.says() not in kept]).delete()
    there = {one.says() for one in present.values()}
    for one in wanted:
        if one.says() not in there:
            _add(one, event=event, course=course)
    kinds = [sorted({str(one.kind) for one in ones}) for ones in (present.values(), wanted)]
    audit.record(action="conditions of booking changed", about=about, by=by, at=at, changes={"kinds": kinds})
    return True


def copy_conditions(*, like: Event, event: Event) -> None:
    """Give a new event the conditions that another has of its own; those of its course hold anyway."""
    for one in _present(like, None).values():
        _add(one, event=event, course=None)


def _present(event: Event | None, course: Course | None) -> dict[Any, Wanted]:
    named = ("sectors", "boroughs", "courses")
    found = Condition.objects.filter(event=event, course=course).select_related("level").prefetch_related(*named)
    return {condition.pk: wanted_of(condition) for condition in found}


def _add(one: Wanted, *, event: Event | None, course: Course | None) -> None:
    condition = Condition.objects.create(
        event=event, course=course, kind=one.kind, number=one.number, level=one.level, job_roles=one.job_roles
    )
    for name, rows in one.lists.items():
        getattr(condition, name).add(*rows)
