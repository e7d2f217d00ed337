"""Bookings: seen, made, given back, passed on to a colleague."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from bookings import operations, policies, queries
from bookings.api.events import visible_events
from bookings.api.shapes import BookingDetail, BookingQuery, BookingShape, ToBook, ToCancel, ToSubstitute
from bookings.asking import Asking
from bookings.forms import BookForm, NewColleagueForm
from bookings.models import Booking, BookingQuerySet, CancelledBy
from bookings.operations import Newcomer
from core.api.answers import do_once, page_of
from core.api.describing import list_of, operation
from core.clock import now
from core.idempotency import Answer
from core.problems import Unfitting
from core.refusals import Refused
from events.models import Event
from people.api.views import TokenView
from people.models import Person
from people.queries import person_by_address

FOR_SOMEBODY_ELSE = ("manager_email", "deputy_email", "rule_set_aside", "reason")
MAY_BE_IN_VAIN = ("manager_email", "deputy_email")  # whoever sends them each time is right: some events tell no manager
WHO_IS_NEW = ("forename", "surname", "job_role")
FOR_OFFICERS = ("rule_set_aside", "reason")
SAID_BY_OFFICERS = ("manager_email", *FOR_OFFICERS)


def visible_bookings(request: Request) -> BookingQuerySet:
    return queries.bookings_visible_to(request.user, grants=request.grants)


def shown(bookings: Sequence[Booking], request: Request) -> list[Any]:
    found: list[Any] = BookingShape(bookings, many=True, context={"reader": request.user}).data
    return found


def as_it_is_now(booking: Booking, request: Request) -> Any:
    return one_shown(queries.bookings_to_show().get(pk=booking.pk), request)


def one_shown(booking: Booking, request: Request) -> Any:
    return BookingDetail(booking, context={"reader": request.user, "at": now()}).data


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
        description="The status says what came of it: confirmed, waiting, or asked for where a manager approves first.",
        takes=ToBook,
        answers=BookingDetail,
        status=201,
    )
    def post(self, request: Request) -> Response:
        asked, at = ToBook.read(request.data), now()

        def book() -> Answer:
            event, by = get_object_or_404(visible_events(request), pk=asked["event"]), request.user
            person = _person_at(asked["address"], event, by=by) if "address" in asked else by
            said = _said_for_oneself(asked, event, by, at=at) if person.pk == by.pk else _said_for_another(asked)
            made = operations.book_place(event=event, person=person, by=by, at=at, **said)
            return Answer(201, as_it_is_now(made, request))

        return do_once(request, book, sent=request.data, at=at)


class OneBooking(TokenView):
    scopes = {"GET": "bookings:read"}

    @operation("get_booking", summary="Show a booking", answers=BookingDetail)
    def get(self, request: Request, booking_id: UUID) -> Response:
        return Response(one_shown(get_object_or_404(visible_bookings(request), pk=booking_id), request))


class CancelBooking(TokenView):
    scopes = {"POST": "bookings:write"}

    @operation(
        "cancel_booking",
        summary="Cancel a booking or leave the waiting list",
        description="If somebody waits, the place goes to them.",
        takes=ToCancel,
        answers=BookingDetail,
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
        description="Both are told. The answer is the colleague's booking: confirmed, or awaiting approval where their manager "
        "approves. The booking that is passed on is over either way. Officers name anybody whom we know; everybody else "
        "names somebody of the same agency, or says who it is.",
        takes=ToSubstitute,
        answers=BookingDetail,
        status=201,
    )
    def post(self, request: Request, booking_id: UUID) -> Response:
        asked, at = ToSubstitute.read(request.data), now()

        def substitute() -> Answer:
            booking = get_object_or_404(visible_bookings(request), pk=booking_id)
            is_officer = policies.may_act_for_others(request.user, booking.event)
            pass_on = _pass_on_as_officer if is_officer else _pass_on
            try:
                made = pass_on(booking, asked, by=request.user, at=at)
            except Refused as refused:
                refused.field = "address" if refused.field == "person" else refused.field  # what a program calls it
                raise
            return Answer(201, as_it_is_now(made, request))

        return do_once(request, substitute, sent=request.data, at=at)


def _said_for_another(asked: dict[str, Any]) -> dict[str, Any]:
    """What an officer or training lead may send with somebody else's booking; the rest only that person knows."""
    refuse_fields(asked, set(BookForm.base_fields) - set(FOR_SOMEBODY_ELSE), "Send this only with a booking of your own.")
    return {name: asked[name] for name in FOR_SOMEBODY_ELSE if name in asked}


