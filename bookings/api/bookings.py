"""Bookings: seen, made, given back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings import operations, policies, queries
from bookings.api.events import visible_events
from bookings.models import Booking, BookingQuerySet, BookingStatus, CancelledBy
from core.api.answers import do_once, page_of
from core.api.describing import list_of, operation
from core.api.fields import IdField, Input, ListQuery, TextField, YesNoField
from core.clock import now
from core.idempotency import Answer
from core.refusals import Refused
from events import queries as event_queries
from events.models import Event
from people.api.views import TokenView
from people.models import OrganisationState, Person
from people.queries import person_by_address


class BookingQuery(ListQuery):
    event = IdField(required=False)
    status = serializers.ChoiceField(BookingStatus.choices, required=False)


class ToBook(Input):
    event = IdField()
    address = serializers.EmailField(
        required=False, max_length=254, help_text="Whom you book for, if not yourself: for those who may book for others."
    )
    manager_email = serializers.EmailField(required=False, max_length=254, help_text="The one of the profile unless sent.")
    rule_set_aside = YesNoField(required=False, help_text="For officers: go over a rule that may be gone over.")
    reason = TextField(required=False, max_length=300, help_text="Kept with the booking. No case details.")


class ToCancel(Input):
    cancelled_by = serializers.ChoiceField(
        CancelledBy.choices, required=False, help_text="Who gives the place back. Needed for another person's booking."
    )
    reason = TextField(required=False, max_length=300, help_text="Kept with the booking. No case details.")


class ToSubstitute(Input):
    address = serializers.EmailField(max_length=254, help_text="The colleague's.")
    manager_email = serializers.EmailField(required=False, max_length=254, help_text="The colleague's, if not in their profile.")
    rule_set_aside = YesNoField(required=False, help_text="For officers: go over a rule that may be gone over.")
    reason = TextField(required=False, max_length=300, help_text="Kept with the booking. No case details.")


class BookedEvent(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField(source="public_title")
    starts_on = serializers.DateField()
    when = serializers.SerializerMethodField()
    where = serializers.SerializerMethodField()

    def get_when(self, event: Event) -> str:
        return event_queries.when(event)

    def get_where(self, event: Event) -> str:
        return event_queries.where(event)


class BookedPerson(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class BookingShape(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(BookingStatus.choices)
    event = BookedEvent()
    person = BookedPerson()
    organisation = serializers.CharField(source="organisation_text", help_text="Where they worked when they booked.")
    job_role = serializers.CharField()
    booked_at = serializers.DateTimeField()
    queue_place = serializers.IntegerField(allow_null=True, help_text="1 for the first in line; null unless waiting.")
    offered_until = serializers.DateTimeField(allow_null=True, help_text="Until when an offered place can be taken.")
    ended_at = serializers.DateTimeField(allow_null=True)
    cancelled_by = serializers.ChoiceField([("", "Nobody"), *CancelledBy.choices])
    cancelled_in_time = serializers.BooleanField(allow_null=True)
    joining_link = serializers.SerializerMethodField(help_text="For a confirmed booking of your own; otherwise empty.")

    def get_joining_link(self, booking: Booking) -> str:
        is_theirs = booking.person_id == self.context["reader"].pk
        return booking.event.joining_link if is_theirs and booking.status == BookingStatus.CONFIRMED else ""


def visible_bookings(request: Request) -> BookingQuerySet:
    return queries.bookings_visible_to(request.user, grants=request.grants)


def shown(bookings: Sequence[Booking], request: Request) -> list[Any]:
    found: list[Any] = BookingShape(bookings, many=True, context={"reader": request.user}).data
    return found


def as_it_is_now(booking: Booking, request: Request) -> Any:
    return shown([queries.bookings_to_show().get(pk=booking.pk)], request)[0]


class BookingList(TokenView):
    scopes = {"GET": "bookings:read", "POST": "bookings:write"}

    @operation(
        "list_bookings",
        summary="List your bookings",
        description="Yours; for officers also those of the events that your partnership leads, for training leads those of their "
        "agency. The latest first.",
        query=BookingQuery,
        answers=list_of(BookingShape),
    )
    def get(self, request: Request) -> Response:
        asked = BookingQuery.read(request.query_params.dict())
        wanted = {name: asked[name] for name in ("event", "status") if name in asked}
        bookings = visible_bookings(request).filter(**wanted).order_by("-booked_at", "id")
        return page_of(bookings, request, lambda rows: shown(rows, request))

    @operation(
        "book",
        summary="Book a place",
        description="Confirmed or, when the event is full, on the waiting list: see the status.",
        takes=ToBook,
        answers=BookingShape,
        status=201,
    )
    def post(self, request: Request) -> Response:
        asked, at = ToBook.read(request.data), now()

        def book() -> Answer:
            event = get_object_or_404(visible_events(request), pk=asked["event"])
            person = _person_at(asked["address"], event, by=request.user) if "address" in asked else request.user
            _check_names_a_manager(person, asked, event, by=request.user)
            said = {name: asked[name] for name in ("manager_email", "rule_set_aside", "reason") if name in asked}
            made = operations.book_place(event=event, person=person, by=request.user, at=at, **said)
            return Answer(201, as_it_is_now(made, request))

        return do_once(request, book, sent=request.data, at=at)


class OneBooking(TokenView):
    scopes = {"GET": "bookings:read"}

    @operation("get_booking", summary="Show a booking", answers=BookingShape)
    def get(self, request: Request, booking_id: UUID) -> Response:
        return Response(shown([get_object_or_404(visible_bookings(request), pk=booking_id)], request)[0])


class CancelBooking(TokenView):
    scopes = {"POST": "bookings:write"}

    @operation(
        "cancel_booking",
        summary="Cancel a booking or leave the waiting list",
        description="The next in line gets the place.",
        takes=ToCancel,
        answers=BookingShape,
    )
    def post(self, request: Request, booking_id: UUID) -> Response:
        asked, at = ToCancel.read(request.data), now()

        def cancel() -> Answer:
            booking = get_object_or_404(visible_bookings(request), pk=booking_id)
            who = _who_gives_it_back(booking, asked, by=request.user)
            done = operations.cancel_booking(
                booking=booking, cancelled_by=who, by=request.user, at=at, reason=asked.get("reason", "")
            )
            return Answer(200, as_it_is_now(done, request))

        return do_once(request, cancel, sent=request.data, at=at)


class Substitute(TokenView):
    scopes = {"POST": "bookings:write"}

    @operation(
        "substitute",
        summary="Give the place to a colleague",
        description="Both are told. The answer is the colleague's booking.",
        takes=ToSubstitute,
        answers=BookingShape,
        status=201,
    )
    def post(self, request: Request, booking_id: UUID) -> Response:
        asked, at = ToSubstitute.read(request.data), now()

        def substitute() -> Answer:
            booking = get_object_or_404(visible_bookings(request), pk=booking_id)
            colleague = _known(person_by_address(asked["address"]))
            said = {name: asked[name] for name in ("manager_email", "rule_set_aside", "reason") if name in asked}
            try:
                made = operations.substitute(booking=booking, person=colleague, by=request.user, at=at, **said)
            except Refused as refused:
                refused.field = "address" if refused.field == "person" else refused.field  # what a program calls it
                raise
            return Answer(201, as_it_is_now(made, request))

        return do_once(request, substitute, sent=request.data, at=at)


def _check_names_a_manager(person: Person, asked: dict[str, Any], event: Event, *, by: Person) -> None:
    """As on the page: a partnership may want everybody to name one who books for themselves and works somewhere."""
    named = asked.get("manager_email", person.manager_email)
    has_one = person.organisation_state != OrganisationState.NONE
    if event.lead_host.asks_for_manager and has_one and not named and by.pk == person.pk:
        raise Refused("Enter your line manager's e-mail address.", code="no_manager", field="manager_email")


def _known(person: Person | None) -> Person:
    if person is None:
        raise Refused("Nobody here has this address. Check it, or add the person first.", code="unknown", field="address")
    return person


def _person_at(address: str, event: Event, *, by: Person) -> Person:
    """Whom an address belongs to. Only those who may book for anybody hear whether we know it."""
    person = person_by_address(address)
    if person is None:
        policies.check_may_act_for(Person(), by=by, event=event)
    return _known(person)


def _who_gives_it_back(booking: Booking, asked: dict[str, Any], *, by: Person) -> str:
    """As on the page: one's own place is given back by oneself; an officer says whose cancellation it is in the figures."""
    who = asked.get("cancelled_by")
    if booking.person_id == by.pk:
        if who not in (None, CancelledBy.DELEGATE):
            raise serializers.ValidationError({"cancelled_by": ["This booking is yours: leave this out."]})
        return CancelledBy.DELEGATE
    if who == CancelledBy.ORGANISER and not policies.may_act_for_others(by, booking.event):
        raise serializers.ValidationError({"cancelled_by": ["Only an officer cancels as the organiser."]})
    if who is None:
        raise serializers.ValidationError({"cancelled_by": ["Say who gives the place back."]})
    return str(who)
