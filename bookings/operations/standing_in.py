"""The holder of a place names the colleague who comes instead, by address: one we know, or somebody new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from bookings import passing_on, policies
from bookings.models import Booking
from bookings.operations import lock
from bookings.operations.swapping import substitute
from core.refusals import Refused
from people.models import Person
from people.operations import add_person
from people.queries import person_by_address


@dataclass(frozen=True)
class Newcomer:
    """Who somebody is whom we do not know yet."""

    forename: str
    surname: str
    job_role: str


@transaction.atomic
def substitute_by_address(
    *, booking: Booking, address: str, newcomer: Newcomer | None, by: Person | None, at: datetime, manager_email: str = ""
) -> Booking:
    """The colleague with this address takes the place; returns their booking.

    An address that nobody has makes ``newcomer`` a person of the booking's organisation. Somebody who is known elsewhere is
    refused in words that say nothing of them, and only when a name was given, as it is for a new address: whoever tries addresses
    learns nothing before they have given their place away. ``manager_email`` counts only where the colleague's manager approves;
    empty: the one of their profile. Raises Refused: not_a_colleague, no_colleagues, name_missing, and
    those of substitute and people.operations.add_person.
    """
    lock.lock_terms(booking.event_id)  # before the person is made, as whoever books a list of colleagues does
    policies.check_may_act_on(booking, by=by)
    passing_on.check_has_colleagues(booking, at=at)
    person = passing_on.colleague_at(address, booking)
    if person is None:
        if newcomer is None:
            raise Refused("Say who your colleague is: their name and job role.", code="name_missing", field="forename")
        if person_by_address(address) is not None:
            raise Refused(
                f"Somebody from {passing_on.whose_colleagues(booking)} can take the place. We can’t pass it on to "
                f"this address here. Write to {booking.event.lead_host.team_email}: the officers can do it.",
                code="not_a_colleague",
                field="address",
            )
        person = _make(newcomer, address, booking, by=by, at=at)
    names_manager = manager_email and passing_on.asks_manager(booking, person, by=by)
    manager = manager_email if names_manager else None
    return substitute(booking=booking, person=person, by=by, at=at, manager_email=manager)


def _make(newcomer: Newcomer, address: str, booking: Booking, *, by: Person | None, at: datetime) -> Person:
    organisation = booking.organisation
    return add_person(
        partnership=booking.event.lead_host,
        forename=newcomer.forename,
        surname=newcomer.surname,
        address=address,
        organisation_text=organisation.name if organisation else booking.organisation_text,
        organisation=organisation,
        job_role=newcomer.job_role,
        manager_email="",
        by=by,
        at=at,
    )
