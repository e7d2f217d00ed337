"""Which people an officer sees.

People are global: one person learns with several partnerships, and has one record. An officer sees those their own partnership
has to do with: whom it looks after (people who answered the questions of the first sign-in with it, whom it added or brought
over), who has or had a role in it, and who was ever booked for or walked in at an event it hosts. Anybody else is found by the
exact e-mail address only, and is looked after from then on; to an officer without the address the person is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from bookings.models import Booking
from events.models import EventHost
from people.models import Grant, Partnership, Person, PersonQuerySet
from people.queries import person_by_address
from registers.models import WalkIn


def people_of(partnership: Partnership) -> PersonQuerySet:
    """The people this partnership's officers see. One query, however many there are."""
    hosted = EventHost.objects.filter(partnership=partnership).values("event_id")
    this_person = {"person_id": OuterRef("pk")}
    looked_after = Person.partnerships.through._default_manager.filter(partnership_id=partnership.pk, **this_person)
    people: PersonQuerySet = Person.objects.filter(
        Q(Exists(looked_after))
        | Q(Exists(Grant.objects.filter(partnership=partnership, **this_person)))
        | Q(Exists(Booking.objects.filter(event__in=hosted, **this_person)))
        | Q(Exists(WalkIn.objects.filter(event__in=hosted, **this_person)))
    )
    return people


def known_elsewhere(partnership: Partnership, text: str) -> Person | None:
    """Whom the partnership does not see and whose exact address this is."""
    person = person_by_address(text) if "@" in text else None
    if person is None or people_of(partnership).filter(pk=person.pk).exists():
        return None
    return person


def add_coming_up(people: Iterable[Person], partnership: Partnership, *, today: date) -> None:
    """Give each ``coming_up``: their live bookings for events that the partnership leads. One query."""
    live = Booking.objects.live().filter(person__in=people, event__lead_host=partnership, event__ends_on__gte=today)
    by_person: dict[Any, list[Booking]] = defaultdict(list)
    for booking in live.select_related("event").order_by("event__starts_on", "pk"):
        by_person[booking.person_id].append(booking)
    for person in people:
        person.coming_up = by_person[person.pk]  # type: ignore[attr-defined]
