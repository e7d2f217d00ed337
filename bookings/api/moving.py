"""A place moves to another date; an offered place is taken or turned down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from bookings import operations, policies
from bookings.api.bookings import FOR_OFFICERS, as_it_is_now, refuse_fields, visible_bookings
from bookings.api.events import visible_events
from bookings.api.shapes import BookingDetail, NothingElse, ToMove
from core.api.answers import do_once
from core.api.describing import operation
from core.clock import now
from core.idempotency import Answer
from people.api.views import TokenView


class MoveBooking(TokenView):
    scopes = {"POST": "bookings:write"}

    @operation(
        "move_booking",
        summary="Move a place to another date of the course",
        description="The answer is the booking of the other date; others can have the place that is left, whoever waits first.",
        takes=ToMove,
        answers=BookingDetail,
        status=201,
    )
    def post(self, request: Request, booking_id: UUID) -> Response:
        asked, at = ToMove.read(request.data), now()

        def move() -> Answer:
            booking, by = get_object_or_404(visible_bookings(request), pk=booking_id), request.user
            if not policies.may_act_for_others(by, booking.event):
                refuse_fields(asked, FOR_OFFICERS, "Only officers send this.")
            to_event = get_object_or_404(visible_events(request), pk=asked["to_event"])
            said: dict[str, Any] = {name: asked[name] for name in FOR_OFFICERS if name in asked}
            made = operations.transfer(booking=booking, to_event=to_event, by=by, at=at, **said)
            return Answer(201, as_it_is_now(made, request))

        return do_once(request, move, sent=request.data, at=at)


class AcceptOffer(TokenView):
    scopes = {"POST": "bookings:write"}

    @operation("accept_offer", summary="Take an offered place", takes=NothingElse, answers=BookingDetail)
    def post(self, request: Request, booking_id: UUID) -> Response:
        return _answer(request, booking_id, operations.accept_offer)


class DeclineOffer(TokenView):
    scopes = {"POST": "bookings:write"}

    @operation(
        "decline_offer",
        summary="Turn an offered place down",
        description="Others can have it, whoever waits first.",
        takes=NothingElse,
        answers=BookingDetail,
    )
    def post(self, request: Request, booking_id: UUID) -> Response:
        return _answer(request, booking_id, operations.decline_offer)


def _answer(request: Request, booking_id: UUID, answer: Any) -> Response:
    NothingElse.read(request.data)
    at = now()

    def give() -> Answer:
        booking = get_object_or_404(visible_bookings(request), pk=booking_id)
        return Answer(200, as_it_is_now(answer(booking=booking, by=request.user, at=at), request))

    return do_once(request, give, sent=request.data, at=at)
