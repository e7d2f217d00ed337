"""What people of the demonstration want that has no date: a few courses, and two sessions of a service's own."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.demand import dates_of
from bookings.models import Interest, SessionRequest
from bookings.operations import ask_for_session, want_course
from courses.models import Course
from demo.people import HALINA, PRIYA, person_of
from people.models import Partnership, Person

HOW_MANY = (18, 9, 4)


def add_demand(riverside: Partnership, *, at: datetime) -> None:
    """Once: where somebody wants or asks for something already, it stays as it is."""
    if Interest.objects.exists() or SessionRequest.objects.exists():
        return
    courses = Course.objects.in_catalogue().filter(partnership=riverside).order_by("title")
    first_asked = at - timedelta(days=max(HOW_MANY))
    without_a_date = [course for course in courses if not dates_of(course, at=first_asked).exists()]
    people = Person.objects.filter(partnerships=riverside, organisation__isnull=False).order_by("surname", "forename", "pk")
    for course, count in zip(without_a_date, HOW_MANY, strict=False):
        for days, person in enumerate([person_of(PRIYA), *people[:count]]):
            want_course(course=course, person=person, by=None, at=at - timedelta(days=days))
    sessions = (
        (PRIYA, "Neglect: what we see in the classroom", 24, "A twilight session next half-term", "Our school hall"),
        (HALINA, "Domestic abuse for reception staff", 8, "A Wednesday lunchtime", "Online"),
    )
    for days, (asker, subject, number, when, place) in enumerate(sessions, start=2):
        ask_for_session(
            partnership=riverside,
            subject=subject,
            people=number,
            wanted_when=when,
            place=place,
            by=person_of(asker),
            at=at - timedelta(days=days),
        )
