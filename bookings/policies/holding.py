"""Who may hold places, how many and until when, and who is named for them."""

from __future__ import annotations

from datetime import date, datetime

from bookings import conditions
from bookings.counting import held_places
from bookings.models import (
    Booking,
    BookingTerms,
    ConditionKind,
    Hold,
    HoldKind,
)
from bookings.policies.acting import leads_training_of, may_act_for_others
from bookings.policies.booking import check_can_book
from bookings.policies.states import check_takes_bookings
from core import wording
from core.clock import london_date
from core.refusals import Refused
from core.working_days import working_days_before
from events.models import Event
from people.models import Organisation, Person


def check_may_hold(*, event: Event, kind: str, organisation: Organisation | None, by: Person | None) -> None:
    """Raises Refused unless an officer holds, or a training lead holds unnamed places for their own agency."""
    if may_act_for_others(by, event):
        return
    own = organisation is not None and kind == HoldKind.UNNAMED
    if not own or not leads_training_of(by, Booking(organisation=organisation), event):
        raise Refused("Only an officer, or the training lead of that agency, can hold places here.", code="not_allowed")


def last_day_to_hold(event: Event, terms: BookingTerms) -> date:
    """Until when an agency holds unnamed places at most: places released then are still confirmed to those who wait."""
    return working_days_before(event.starts_on, max(terms.confirm_until_days, 1))


def check_can_hold(
    *,
    event: Event,
    terms: BookingTerms,
    kind: str,
    organisation: Organisation | None,
    places: int,
    until: date,
    by: Person | None,
    at: datetime,
) -> None:
    """Raises Refused where nobody holds places, and where an agency's training lead can't hold so many until then.

    A lead holds nothing before booking opens or after it closes, and no more than an agency may have. Whether the places are
    free is counted under the lock.
    """
    check_takes_bookings(event=event, terms=terms, at=at)
    if places < 1:
        raise Refused("Give the number of places to hold: 1 or more.", code="no_places", field="places")
    is_agencys = kind == HoldKind.UNNAMED and not may_act_for_others(by, event)
    latest = last_day_to_hold(event, terms) if is_agencys else event.starts_on
    if is_agencys:
        check_can_book(event=event, terms=terms, person=None, by=by, at=at)
        _check_within_agency_limit(event, organisation, places)
        if latest < london_date(at):
            raise Refused("The event is too near to hold places without names. Book people by name.", code="no_day")
    if not london_date(at) <= until <= latest:
        raise Refused(f"Hold places until a day from today to {wording.day(latest)}.", code="no_day", field="until")


def _check_within_agency_limit(event: Event, organisation: Organisation | None, places: int) -> None:
    limits = [one.number or 0 for one in conditions.conditions_of(event) if one.kind == ConditionKind.AGENCY_LIMIT]
    if not limits:
        return
    booked = Booking.objects.live().filter(event=event, organisation=organisation)
    held = sum(one.left for one in held_places([event.pk]) if one.hold.organisation_id == getattr(organisation, "pk", None))
    left = max(min(limits) - booked.count() - held, 0)
    if places > left:
        raise Refused(
            f"At most {wording.count(min(limits), 'place')} for each agency: yours can have {left} more.",
            code="agency_full",
            field="places",
        )


def check_may_name(hold: Hold, person: Person, *, by: Person | None, event: Event) -> None:
    """Raises Refused unless ``by`` may give a name to a place of this hold, and the person is from where it is for."""
    check_may_hold(event=event, kind=hold.kind, organisation=hold.organisation, by=by)
    is_from_there = hold.organisation_id in (None, person.organisation_id) and hold.sector_id in (None, person.sector_id)
    if not is_from_there:
        raise Refused(
            f"These places are held for {hold.organisation or hold.sector}. Name somebody from there.", code="hold_not_theirs"
        )
