"""Reads of the learning record that other rooms share."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from people.models import Person
from records.models import Credit, CreditQuerySet


def held_courses(people_ids: Iterable[UUID], course_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """Which of these people hold which of these courses, attended or accepted as equal: (person's id, course's id). One query."""
    held = Credit.objects.standing().filter(person_id__in=list(people_ids), course_id__in=list(course_ids))
    return {(person_id, course_id) for person_id, course_id in held.values_list("person_id", "course_id") if course_id}


def credits_of(person: Person, *, and_withdrawn: bool = False) -> CreditQuerySet:
    """The person's credits, latest first, ready to show; ``and_withdrawn`` also acceptances that no longer count."""
    credits = Credit.objects.filter(person=person) if and_withdrawn else Credit.objects.standing().filter(person=person)
    return credits.select_related("course", "given_by", "withdrawn_by").order_by("-earned_on", "-given_at", "title", "pk")
