"""Reads over terms and bookings that several rooms share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce, Lower

from bookings.models import (
    APPROVAL_LINK,
    ApprovalRequest,
    Booking,
    BookingQuerySet,
    BookingStatus,
    BookingTerms,
    ChargingSettings,
    Condition,
    Hold,
    InvitedPerson,
    ManagerRole,
    holds_a_place,
)
from core import personal_links
from core.prepared import Prepared
from events.models import Event, EventHost, EventQuerySet, EventStatus, Session
from notifications.models import Message, MessageState
from people.models import Grant, Partnership, Person
from people.policies import can


class ToBook(NamedTuple):
    """What a booking rests on. ``is_for_all``: nobody meets conditions, and no place is held."""

    terms: BookingTerms | None
    is_for_all: bool
    is_charged: bool


def terms_to_book(event_id: UUID) -> ToBook:
    """The event's terms with the event, its partnership and venue, and what else decides. Three queries: sessions come with it.

    The terms are read first: whatever changes after them has raised their revision.
    """
    terms = next(iter(TERMS.objects(event=event_id)), None)
    if terms is None:
        return ToBook(None, is_for_all=False, is_charged=False)
    prefetch_related_objects([terms], "event__sessions")
    [(has_holds, has_conditions, is_charged)] = WHAT_ELSE_DECIDES.rows(event=event_id)
    is_for_all = not has_holds and not has_conditions and terms.event.for_organisation_id is None
    return ToBook(terms, is_for_all=is_for_all, is_charged=bool(is_charged))


def _what_else_decides(event: UUID) -> QuerySet[Event, Any]:
    held = Hold.objects.in_force().filter(event=OuterRef("pk"))
    conditions = Condition.objects.filter(Q(event=OuterRef("pk")) | Q(course=OuterRef("course")))
    charging = ChargingSettings.objects.filter(partnership=OuterRef("lead_host"), is_on=True)
    return Event.objects.filter(pk=event).values_list(Exists(held), Exists(conditions), Exists(charging))


def _terms_to_book(event: UUID) -> QuerySet[BookingTerms, Any]:
    return BookingTerms.objects.filter(event=event).select_related("event__lead_host", "event__venue")


TERMS, WHAT_ELSE_DECIDES = Prepared(_terms_to_book), Prepared(_what_else_decides)


STANDS = {  # how a live booking stands, in a word, the surest first
    BookingStatus.CONFIRMED: "booked",
    BookingStatus.OFFERED: "offered a place",
    BookingStatus.REQUESTED: "asked for a place",
    BookingStatus.AWAITING_APPROVAL: "awaiting approval",
    BookingStatus.WAITING: "waiting",
}


def live_in_words(numbers: Mapping[str, int]) -> str:
    """How many live bookings have each status, such as "2 booked, 1 waiting"; whatever has ended is left out."""
    return ", ".join(f"{numbers[status]} {word}" for status, word in STANDS.items() if numbers.get(status))


def live_at(event: Event) -> dict[str, int]:
    """How many live bookings of the event have each status. One query."""
    live = Booking.objects.live().filter(event=event).order_by()
    return dict(live.values_list("status").annotate(number=Count("pk")))


def live_booking(event: Event, person: Person) -> Booking | None:
    """The person's booking for the event, if they have one that has not ended."""
    return Booking.objects.live().filter(event=event, person=person).first()


def live_bookings_by_event(person: Person, events: Iterable[Event]) -> dict[UUID, Booking]:
    """The person's live bookings among these events, by the event's id, in one query."""
    return {booking.event_id: booking for booking in Booking.objects.live().filter(person=person, event__in=list(events))}


def bookings_of(person: Person) -> BookingQuerySet:
    """Everything the person ever booked, the next event first, ready to show in a fixed number of queries.

    Each has ``queue_place``: its place in the queue, None unless it waits.
    """
    mine = with_queue_place(Booking.objects.filter(person=person))
    return (
        mine.select_related("event__venue", "event__lead_host", "event__course", "approval", "policy_version")
        .defer("policy_version__text")
        .prefetch_related("event__sessions")
        .order_by("event__starts_on", "event__title", "booked_at", "pk")
    )


