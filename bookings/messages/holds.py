"""Letters about places that an agency holds without names."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import Letter, about, fill_in
from bookings.messages.texts import others as texts
from bookings.models import Hold
from core import wording
from events import queries as event_queries
from notifications.rendering import typed
from people.models import Grant


def names_needed(hold: Hold, grant: Grant, *, left: int) -> Letter:
    """For the training lead who has this grant, while ``left`` places have no name."""
    values = {
        "forename": typed(grant.person.forename),
        **about(hold.event),
        "organisation": typed(str(hold.organisation)),
        "places": wording.count(left, "place"),
        "when_in_short": event_queries.when(hold.event),
        "until_day": wording.day(hold.until),
    }
    return fill_in(texts.NAMES_NEEDED, values, links={"agency_event": reverse("agency_event", args=[grant.pk, hold.event.pk])})
