from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from records.models import Credit, SourceKind
from tests.factories.courses import CourseFactory
from tests.factories.people import PersonFactory


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