def bookings_at(event: Event) -> BookingQuerySet:
    """Every booking of the event with its person, organisation and sector, by name, each with its ``queue_place``."""
    return (
        Booking.objects.filter(event=event)
        .annotate(queue_place=_queue_place())
        .select_related("person", "organisation", "sector", "booked_by")
        .order_by("person__surname", "person__forename", "booked_at", "pk")
    )


def place_in_queue(booking: Booking) -> int:
    """1 for the first in line. Only for a booking that waits; raises ValueError for any other."""
    if booking.status != BookingStatus.WAITING:
        raise ValueError(f"a booking that is {booking.status} has no place in the queue")
    return Booking.objects.waiting().before(booking).count() + 1


def missing_to_be_firm(terms: BookingTerms | None) -> int:
    """How many more have to ask for a place until a tentative event takes place; 0 for any other. One query.

    Somebody whose manager has not answered keeps a place, and counts only then.
    """
    if terms is None or not terms.is_tentative:
        return 0
    requested = Booking.objects.filter(event=terms.event_id, status=BookingStatus.REQUESTED).count()
    return max((terms.minimum or 0) - requested, 0)


def missing_by_event(terms: Iterable[BookingTerms]) -> dict[UUID, int]:
    """What ``missing_to_be_firm`` says of each tentative event, by its id. One query."""
    tentative = {one.event_id: one.minimum or 0 for one in terms if one.is_tentative}
    requested = Booking.objects.filter(event__in=tentative, status=BookingStatus.REQUESTED).order_by()
    counted = Counter(dict(requested.values_list("event_id").annotate(number=Count("pk"))))
    return {event_id: max(minimum - counted[event_id], 0) for event_id, minimum in tentative.items()}


def managers_to_tell_of_the_end(bookings: Iterable[Booking], terms: BookingTerms | None) -> set[UUID]:
    """Of bookings that hold a place, by id, those whose manager hears when they end: whoever had a letter about it."""
    return _whose_manager_has_a_letter(bookings, terms, [MessageState.SENT])


def managers_to_tell_of_a_move(bookings: Iterable[Booking], terms: BookingTerms | None) -> set[UUID]:
    """The same when the event moves: also those whose letter is on its way, with the old times in it."""
    return _whose_manager_has_a_letter(bookings, terms, [MessageState.SENT, MessageState.WAITING])


def _whose_manager_has_a_letter(bookings: Iterable[Booking], terms: BookingTerms | None, states: list[MessageState]) -> set[UUID]:
    if terms is None or terms.manager_role == ManagerRole.NOBODY:
        return set()
    named = {one.about: one for one in bookings if one.manager_email}
    found = Message.objects.filter(about__in=named, person=None, state__in=states)
    letters = found.values_list("about", "to_address") if named else []
    return {named[about].pk for about, address in letters if address.lower() == named[about].manager_email.lower()}


def events_with_places_for_those_who_wait() -> list[UUID]:
    """Published events where somebody waits although a place is free: ids, the next event first."""
    waiting = Booking.objects.filter(status=BookingStatus.WAITING).values("event_id")
    taken = (
        Booking.objects.filter(holds_a_place(), event_id=OuterRef("event_id"))
        .order_by()
        .values("event_id")
        .annotate(number=Count("pk"))
        .values("number")
    )
    free = (
        BookingTerms.objects.filter(event_id__in=waiting, event__status="published")
        .annotate(taken=Coalesce(Subquery(taken, output_field=IntegerField()), Value(0)))
        .filter(booking_limit__gt=F("taken"))
    )
    return list(free.order_by("event__starts_on", "pk").values_list("event_id", flat=True))


def events_visible_to(person: Person, partnership: Partnership | None, *, led_by: Iterable[UUID] = ()) -> EventQuerySet:
    """The events that this person may know of, from their own point of view.

    The published programme of the partnership, whatever they booked at any time, closed events to which they are invited at an
    address they have proved, and everything published by the partnerships of ``led_by``, whose officer they are. A cancelled
    event says so to those who could see it before.
    """
    addresses = EmailAddress.objects.filter(user_id=person.pk, verified=True).annotate(lower=Lower("email")).values("lower")
    is_booked = Exists(Booking.objects.filter(person=person, event=OuterRef("pk")))
    is_invited = Exists(InvitedPerson.objects.filter(event=OuterRef("pk"), address__in=addresses))
    was_public = Q(status=EventStatus.PUBLISHED) | Q(status=EventStatus.CANCELLED, changed_at__isnull=False)
    is_theirs = Q(is_booked) | Q(lead_host__in=list(led_by))
    hosted = Event.objects.hosted_by(partnership) if partnership else Event.objects.none()
    is_open = Q(pk__in=hosted.values("pk")) & (Q(is_closed=False) | Q(is_invited))
    return Event.objects.filter(was_public).filter(is_theirs | is_open)


