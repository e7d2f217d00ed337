"""The letter that says to people of a sector that an event has places for them."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import CALL_FOR_PLACES, Letter, title, when_and_where
from core import personal_links
from events.models import Event
from notifications.rendering import typed
from people.models import HEARING_LINK, Person


def places_left(event: Event, person: Person) -> Letter:
    """To somebody who agreed to hear of places. The last link stops these letters, without a sign-in."""
    stop = reverse("stop_hearing", args=["TOKEN"]).replace("TOKEN", personal_links.placeholder(HEARING_LINK, str(person.pk)))
    greeting = f"Hello {typed(person.forename)}," if person.forename else "Hello,"
    paragraphs = [
        greeting,
        f"{title(event)} still has places, and we would like more people from {typed(str(person.sector))} to be there. "
        "Perhaps it is for you.",
        *([typed(event.summary)] if event.summary else []),
        *when_and_where(event, with_link=False),
        "Look at it and book here:\n{link:event}",
        "We write because you agreed to hear of places. To stop that, open this page and press the button:\n{link:stop}",
        typed(event.lead_host.name),
    ]
    links = {"event": reverse("event", args=[event.pk]), "stop": stop}
    return Letter(CALL_FOR_PLACES, f"Places left: {title(event)}", "\n\n".join(paragraphs), links, 0)
