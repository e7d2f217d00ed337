"""Events as programs see them. Their addresses stand with bookings, which know the places."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from events import queries
from events.models import Event, EventKind, EventQuerySet, EventStatus


def ready_to_show(events: EventQuerySet) -> EventQuerySet:
    """With everything that EventShape reads, in a fixed number of queries."""
    return events.select_related("lead_host", "venue", "course").prefetch_related("sessions")


class SessionShape(serializers.Serializer):
    number = serializers.IntegerField()
    title = serializers.CharField(help_text="Empty where the event says it all.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class CourseShape(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()


class EventShape(serializers.Serializer):
    """What a list shows. A closed event goes by its neutral title, here as everywhere a program may carry it on."""

    id = serializers.UUIDField()
    title = serializers.CharField(source="public_title")
    kind = serializers.ChoiceField(EventKind.choices)
    format = serializers.CharField()
    status = serializers.ChoiceField(EventStatus.choices)
    is_closed = serializers.BooleanField(help_text="For invited people only.")
    summary = serializers.SerializerMethodField()
    course = serializers.SerializerMethodField()
    lead_host = serializers.CharField(source="lead_host.name")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    when = serializers.SerializerMethodField(help_text="In words, as the pages say it.")
    where = serializers.SerializerMethodField(help_text="In words; never the joining link.")
    sessions = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="The page for people.")

    def get_summary(self, event: Event) -> str:
        return "" if event.is_closed else event.summary or (event.course.summary if event.course else "")

    def get_course(self, event: Event) -> CourseShape(allow_null=True):  # type: ignore[valid-type]
        return CourseShape(event.course).data if event.course and not event.is_closed else None

    def get_when(self, event: Event) -> str:
        return queries.when(event)

    def get_where(self, event: Event) -> str:
        return queries.where(event)

    def get_sessions(self, event: Event) -> SessionShape(many=True):  # type: ignore[valid-type]
        sessions: list[dict[str, Any]] = SessionShape(event.sessions.all(), many=True).data
        return [{**session, "title": ""} for session in sessions] if event.is_closed else sessions

    def get_url(self, event: Event) -> str:
        return settings.SITE_URL + reverse("event", args=[event.pk])
