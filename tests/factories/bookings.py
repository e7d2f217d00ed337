from __future__ import annotations

from typing import Any

import factory
from factory.django import DjangoModelFactory

from bookings.models import Booking, BookingStatus, BookingTerms
from events.models import Event
from people.models import AFFILIATION_FIELDS
from tests.factories.events import IN_TWO_WEEKS, EventFactory
from tests.factories.people import LONG_AGO, PersonFactory


class BookingTermsFactory(DjangoModelFactory):
    class Meta:
        model = BookingTerms

    event = factory.SubFactory(EventFactory)
    booking_limit = 20


def bookable_event(*, places: int = 20, terms: dict[str, Any] | None = None, **fields: Any) -> Event:
    """A published event with places to book."""
    return BookingTermsFactory(event=EventFactory(**fields), booking_limit=places, **(terms or {})).event


class BookingFactory(DjangoModelFactory):
    """A confirmed booking, written past the rules: tests of the rules call bookings.operations."""

    class Meta:
        model = Booking

    event = factory.LazyFunction(bookable_event)
    person = factory.SubFactory(PersonFactory)
    status = BookingStatus.CONFIRMED
    booked_at = LONG_AGO

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Booking:
        snapshot = {field: getattr(kwargs["person"], field) for field in AFFILIATION_FIELDS}
        if kwargs["status"] == BookingStatus.OFFERED:
            snapshot["offered_until"] = IN_TWO_WEEKS
        return super()._create(model_class, *args, **{**snapshot, **kwargs})
