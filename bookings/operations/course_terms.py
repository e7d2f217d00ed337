"""What the events of a course start with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from bookings import policies
from bookings.models import CourseTerms
from core import audit
from courses.models import Course
from people.models import Person

FIELDS = ("places", "minimum", "manager_role")


@transaction.atomic
def set_course_terms(
    *, course: Course, places: int | None, minimum: int | None, manager_role: str = "", by: Person | None, at: datetime
) -> CourseTerms:
    """Say what each new event of the course starts with; those that are made keep theirs. Nothing said: as the partnership says.

    Raises Refused: no_places, minimum_out_of_range.
    """
    Course.objects.select_for_update(no_key=True).get(pk=course.pk)  # of two officers at once, one makes the row
    terms = CourseTerms.objects.filter(course=course).first() or CourseTerms(course=course)
    changes: dict[str, list[Any]] = {}
    for name, value in zip(FIELDS, (places, minimum, manager_role), strict=True):
        if getattr(terms, name) != value:
            changes[name] = [getattr(terms, name), value]
            setattr(terms, name, value)
    policies.check_course_terms(terms)
    if changes:
        terms.save()
        audit.record(action="terms of a course changed", about=course, by=by, at=at, changes=changes)
    return terms
