"""What one reader's pages need from several rooms."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from bookings.asking import refusals
from bookings.charging.reading import TermsOfBooking, terms_of, terms_of_booking, version_in_force
from bookings.conditions import conditions_of, in_words
from bookings.counting import PlaceCounts, held_for_others, place_counts
from bookings.models import (
    LIVE,
    Booking,
    BookingQuerySet,
    BookingStatus,
    BookingTerms,
    Interest,
    InvitedPerson,
    ManagerRole,
    PolicyVersion,
    SessionRequest,
)
from bookings.policies import can_cancel, needs_approval, why_not_oneself
from bookings.queries import (
    bookings_of,
    events_visible_to,
    live_booking,
    live_bookings_by_event,
    missing_to_be_firm,
    place_in_queue,
)
from bookings.refreshing import Refresh, refreshes_of
from core import wording
from core.clock import london_date
from core.refusals import Refused
from elearning.models import Attempt
from events import queries as event_queries
from events.models import Event, EventQuerySet, EventStatus
from feedback.models import EvaluationForm
from feedback.policies import check_can_be_answered
from people.models import Partnership, Person
from records.models import Certificate, Credit, SourceKind
from records.queries import certificates_by_source, credits_of
from registers.models import Attendance, Outcome
from registers.queries import attendances_of

WORDS = {
    BookingStatus.CONFIRMED: "You are booked",
    BookingStatus.WAITING: "You are on the waiting list",
    BookingStatus.OFFERED: "You are offered a place",
    BookingStatus.REQUESTED: "You have asked for a place",
    BookingStatus.AWAITING_APPROVAL: "Your manager is asked",
}


def booked_words(person: Person | None, events: Iterable[Event]) -> dict[uuid.UUID, str]:
    """What a card says of the reader's own booking, by event. One query; none for a visitor."""
    if person is None:
        return {}
    live = live_bookings_by_event(person, events)
    return {event_id: WORDS[BookingStatus(booking.status)] for event_id, booking in live.items()}


def confirmed_bookings(person: Person) -> BookingQuerySet:
    """Their places, with what a line about an event shows."""
    confirmed = Booking.objects.filter(person=person, status=BookingStatus.CONFIRMED, event__status=EventStatus.PUBLISHED)
    return confirmed.select_related("event__venue").prefetch_related("event__sessions")


def events_open_to(person: Person | None, partnership: Partnership) -> EventQuerySet:
    """The events whose page this reader may open; a visitor sees the published programme."""
    if person is not None:
        return events_visible_to(person, partnership)
    was_public = Q(status=EventStatus.PUBLISHED) | Q(status=EventStatus.CANCELLED, changed_at__isnull=False)
    return Event.objects.filter(was_public).hosted_by(partnership).filter(is_closed=False)


@dataclass(frozen=True)
class Offer:
    """What an event's page can offer its reader: their booking, or a place, or the queue, or the reason why not.

    ``money`` is what booking would mean for this reader's money; a visitor sees the ``policy`` alone. Without one nothing costs.
    ``held`` says of the places held for others for whom they are; ``is_approved``, that a manager is asked first.
    """

    places: PlaceCounts | None
    booking: Booking | None
    queue_place: int | None
    refusals: list[Refused]
    terms: BookingTerms | None = None
    conditions: list[str] = field(default_factory=list)
    money: TermsOfBooking | None = None
    policy: PolicyVersion | None = None
    held: list[str] = field(default_factory=list)
    is_approved: bool = False

    @cached_property
    def missing(self) -> int:
        """How many more have to ask for a place until a tentative event takes place; 0 for any other."""
        return missing_to_be_firm(self.terms) if self.places is not None else 0

    @property
    def is_full(self) -> bool:
        return self.places is not None and self.places.is_full

    @property
    def shows_joining_link(self) -> bool:
        return self.booking is not None and self.booking.status == BookingStatus.CONFIRMED


