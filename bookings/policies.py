"""Who may book and cancel what, and when. A refusal is the sentence a person reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from bookings import conditions
from bookings.models import (
    ApprovalRequest,
    Booking,
    BookingSettings,
    BookingStatus,
    BookingTerms,
    ConditionKind,
    CourseTerms,
    Hold,
    HoldKind,
    InvitedPerson,
    ManagerRole,
    Substitutes,
    WhoMayCancel,
)
from bookings.queries import held_places
from core import wording
from core.clock import london_date
from core.refusals import Refused
from core.working_days import working_days_before
from events import queries as event_queries
from events.models import Event, EventStatus
from people.models import Affiliation, Grant, Organisation, OrganisationState, Person, Role
from people.policies import can
from people.queries import person_by_address

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


def grants_to_lead_training_of(who: Affiliation | Hold, event: Event) -> QuerySet[Grant]:
    """The grants of those who lead the training of that organisation, for a host of the event."""
    if who.organisation_id is None:
        return Grant.objects.none()
    grants = Grant.objects.in_force().filter(role=Role.TRAINING_LEAD, organisation_id=who.organisation_id)
    return grants.filter(partnership__in=event.hosts.values("partnership"))


def check_may_act_for(person: Person, *, by: Person | None, event: Event) -> None:
    """Raises Refused unless ``by`` is the person, their agency's training lead, or may act for anybody."""
    if by is not None and by.pk == person.pk:
        return
    if not may_act_for_others(by, event) and not leads_training_of(by, person, event):
        raise Refused(
            ONLY_THEIRS,
            code="not_allowed",
        )


