"""The events that a token's person may see, with their places."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings import counting, queries
from bookings.api.costs import CostShape, cost_of
from bookings.asking import Asking
from bookings.models import BookingStatus
from core.api.answers import page_of
from core.api.describing import list_of, operation
from core.api.fields import IdField, ListQuery, TextField
from core.clock import london_date, now
from events.api import EventShape, ready_to_show
from events.models import Event, EventKind, EventQuerySet
from people.api.views import TokenView
from people.policies import partnerships_where


class EventQuery(ListQuery):
    course = IdField(required=False)
    kind = serializers.ChoiceField(EventKind.choices, required=False)
    q = TextField(required=False, max_length=200, help_text="Words that must all stand in the title, the summary or the course.")

    def get_fields(self) -> dict[str, Any]:
        first = serializers.DateField(required=False, help_text="Ends on this day or later; today unless you say otherwise.")
        last = serializers.DateField(required=False, help_text="Starts on this day or earlier.")
        return {"from": first, "to": last, **super().get_fields()}


class Places(serializers.Serializer):
    limit = serializers.IntegerField()
    left = serializers.IntegerField()
    waiting = serializers.IntegerField()


class MyBooking(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(BookingStatus.choices)


class EventWithPlaces(EventShape):
    places = Places(allow_null=True, help_text="Null where no places are booked here.")
    my_booking = MyBooking(allow_null=True, help_text="The live booking of the token's person.")


class Refusal(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()


class EventDetail(EventWithPlaces):
    description = serializers.SerializerMethodField()
    cost = CostShape(allow_null=True, help_text="What booking now would mean for the token's person; null where nothing costs.")
    refusals = Refusal(many=True, help_text="Why the token's person can't book now; empty if they can.")

    def get_description(self, event: Event) -> str:
        return "" if event.is_closed else event.description or (event.course.description if event.course else "")


def visible_events(request: Request) -> EventQuerySet:
    led = partnerships_where(request.grants, "manage_bookings")
    return ready_to_show(queries.events_visible_to(request.user, request.partnership, led_by=led))


class EventList(TokenView):
    scopes = {"GET": "events:read"}

    @operation("list_events", summary="List the events you may see", query=EventQuery, answers=list_of(EventWithPlaces))
    def get(self, request: Request) -> Response:
        asked = EventQuery.read(request.query_params.dict())
        events = _asked_for(visible_events(request), asked, at=now())
        events = events.order_by("starts_on", "title", "id")
        return page_of(events, request, lambda rows: EventWithPlaces(_with_places(rows, request), many=True).data)


class OneEvent(TokenView):
    scopes = {"GET": "events:read"}

    @operation("get_event", summary="Show an event", answers=EventDetail)
    def get(self, request: Request, event_id: UUID) -> Response:
        (event,) = _with_places([get_object_or_404(visible_events(request), pk=event_id)], request)
        asking = Asking.of(event, request.user, now())
        event.cost = cost_of(asking.money)
        event.refusals = [{"code": refused.code, "detail": str(refused)} for refused in asking.refusals()]
        return Response(EventDetail(event).data)


def _with_places(events: list[Any], request: Request) -> list[Any]:
    """The events, each with its places and the person's own booking, in three queries however many they are."""
    places, mine = counting.place_counts(events), queries.live_bookings_by_event(request.user, events)
    for event in events:
        event.places = places.get(event.pk)
        event.my_booking = mine.get(event.pk)
    return events


def _asked_for(events: EventQuerySet, asked: dict[str, Any], *, at: datetime) -> EventQuerySet:
    events = events.filter(ends_on__gte=asked.get("from") or london_date(at))
    if "to" in asked:
        events = events.filter(starts_on__lte=asked["to"])
    if "course" in asked:
        events = events.filter(course=asked["course"], is_closed=False)
    if "kind" in asked:
        events = events.filter(kind=asked["kind"])
    for word in asked.get("q", "").split():
        is_open = Q(title__icontains=word) | Q(summary__icontains=word) | Q(course__title__icontains=word)
        events = events.filter(Q(is_closed=False) & is_open | Q(is_closed=True, neutral_title__icontains=word))
    return events
