from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bookings.charging import COMMONEST, Policy
from bookings.charging.reading import accepted, version_in_force
from bookings.models import Booking, BookingTerms, Charge, PolicyVersion
from bookings.operations import cancel_booking, publish_policy, switch_charges
from people.models import Partnership, Person
from people.queries import affiliation_of
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import LONG_AGO, PartnershipFactory, PersonFactory


def charging(
    policy: Policy = COMMONEST, *, partnership: Partnership | None = None, at: datetime = LONG_AGO, **changed: Any
) -> PolicyVersion:
    """A partnership that charges by this policy since long ago; ``changed`` are fields of the policy."""
    partnership = partnership or PartnershipFactory()
    version = publish_policy(partnership=partnership, policy=replace(policy, **changed), by=None, at=at)
    switch_charges(partnership=partnership, is_on=True, by=None, at=at)
    return version


def priced_event(fee: int | None = None, **fields: Any) -> Any:
    """A bookable event on Tuesday 26 January 2027, 9.30am to 4pm, with a course cost."""
    event = bookable_event(**fields)
    BookingTerms.objects.filter(event=event).update(fee=None if fee is None else Decimal(fee))
    return event


def accepted_booking(*, at: datetime, person: Person | None = None, **fields: Any) -> Booking:
    """A confirmed booking that keeps the policy and payer class of the moment, as booking does."""
    person = person or PersonFactory()
    event = fields.pop("event", None) or bookable_event()
    kept = accepted(event, affiliation_of(person), version_in_force(event.lead_host_id, at))
    return BookingFactory(event=event, person=person, booked_at=at, **{**kept, **fields})


def cancelled_late(*, at: datetime, by: Person | None = None, **fields: Any) -> Charge:
    """The draft of somebody who cancels an hour before the start."""
    booking = accepted_booking(at=at, **fields)
    late = booking.event.sessions.first().starts_at - timedelta(hours=1)
    cancel_booking(booking=booking, cancelled_by="delegate", by=by or booking.person, at=late)
    return Charge.objects.get(booking=booking)