def check_may_name(hold: Hold, person: Person, *, by: Person | None, event: Event) -> None:
    """Raises Refused unless ``by`` may give a name to a place of this hold, and the person is from where it is for."""
    check_may_hold(event=event, kind=hold.kind, organisation=hold.organisation, by=by)
    is_from_there = hold.organisation_id in (None, person.organisation_id) and hold.sector_id in (None, person.sector_id)
    if not is_from_there:
        raise Refused(
            f"These places are held for {hold.organisation or hold.sector}. Name somebody from there.", code="hold_not_theirs"
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


def check_may_set_aside(*, by: Person | None, event: Event, reason: str) -> None:
    """Raises Refused unless ``by`` may go over a rule here and says why."""
    if not may_act_for_others(by, event):
        raise Refused("Only an officer of the partnership that leads the event can go over a rule.", code="not_allowed")
    if not reason.strip():
        raise Refused("Say why you go over the rule. The reason is kept with the booking.", code="no_reason", field="reason")


def check_can_book(
    *, event: Event, terms: BookingTerms | None, person: Person | None, by: Person | None, at: datetime, set_aside: bool = False
) -> list[str]:
    """Raises Refused with the first rule that says no. Places left are not asked here: they are counted under the lock.

    ``person`` None asks for anybody. With ``set_aside`` the rules that an officer may go over no longer refuse: returns the
    codes of those that were gone over.
    """
    check_takes_bookings(event=event, terms=terms, at=at)
    assert terms is not None  # noqa: S101 - checked above; tells the type checker
    broken = list(_rules_an_officer_may_set_aside(event=event, terms=terms, person=person, by=by, at=at))
    if broken and not set_aside:
        raise broken[0]
    return [refusal.code for refusal in broken]


def check_takes_bookings(*, event: Event, terms: BookingTerms | None, at: datetime) -> None:
    """The rules that nobody goes over: after the start a walk-in is written on the register."""
    if event.status == EventStatus.CANCELLED:
        raise Refused("This event is cancelled. Look for another date in the programme.", code="cancelled")
    if event.status != EventStatus.PUBLISHED:
        raise Refused("This event is not open for booking: it has not been published.", code="not_published")
    if event_queries.ends_at(event) <= at:
        raise Refused("This event is over. Look for another date in the programme.", code="past")
    if event_queries.starts_at(event) <= at:
        raise Refused("This event has started and can't be booked any more. Look for another date.", code="started")
    if terms is None:
        raise Refused(f"No places are booked here for this event. {_write_to(event)} to take part.", code="not_bookable")


def _rules_an_officer_may_set_aside(
    *, event: Event, terms: BookingTerms, person: Person | None, by: Person | None, at: datetime
) -> Iterator[Refused]:
    if terms.opens_at is not None and at < terms.opens_at:
        opening = f"{wording.day(terms.opens_at)} at {wording.clock(terms.opens_at)}"
        yield Refused(f"Booking opens on {opening}. Come back then.", code="not_open_yet")
    if terms.closes_at is not None and at >= terms.closes_at:
        closing = f"{wording.day(terms.closes_at)} at {wording.clock(terms.closes_at)}"
        yield Refused(
            f"Booking closed on {closing}. {_write_to(event)} to ask whether there is still a place for you.", code="closed"
        )
    if event.is_closed and person is not None and not is_invited(person, event=event, by=by):
        yield Refused(
            "This event is for invited people, and your address is not among theirs. If you were invited at another address, "
            f"sign in with that one. {_write_to(event)} if you should be invited.",
            code="not_invited",
        )
    if person is not None:
        yield from conditions.broken(event, person)


def is_invited(person: Person, *, event: Event, by: Person | None) -> bool:
    """Whether an address of theirs is on the list. One they have not proved counts only when somebody else books for them."""
    addresses = EmailAddress.objects.filter(user_id=person.pk)
    if by is not None and by.pk == person.pk:
        addresses = addresses.filter(verified=True)
    theirs = {address.lower() for address in addresses.values_list("email", flat=True)}
    return bool(theirs) and InvitedPerson.objects.filter(event=event, address__in=theirs).exists()


def check_has_room(*, event: Event, terms: BookingTerms, free: int) -> None:
    """Raises Refused when there is neither a place nor a waiting list. Nobody goes over this: raise the limit instead."""
    if free <= 0 and not terms.has_waiting_list:
        places = "The only place is" if terms.booking_limit == 1 else f"All {wording.count(terms.booking_limit, 'place')} are"
        raise Refused(
            f"{places} taken, and this event has no waiting list. Look for another date, or {_write_to(event, start=False)}.",
            code="full",
        )


def refusal_to_book(
    *, event: Event, terms: BookingTerms | None, person: Person | None, at: datetime, free: int | None = None
) -> Refused | None:
    """For pages: why this person can't book now, or None. ``free`` (places left, if known) adds the rule about a full event."""
    try:
        check_can_book(event=event, terms=terms, person=person, by=person, at=at)
        if free is not None and terms is not None:
            check_has_room(event=event, terms=terms, free=free)
    except Refused as refused:
        return refused
    return None


def needs_approval(
    terms: BookingTerms, person: Person, *, manager_email: str, by: Person | None, event: Event, set_aside: bool
) -> bool:
    """Whether the manager is asked first. Raises Refused where one must be named and is not, or is the person themself.

    Foster carers, residents and volunteers have no manager to name. A training lead's booking is the agency's approval.
    """
    check_manager(person, manager_email=manager_email, is_needed=False)
    if terms.manager_role != ManagerRole.APPROVES or set_aside or person.organisation_state == OrganisationState.NONE:
        return False
    if by is not None and by.pk != person.pk and leads_training_of(by, person, event):
        return False
    check_manager(person, manager_email=manager_email)
    return True


def check_manager(person: Person, *, manager_email: str, is_needed: bool = True) -> None:
    """Raises Refused without an address where one is needed, and for the person's own."""
    if is_needed and not manager_email:
        raise Refused(
            "This event needs your manager's approval. Enter your line manager's e-mail address.",
            code="no_manager",
            field="manager_email",
        )
    if manager_email and person_by_address(manager_email) == person:
        raise Refused(
            "This is your own address. Enter the address of your line manager.", code="own_address", field="manager_email"
        )


def check_may_answer(booking: Booking, *, by: Person | None) -> None:
    """Raises Refused for whoever is signed in as the one who asks, officers too. Who opens a mailed link needs no account."""
    if by is not None and by.pk == booking.person_id:
        raise Refused("This is your own booking: your manager has to answer.", code="own_booking")


def check_is_open(request: ApprovalRequest, booking: Booking, *, at: datetime) -> None:
    """Raises Refused unless the question can still be answered."""
    if not request.is_open or booking.status != BookingStatus.AWAITING_APPROVAL:
        raise Refused(f"This request is not open any more{_how_it_ended(request)}. There is nothing left to do.", code="answered")
    check_has_not_started(booking.event, at=at)


def _how_it_ended(request: ApprovalRequest) -> str:
    if request.decided_at is None:
        return ""
    return f": {request.get_decision_display().lower()} on {wording.day(request.decided_at)}"


def check_has_not_started(event: Event, *, at: datetime) -> None:
    if event.status == EventStatus.CANCELLED:
        raise Refused("This event is cancelled. There is nothing left to do.", code="cancelled")
    if event_queries.starts_at(event) <= at:
        raise Refused("The event has started. From now on the register says who came.", code="started")


def check_has_started(event: Event, *, at: datetime) -> None:
    if event_queries.starts_at(event) > at:
        raise Refused("The event has not started: a place may still become free.", code="not_started")


def check_can_pass_on(booking: Booking, *, at: datetime) -> None:
    """Raises Refused unless the booking holds a place that a colleague, or another date, can take over now."""
    if booking.status not in (BookingStatus.CONFIRMED, BookingStatus.REQUESTED):
        raise Refused("This booking holds no place that could be passed on. Look at how it stands now.", code="no_place")
    check_has_not_started(booking.event, at=at)


def check_may_be_substituted(booking: Booking, *, at: datetime, set_aside: bool = False) -> list[str]:
    """Raises Refused where the policy that the booking accepted lets no colleague come instead, or not so late.

    Returns the codes that an officer went over with ``set_aside``.
    """
    refusal = _why_no_substitute(booking, at=at)
    if refusal is not None and not set_aside:
        raise refusal
    return [refusal.code] if refusal else []


def _why_no_substitute(booking: Booking, *, at: datetime) -> Refused | None:
    version, write = booking.policy_version, _write_to(booking.event)
    if version is None or version.substitutes == Substitutes.BEFORE_START:
        return None
    if version.substitutes == Substitutes.NEVER:
        return Refused(f"Places at this event can't be passed on. {write} to ask.", code="no_substitutes")
    last = working_days_before(booking.event.starts_on, version.substitutes_days)
    if london_date(at) <= last:
        return None
    until = f"A colleague could take this place until {wording.day(last)}."
    return Refused(f"{until} {write} to ask.", code="too_late_to_substitute")


def check_may_take_over(person: Person, *, booking: Booking, by: Person | None, set_aside: bool) -> list[str]:
    """Raises Refused where an invitation or a condition keeps the colleague out; returns the codes an officer went over."""
    event = booking.event
    broken = []
    if event.is_closed and not is_invited(person, event=event, by=by):
        broken.append(Refused(f"{person.name} is not invited to this event. {_write_to(event)} to ask.", code="not_invited"))
    broken += conditions.broken(event, person, instead_of=booking)
    if broken and not set_aside:
        raise broken[0]
    return [refusal.code for refusal in broken]


def check_can_move(booking: Booking, *, to_event: Event, at: datetime) -> None:
    """Raises Refused unless the booking can move to that date: another one of the same course."""
    check_can_pass_on(booking, at=at)
    if to_event.pk == booking.event_id:
        raise Refused("This is the date of the booking. Choose another one.", code="same_event", field="to_event")
    if booking.event.course_id is None or booking.event.course_id != to_event.course_id:
        raise Refused("A place moves only to another date of the same course.", code="other_course", field="to_event")


def check_may_cancel_oneself(booking: Booking, *, by: Person | None) -> None:
    """Raises Refused where the policy that the booking accepted leaves cancelling a sure place to managers."""
    version = booking.policy_version
    is_own = by is not None and by.pk == booking.person_id
    if is_own and booking.status == BookingStatus.CONFIRMED and version and version.who_may_cancel == WhoMayCancel.MANAGER:
        raise Refused(
            f"Only your manager can cancel this place. Ask them to write to {booking.event.lead_host.team_email}.",
            code="manager_only",
        )


def check_can_cancel(booking: Booking, *, at: datetime) -> None:
    """Raises Refused unless the booking is live and the event has not started: from then on the register says what happened."""
    if not booking.is_live:
        raise Refused("This booking has ended already. There is nothing to cancel.", code="already_ended")
    if event_queries.starts_at(booking.event) <= at:
        raise Refused(
            f"The event has started: this booking can't be cancelled any more. {_write_to(booking.event)} if something is wrong.",
            code="started",
        )


def can_cancel(booking: Booking, *, at: datetime) -> bool:
    try:
        check_can_cancel(booking, at=at)
    except Refused:
        return False
    return True


def check_terms(terms: BookingTerms, *, taken: int = 0, kept: int = 0) -> None:
    """Raises Refused for terms that can't hold; ``taken`` is how many hold a place now, ``kept`` how many are held for others."""
    if terms.booking_limit < 1:
        raise Refused("Give the number of places: 1 or more.", code="no_places", field="booking_limit")
    if terms.booking_limit < taken + kept:
        holders = "1 person holds" if taken == 1 else f"{taken} people hold"
        held = f", and {wording.count(kept, 'place')} more {'is' if kept == 1 else 'are'} held" if kept else ""
        raise Refused(
            f"{holders} a place already{held}. Set the limit to {taken + kept} or more, or cancel bookings first.",
            code="below_booked",
            field="booking_limit",
        )
    if terms.opens_at is not None and terms.closes_at is not None and terms.closes_at <= terms.opens_at:
        raise Refused("Booking must close after it opens. Check the two times.", code="closes_before_it_opens", field="closes_at")
    if terms.minimum is not None and not 1 <= terms.minimum <= terms.booking_limit:
        raise Refused(
            f"The minimum must be from 1 to {terms.booking_limit}, the number of places. Leave it empty for an event that takes "
            "place in any case.",
            code="minimum_out_of_range",
            field="minimum",
        )
    if terms.offer_hours < 1:
        raise Refused("Give at least one working hour to answer an offer.", code="no_time_to_answer", field="offer_hours")


def check_course_terms(terms: CourseTerms) -> None:
    """Raises Refused for what no event could start with."""
    if terms.places is not None and terms.places < 1:
        raise Refused("Give the number of places: 1 or more.", code="no_places", field="places")
    if terms.minimum is not None and not 1 <= terms.minimum <= (terms.places or terms.minimum):
        most = f"from 1 to {terms.places}, the number of places" if terms.places else "1 or more"
        raise Refused(f"The minimum must be {most}. Leave it empty for none.", code="minimum_out_of_range", field="minimum")


def check_settings(settings: BookingSettings) -> None:
    """Raises Refused for rules of a partnership that can't hold."""
    if settings.offer_hours < 1:
        raise Refused("Give at least one working hour to answer an offer.", code="no_time_to_answer", field="offer_hours")
    if settings.approval_lapse_days < 1:
        raise Refused(
            "Give a manager at least one working day to answer.", code="no_time_to_approve", field="approval_lapse_days"
        )
    if settings.approval_reminder_days >= settings.approval_lapse_days:
        raise Refused(
            f"A manager must be reminded before the request lapses: after fewer than "
            f"{wording.count(settings.approval_lapse_days, 'working day')}.",
            code="reminded_too_late",
            field="approval_reminder_days",
        )


def check_can_be_tentative(terms: BookingTerms) -> None:
    """Raises Refused for a minimum where people are confirmed: they were told that the event takes place."""
    if terms.is_tentative and Booking.objects.filter(event_id=terms.event_id, status=BookingStatus.CONFIRMED).exists():
        raise Refused(
            "People are confirmed already, so the event can't become tentative. Leave the minimum empty.",
            code="confirmed_already",
            field="minimum",
        )


def check_can_go_ahead(terms: BookingTerms, event: Event) -> None:
    if not terms.is_tentative:
        raise Refused("This event is not tentative: bookings are confirmed already.", code="not_tentative")
    if event.status != EventStatus.PUBLISHED:
        raise Refused("Publish the event first, or it is cancelled: nobody can be confirmed.", code="not_published")


def _write_to(event: Event, *, start: bool = True) -> str:
    return f"{'Write' if start else 'write'} to {event.lead_host.team_email}"
