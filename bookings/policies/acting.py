"""Who may act for whom, and who may go over a rule."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from bookings.models import (
    Booking,
    Hold,
)
from core.refusals import Refused
from events.models import Event
from people.models import Affiliation, Grant, Person, Role
from people.policies import can

ONLY_THEIRS = (
    "Only this person, the training lead of their agency, or an officer of the partnership that leads the event, can do this."
)


def may_act_for_others(by: Person | None, event: Event) -> bool:
    """Whether they may book and cancel for anybody at this event: the product itself, and officers of the lead host."""
    if by is None:
        return True
    return can(Grant.objects.in_force().filter(person=by), "manage_bookings", event.lead_host)


def leads_training_of(by: Person | None, who: Affiliation, event: Event) -> bool:
    """Whether ``by`` is training lead of the organisation that the person or booking names, for a host of the event."""
    if by is None:
        return False
    return grants_to_lead_training_of(who, event).filter(person=by).exists()


def organisations_led_by(by: Person, event: Event) -> set[UUID]:
    """The organisations whose training ``by`` leads for a host of the event: ``leads_training_of`` for many. One query."""
    return {grant.organisation_id for grant in _leads_at(event).filter(person=by) if grant.organisation_id is not None}


def grants_to_lead_training_of(who: Affiliation | Hold, event: Event) -> QuerySet[Grant]:
    """The grants of those who lead the training of that organisation, for a host of the event."""
    if who.organisation_id is None:
        return Grant.objects.none()
    return _leads_at(event).filter(organisation_id=who.organisation_id)


def _leads_at(event: Event) -> QuerySet[Grant]:
    """The grants of training leads in force at a host of the event."""
    return Grant.objects.in_force().filter(role=Role.TRAINING_LEAD, partnership__in=event.hosts.values("partnership"))


def check_may_act_for(person: Person, *, by: Person | None, event: Event) -> None:
    """Raises Refused unless ``by`` is the person, their agency's training lead, or may act for anybody."""
    if by is not None and by.pk == person.pk:
        return
    if not may_act_for_others(by, event) and not leads_training_of(by, person, event):
        raise Refused(
            ONLY_THEIRS,
            code="not_allowed",
        )


def check_may_act_on(booking: Booking, *, by: Person | None) -> None:
    """The same for a booking: what counts is the agency that it was made from."""
    if by is not None and by.pk == booking.person_id:
        return
    if not may_act_for_others(by, booking.event) and not leads_training_of(by, booking, booking.event):
        raise Refused(
            ONLY_THEIRS,
            code="not_allowed",
        )


def check_may_see_needs(booking: Booking, *, by: Person | None) -> None:
    """Raises Refused unless it is the person, or an officer of the lead host who manages bookings. A training lead is neither."""
    if by is not None and by.pk == booking.person_id:
        return
    if not may_act_for_others(by, booking.event):
        raise Refused("Only the person and the officers see and change what somebody needs.", code="not_allowed")


def can_see_needs(booking: Booking, *, by: Person | None) -> bool:
    try:
        check_may_see_needs(booking, by=by)
    except Refused:
        return False
    return True


def check_may_set_aside(*, by: Person | None, event: Event, reason: str) -> None:
    """Raises Refused unless ``by`` may go over a rule here and says why."""
    if not may_act_for_others(by, event):
        raise Refused("Only an officer of the partnership that leads the event can go over a rule.", code="not_allowed")
    if not reason.strip():
        raise Refused("Say why you go over the rule. The reason is kept with the booking.", code="no_reason", field="reason")
