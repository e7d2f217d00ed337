"""What an officer sees of a person's learning record."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from events.models import EventHost
from office.queries import events_of
from people.models import Partnership, Person
from records.models import CreditQuerySet
from records.queries import credits_of


def credits_seen_by(partnership: Partnership, person: Person) -> CreditQuerySet:
    """The person's credits from events this partnership hosts and for its courses, withdrawn ones too, latest first. One query.

    Each has ``can_open_event``: whether it comes from an event that the partnership leads, so that its officers may open it.
    """
    hosted = EventHost.objects.filter(partnership=partnership).values("event_id")
    led = events_of(partnership).filter(pk=OuterRef("source_uuid"))
    credits = credits_of(person, and_withdrawn=True).filter(Q(source_uuid__in=hosted) | Q(course__partnership=partnership))
    return credits.annotate(can_open_event=Exists(led))
