"""The letter about learning that is to be refreshed. Pure: builds letters, sends none."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from bookings.messages.letters import Letter, fill_in, of
from bookings.messages.texts import others as texts
from core import wording
from courses.models import Course
from notifications.rendering import typed
from people.models import Person


def refresher_due(person: Person, course: Course, *, learned_on: date, refresh_by: date) -> Letter:
    """``course`` is one that is refreshed, and knows its partnership."""
    values = {
        "forename": typed(person.forename),
        "course": typed(course.title),
        "learned_on": wording.day(learned_on),
        "refresh_by": wording.day(refresh_by),
        "how_often": wording.every(course.refresh_months or 0),
        **of(course.partnership),
    }
    return fill_in(texts.REFRESHER_DUE, values, links={"course": reverse("course", args=[course.pk])})
