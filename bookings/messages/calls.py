"""Letters to people who agreed to hear of learning: an event with places for their sector, and the programme."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from bookings.counting import PlaceCounts
from bookings.messages.letters import Letter, about, fill_in
from bookings.messages.texts import others as texts
from core import personal_links, wording
from events import queries as event_queries
from events.models import Event
from notifications.rendering import typed
from people.models import HEARING_LINK, Partnership, Person


def places_left(event: Event, person: Person) -> Letter:
    """To somebody who agreed to hear of places. The last link stops these letters, without a sign-in."""
    values = {
        "forename": typed(person.forename),
        **about(event),
        "sector": typed(str(person.sector)),
        "summary": typed(event.summary),
    }
    return fill_in(texts.CALL_FOR_PLACES, values, links={"event": reverse("event", args=[event.pk]), "stop": _stop(person)})


def digest(partnership: Partnership, person: Person, *, programme: str) -> Letter:
    """What can be booked now. ``programme`` is in_words() of it, the same for everybody."""
    values = {
        "forename": typed(person.forename),
        "partnership": typed(partnership.name),
        "team_email": partnership.team_email,
        "programme": programme,
    }
    return fill_in(texts.DIGEST, values, links={"catalogue": reverse("catalogue"), "stop": _stop(person)})


def in_words(themes: Iterable[tuple[str, Iterable[tuple[Event, PlaceCounts]]]]) -> str:
    """The programme as text: each theme, and under it each event with its time, place, places left and address."""
    return "\n\n".join(
        "\n\n".join([typed(theme).upper(), *(_event(event, places) for event, places in events)]) for theme, events in themes
    )


def _event(event: Event, places: PlaceCounts) -> str:
    left = "Waiting list open" if places.is_full else f"{wording.count(places.left, 'place', 'places')} left"
    return "\n".join(
        [
            typed(event.title),
            event_queries.when(event),
            typed(event_queries.where(event)),
            left,
            settings.SITE_URL + reverse("event", args=[event.pk]),
        ]
    )


def _stop(person: Person) -> str:
    """The page that stops these letters, without a sign-in."""
    return reverse("stop_hearing", args=["TOKEN"]).replace("TOKEN", personal_links.placeholder(HEARING_LINK, str(person.pk)))