def offer(event: Event, person: Person | None, *, at: datetime) -> Offer:
    terms = BookingTerms.objects.filter(event=event).first()
    places = place_counts([event], reader=person).get(event.pk) if terms else None
    booking = live_booking(event, person) if person else None
    refused = refusals(event=event, terms=terms, person=person, at=at, free=places.bookable if places else None)
    queue_place = place_in_queue(booking) if booking and booking.status == BookingStatus.WAITING else None
    has_started = any(one.code in ("started", "past") for one in refused)
    if booking is not None:  # what they accepted counts, whatever is in force by now
        booking.event = event
        money = terms_of(booking, at)
        version = money.version if money else None
    else:
        version = version_in_force(event.lead_host_id, at)
        money = terms_of_booking(event, person, at) if version and person else None
    return Offer(
        None if has_started else places,
        booking,
        queue_place,
        refused,
        terms=terms,
        conditions=[in_words(condition) for condition in conditions_of(event)],
        money=money,
        policy=version,
        held=held_for_others(event, reader=person) if places and places.held_for_others else [],
        is_approved=terms is not None and _is_approved(terms, event, person),
    )


def _is_approved(terms: BookingTerms, event: Event, person: Person | None) -> bool:
    """A visitor has no name yet, and so perhaps a manager."""
    if person is None:
        return terms.manager_role == ManagerRole.APPROVES
    return needs_approval(terms, person, by=person, event=event)


@dataclass(frozen=True)
class Booked:
    """One line of the reader's own bookings that are still to come."""

    booking: Booking
    reader: Person
    at: datetime

    @property
    def event(self) -> Event:
        return self.booking.event

    @property
    def can_cancel(self) -> bool:
        return can_cancel(self.booking, at=self.at) and why_not_oneself(self.booking, by=self.reader) is None

    @property
    def queue_place(self) -> int | None:
        return self.booking.queue_place  # type: ignore[attr-defined, no-any-return]

    @property
    def when(self) -> str:
        return event_queries.when(self.event)

    @property
    def where(self) -> str:
        return event_queries.where(self.event)

    @property
    def next_step(self) -> str:
        """What happens next with a booking that is not sure yet. Its approval comes with it, so a list asks nothing more."""
        if self.booking.status == BookingStatus.REQUESTED:
            return "It takes place once enough people have asked. We write to you when it is sure: keep the day free."
        if self.booking.status != BookingStatus.AWAITING_APPROVAL:
            return ""
        asked = getattr(self.booking, "approval", None)
        if asked is None:
            return "Your manager is asked to approve."
        until = f"{wording.clock(asked.lapses_at)} on {wording.day(asked.lapses_at)}"
        return f"We have asked {asked.manager_email} to approve. Without an answer by {until} the request lapses."

    @property
    def has_joining_link(self) -> bool:
        return self.booking.status == BookingStatus.CONFIRMED and bool(self.event.joining_link)


@dataclass(frozen=True)
class Learning:
    """Everything of one person's, in the order in which they need it. Rows of the ``record`` have ``certificate_id``, or None.

    ``certificates``: those that stand although their event is not on the record, because a register of it is open again.
    """

    offered: list[Booked]
    coming: list[Booked]
    waiting: list[Booked]
    without_register: list[Booking]
    ended: list[Booking]
    evaluations: list[EvaluationForm]
    invitations: list[Event]
    record: list[Attendance]
    certificates: list[Certificate]
    accepted: list[Credit]
    attempts: list[Attempt]
    wanted: list[Interest]
    requests: list[SessionRequest]
    refreshes: list[Refresh]

    @property
    def is_empty(self) -> bool:
        learned = [self.record, self.certificates, self.accepted, self.attempts, self.refreshes]
        asked = [self.wanted, self.requests]
        return not any([self.offered, self.coming, self.waiting, self.without_register, self.ended, *learned, *asked])

    @property
    def due(self) -> list[Refresh]:
        """What is to be refreshed soon, the nearest day first; after it what was to be."""
        return sorted((one for one in self.refreshes if one.is_soon), key=lambda one: one.is_past)