def bookings_visible_to(person: Person, *, grants: Iterable[Grant] = ()) -> BookingQuerySet:
    """Their own bookings and, by these grants of theirs, those that they may act on; each with its ``queue_place``.

    For an officer those of the events that the partnership leads, for a training lead those that were made from their agency for
    events that the partnership hosts.
    """
    may_see = Q(person=person)
    for grant in grants:
        if can([grant], "manage_bookings", grant.partnership):
            may_see |= Q(event__lead_host=grant.partnership_id)
        if can([grant], "book_for_agency", grant.partnership):
            may_see |= made_from_the_agency(grant)
    return bookings_to_show().filter(may_see)


def made_from_the_agency(grant: Grant) -> Q:
    """Bookings made from the agency of a training lead's grant, for events that the partnership hosts."""
    return Q(organisation=grant.organisation_id, event__in=hosted_by_partnership(grant))


def hosted_by_partnership(grant: Grant) -> QuerySet[EventHost, Any]:
    """The ids of the events that the grant's partnership hosts, to filter by."""
    return EventHost.objects.filter(partnership=grant.partnership_id).values("event_id")


def bookings_to_show() -> BookingQuerySet:
    """All bookings, each with its ``queue_place``, person and event, in a fixed number of queries."""
    found = Booking.objects.annotate(queue_place=_queue_place())
    return found.select_related("person", "event__venue", "event__lead_host").prefetch_related("event__sessions")


def places_at_other_dates(event: Event, people: Iterable[UUID], *, at: datetime) -> dict[UUID, list[Booking]]:
    """The sure places that these people have at other dates to come of the event's course, the first first, by the person's id.

    The bookings know their event. One query.
    """
    if event.course_id is None:
        return {}
    to_come = Exists(Session.objects.filter(event=OuterRef("event"), starts_at__gt=at))
    theirs = Booking.objects.filter(
        to_come, person__in=list(people), status=BookingStatus.CONFIRMED, event__course=event.course_id
    )
    in_order = theirs.exclude(event=event).select_related("event").order_by("event__starts_on", "pk")
    found: dict[UUID, list[Booking]] = {}
    for booking in in_order:
        found.setdefault(booking.person_id, []).append(booking)
    return found


def with_queue_place(bookings: BookingQuerySet) -> BookingQuerySet:
    """Adds ``queue_place``: the place in the queue, None unless it waits."""
    placed: BookingQuerySet = bookings.annotate(queue_place=_queue_place())
    return placed


def _queue_place() -> Case:
    ahead = (
        Booking.objects.filter(
            Q(priority__gt=OuterRef("priority")) | Q(priority=OuterRef("priority"), queue_number__lt=OuterRef("queue_number")),
            event_id=OuterRef("event_id"),
            status=BookingStatus.WAITING,
        )
        .order_by()
        .values("event_id")
        .annotate(number=Count("pk"))
        .values("number")
    )
    place = Coalesce(Subquery(ahead, output_field=IntegerField()), Value(0)) + Value(1)
    return Case(When(status=BookingStatus.WAITING, then=place), default=None, output_field=IntegerField())


def request_by_link(token: str) -> tuple[ApprovalRequest | None, str]:
    """The approval that a mailed link asks for, and in whose part (Approver); None for a link that opens nothing any more."""
    value = personal_links.read(APPROVAL_LINK, token)
    if value is None:
        return None, ""
    request_id, round, approver = value.rsplit(".", 2)
    related = "booking__person", "booking__organisation", "booking__event__lead_host", "booking__event__venue"
    found = ApprovalRequest.objects.select_related(*related).prefetch_related("booking__event__sessions")
    return found.filter(pk=request_id, round=int(round)).first(), approver