def _said_for_oneself(asked: dict[str, Any], event: Event, person: Person, *, at: datetime) -> dict[str, Any]:
    """What the page would have asked, checked by the page's own form. Why one can't book comes before what is missing."""
    asking = Asking.of(event, person, at)
    form = asking.form({"manager_email": person.manager_email, **asked})
    if not form.is_valid():
        policies.check_has_no_booking(has_one=queries.live_booking(event, person) is not None)
        for refused in asking.refusals():
            raise refused
        raise Unfitting(dict(form.errors))
    not_asked = set(BookForm.base_fields) - set(form.fields) - set(MAY_BE_IN_VAIN)
    refuse_fields(asked, not_asked, "This is not asked for this event.")
    return {**form.answers(), **{name: asked[name] for name in ("rule_set_aside", "reason") if name in asked}}


def _person_at(address: str, event: Event, *, by: Person) -> Person:
    """Whom an address belongs to. Only those who may book for anybody hear whether we know it."""
    person = person_by_address(address)
    if person is None:
        policies.check_may_act_for(Person(), by=by, event=event)
    return _known(person)


def _known(person: Person | None) -> Person:
    if person is None:
        raise Refused("Nobody here has this address. Check it, or add the person first.", code="unknown", field="address")
    return person


def _pass_on(booking: Booking, asked: dict[str, Any], *, by: Person, at: datetime) -> Booking:
    """As the holder of a place does on the page: nobody finds out by this who has a sign-in here."""
    refuse_fields(asked, FOR_OFFICERS, "Only officers send this.")
    newcomer = None
    if any(name in asked for name in WHO_IS_NEW):
        form = NewColleagueForm(asked)
        if not form.is_valid():
            raise Unfitting(dict(form.errors))
        newcomer = Newcomer(**form.cleaned_data)
    manager = asked.get("manager_email", "")
    return operations.substitute_by_address(
        booking=booking, address=asked["address"], newcomer=newcomer, manager_email=manager, by=by, at=at
    )


def _pass_on_as_officer(booking: Booking, asked: dict[str, Any], *, by: Person, at: datetime) -> Booking:
    refuse_fields(asked, WHO_IS_NEW, "Officers name somebody whom we know: add the person first.")
    said = {name: asked[name] for name in SAID_BY_OFFICERS if name in asked}
    return operations.substitute(booking=booking, person=_known(person_by_address(asked["address"])), by=by, at=at, **said)


def _who_gives_it_back(booking: Booking, asked: dict[str, Any], *, by: Person) -> str:
    """As on the page: one's own place is given back by oneself; an officer says whose cancellation it is in the figures."""
    who = asked.get("cancelled_by")
    if booking.person_id == by.pk:
        if who not in (None, CancelledBy.DELEGATE):
            raise Unfitting({"cancelled_by": ["This booking is yours: leave this out."]})
        return CancelledBy.DELEGATE
    if who == CancelledBy.ORGANISER and not policies.may_act_for_others(by, booking.event):
        raise Unfitting({"cancelled_by": ["Only an officer cancels as the organiser."]})
    if who is None:
        raise Unfitting({"cancelled_by": ["Say who gives the place back."]})
    return str(who)


def refuse_fields(asked: dict[str, Any], names: set[str] | tuple[str, ...], why: str) -> None:
    sent = [name for name in asked if name in names]
    if sent:
        raise Unfitting({name: [why] for name in sent}, code="not_asked")
