"""Reads of the learning record that other rooms share."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from core.codes import can_be_a_code, read_code
from people.models import Partnership, Person
from records.models import Certificate, CertificateQuerySet, Credit, CreditQuerySet


def held_courses(people_ids: Iterable[UUID], course_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """Which of these people hold which of these courses, attended or accepted as equal: (person's id, course's id). One query."""
    held = Credit.objects.standing().filter(person_id__in=list(people_ids), course_id__in=list(course_ids))
    return {(person_id, course_id) for person_id, course_id in held.values_list("person_id", "course_id") if course_id}


def credits_of(person: Person, *, and_withdrawn: bool = False) -> CreditQuerySet:
    """The person's credits, latest first, ready to show; ``and_withdrawn`` also acceptances that no longer count."""
    credits = Credit.objects.filter(person=person) if and_withdrawn else Credit.objects.standing().filter(person=person)
    return credits.select_related("course", "given_by", "withdrawn_by").order_by("-earned_on", "-given_at", "title", "pk")


def certificates_of(person: Person, partnership: Partnership) -> CertificateQuerySet:
    """What this partnership has certified to the person, withdrawn ones too, latest first."""
    certified = Certificate.objects.filter(person=person, partnership=partnership).select_related("person")
    return certified.order_by("-awarded_on", "-issued_at", "pk")


def certificates_by_source(person: Person) -> dict[UUID, Certificate]:
    """Each certificate that the person holds, by its source, latest first, with its title and day. One query."""
    held = Certificate.objects.standing().filter(person=person).order_by("-awarded_on", "-issued_at", "pk")
    return {one.source_uuid: one for one in held.only("source_uuid", "title", "awarded_on")}


def standing_instead_of(certificate: Certificate) -> Certificate | None:
    """What was issued to the same person from the same source after this one was withdrawn."""
    same = Certificate.objects.standing().filter(source_uuid=certificate.source_uuid, person=certificate.person_id)
    return same.first() if certificate.withdrawn_at is not None else None


def certificate_by_code(typed: str) -> Certificate | None:
    """The certificate with this code, however it was typed, withdrawn or not."""
    code = read_code(typed)
    if not can_be_a_code(code):
        return None
    return Certificate.objects.select_related("partnership").filter(code=code).first()
