"""The letter that says to people of a sector that an event has places for them."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import Letter, about, fill_in
from bookings.messages.texts import others as texts
from core import personal_links
from events.models import Event
from notifications.rendering import typed
from people.models import HEARING_LINK, Person


def places_left(event: Event, person: Person) -> Letter:
    """To somebody who agreed to hear of places. The last link stops these letters, without a sign-in."""
    stop = reverse("stop_hearing", args=["TOKEN"]).replace("TOKEN", personal_links.placeholder(HEARING_LINK, str(person.pk)))
    values = {
        "forename": typed(person.forename),
        **about(event),
        "sector": typed(str(person.sector)),
        "summary": typed(event.summary),
    }
    return fill_in(texts.CALL_FOR_PLACES, values, links={"event": reverse("event", args=[event.pk]), "stop": stop})
