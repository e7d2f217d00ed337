from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from core.codes import new_code
from records.models import Certificate, Credit, SourceKind
from tests.factories.courses import CourseFactory
from tests.factories.people import PartnershipFactory, PersonFactory


class CreditFactory(DjangoModelFactory):
    """A course attended on 1 December 2026."""

    class Meta:
        model = Credit

    person = factory.SubFactory(PersonFactory)
    course = factory.SubFactory(CourseFactory)
    title = "Recognising neglect"
    earned_on = date(2026, 12, 1)
    source_kind = SourceKind.ATTENDANCE
    source_uuid = factory.LazyFunction(uuid.uuid4)
    given_at = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)


class AcceptedFactory(CreditFactory):
    """Other learning accepted as equal to a course."""

    source_kind = SourceKind.ACCEPTED_AS_EQUAL
    source_uuid = None
    note = "Same content at Bexmoor, November 2026"


class CertificateFactory(DjangoModelFactory):
    """A certificate of a course attended on 1 December 2026, in the name that the person has."""

    class Meta:
        model = Certificate

    person = factory.SubFactory(PersonFactory)
    partnership = factory.SubFactory(PartnershipFactory)
    course = factory.SubFactory(CourseFactory)
    title = "Recognising neglect"
    hours = 6
    awarded_on = date(2026, 12, 1)
    name = factory.LazyAttribute(lambda one: one.person.name)
    source_kind = SourceKind.ATTENDANCE
    source_uuid = factory.LazyFunction(uuid.uuid4)
    code = factory.LazyFunction(new_code)
    issued_at = datetime(2026, 12, 4, 8, 0, tzinfo=UTC)
