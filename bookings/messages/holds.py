"""Letters about places that an agency holds without names."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import NAMES_NEEDED, Letter, title
from bookings.models import Hold
from core import wording
from events import queries as event_queries
from notifications.rendering import typed
from people.models import Grant


def names_needed(hold: Hold, grant: Grant, *, left: int) -> Letter:
    """For the training lead who has this grant, while ``left`` places have no name."""
    event, places = hold.event, wording.count(left, "place")
    forename = typed(grant.person.forename)
    paragraphs = [
        f"Hello {forename}," if forename else "Hello,",
        f"{typed(str(hold.organisation))} holds {places} without a name at {title(event)}.",
        f"When: {event_queries.when(event)}",
        f"Give names by the end of {wording.day(hold.until)}:\n{{link:agency_event}}",
        "What happens next: places without a name then go to those who wait, or become free for others. If you need fewer, give "
        "them back on the same page now.",
        typed(event.lead_host.name),
    ]
    links = {"agency_event": reverse("agency_event", args=[grant.pk, event.pk])}
    return Letter(NAMES_NEEDED, f"Names needed for {places}: {title(event)}", "\n\n".join(paragraphs), links, 0)