def learning_of(person: Person, partnership: Partnership, *, at: datetime) -> Learning:
    """A person's own page. A fixed number of queries, however much they have done."""
    record, certificates = attendances_of(person), certificates_by_source(person)
    for row in record:
        held_of_it = certificates.get(row.event_id)
        row.certificate_id = held_of_it.pk if held_of_it else None  # type: ignore[attr-defined]
    recorded = {attendance.event_id for attendance in record}
    was_there = {row.event_id for row in record if row.outcome != Outcome.DID_NOT_ATTEND}
    lines, over = _lines(person, at=at), _over(person, at=at)
    held = [line for line in lines if line.booking.status != BookingStatus.WAITING]
    coming = [line for line in held if event_queries.ends_at(line.event) > at]
    took_place = [row for row in over if row.is_live]
    took_place += [line.booking for line in held if event_queries.ends_at(line.event) <= at]
    equal = credits_of(person).filter(source_kind=SourceKind.ACCEPTED_AS_EQUAL)
    accepted = list(equal.select_related(None).only("title", "earned_on", "note"))
    refreshes = refreshes_of(person, at=at)
    _put_days(refreshes, record, accepted)
    return Learning(
        offered=[line for line in coming if line.booking.status == BookingStatus.OFFERED],
        coming=[line for line in coming if line.booking.status != BookingStatus.OFFERED],
        waiting=[line for line in lines if line.booking.status == BookingStatus.WAITING],
        without_register=sorted((row for row in took_place if row.event_id not in recorded), key=lambda row: row.event.starts_on),
        ended=[row for row in reversed(over) if not row.is_live],
        evaluations=open_evaluations({row.event_id for row in took_place if row.event_id not in recorded} | was_there, at=at),
        invitations=invitations_of(person, partnership, at=at),
        record=record,
        certificates=[one for source, one in certificates.items() if source not in recorded],
        accepted=accepted,
        wanted=list(Interest.objects.open().filter(person=person).select_related("course")),
        requests=list(
            SessionRequest.objects.filter(asked_by=person).select_related("event", "partnership").order_by("-asked_at", "pk")[:20]
        ),
        attempts=list(Attempt.objects.filter(person=person).select_related("module").order_by("-started_at")),
        refreshes=refreshes,
    )


def _to_come(today: date) -> Q:
    """Of bookings: what may still come of them, the last day of their event included."""
    return Q(status__in=LIVE, event__ends_on__gte=today) | Q(status=BookingStatus.WAITING)


def _lines(person: Person, *, at: datetime) -> list[Booked]:
    """What is to come, the next event first, and what waits. Two queries."""
    return [Booked(row, person, at) for row in bookings_of(person).filter(_to_come(london_date(at)))]


def _over(person: Person, *, at: datetime) -> list[Booking]:
    """The rest of their bookings, in the same order, with what a line about each shows: they may be hundreds. One query."""
    rest = Booking.objects.filter(person=person).exclude(_to_come(london_date(at))).select_related("event")
    shown = rest.only("event", "status", "event__title", "event__starts_on")
    return list(shown.order_by("event__starts_on", "event__title", "booked_at", "pk"))


def _put_days(refreshes: Iterable[Refresh], record: Iterable[Attendance], accepted: Iterable[Credit]) -> None:
    """Give what was learned last of each course its ``refresh_by``, the rest None."""
    days = {one.credit.source_uuid or one.credit.pk: one.by for one in refreshes}
    for attendance in record:
        attendance.refresh_by = days.get(attendance.event_id)  # type: ignore[attr-defined]
    for credit in accepted:
        credit.refresh_by = days.get(credit.pk)  # type: ignore[attr-defined]


def invitations_of(person: Person, partnership: Partnership, *, at: datetime) -> list[Event]:
    """The closed events to come that they are invited to and have not booked: no list of the programme shows them. One query."""
    addresses = EmailAddress.objects.filter(user_id=person.pk, verified=True).annotate(lower=Lower("email")).values("lower")
    invited = InvitedPerson.objects.filter(event=OuterRef("pk"), address__in=addresses)
    booked = Booking.objects.live().filter(event=OuterRef("pk"), person=person)
    closed = Event.objects.hosted_by(partnership).filter(status=EventStatus.PUBLISHED, is_closed=True)
    return list(closed.filter(Exists(invited), ~Exists(booked), starts_on__gte=london_date(at)).order_by("starts_on", "id"))


def open_evaluations(event_ids: set[uuid.UUID], *, at: datetime) -> list[EvaluationForm]:
    """The evaluation forms of these events that can be answered now. One query."""
    forms = EvaluationForm.objects.filter(event__in=event_ids, opens_at__lte=at, closes_at__gt=at).select_related("event")
    return [form for form in forms.order_by("-opens_at") if _is_open(form, at)]


def _is_open(form: EvaluationForm, at: datetime) -> bool:
    try:
        check_can_be_answered(form, at)
    except Refused:
        return False
    return True
