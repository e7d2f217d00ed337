"""Making an event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from core import audit
from courses.models import Course, Priority, Theme
from events import policies
from events.models import Event, EventHost, EventTrainer, Recommendation, Review, Venue
from events.operations.times import SessionTimes, add_sessions, in_order, london_dates
from people.models import Organisation, Partnership, Person, Sector


@transaction.atomic
def create_event(
    *,
    partnership: Partnership,
    kind: str,
    title: str,
    format: str,
    sessions: Sequence[SessionTimes],
    course: Course | None = None,
    summary: str = "",
    description: str = "",
    venue: Venue | None = None,
    joining_link: str = "",
    trainers: Iterable[Person | str] = (),
    hosts: Iterable[Partnership] = (),
    is_closed: bool = False,
    neutral_title: str = "",
    theme: Theme | None = None,
    priority: Priority | None = None,
    review: Review | None = None,
    recommendations: Iterable[Recommendation] = (),
    for_sectors: Iterable[Sector] = (),
    for_organisation: Organisation | None = None,
    cost: Decimal | None = None,
    by: Person | None,
    at: datetime,
) -> Event:
    """A draft that ``partnership`` leads; it is always among the hosts. A trainer is a person or, from outside, a name.

    Takes no bookings: bookings.operations.create_bookable_event does. Raises Refused without a title, without a session, for a
    session that ends before it starts, and for a closed event without a neutral title.
    """
    policies.check_has_titles(title=title, is_closed=is_closed, neutral_title=neutral_title)
    ordered = in_order(sessions)
    starts_on, ends_on = london_dates(ordered)
    event = Event.objects.create(
        lead_host=partnership,
        course=course,
        kind=kind,
        format=format,
        title=title.strip(),
        neutral_title=neutral_title.strip(),
        summary=summary,
        description=description,
        is_closed=is_closed,
        starts_on=starts_on,
        ends_on=ends_on,
        venue=venue,
        joining_link=joining_link,
        theme=theme or (course.theme if course else None),
        priority=priority,
        review=review,
        for_organisation=for_organisation,
        cost=cost,
    )
    add_sessions(event, ordered)
    set_hosts(event, hosts)
    set_trainers(event, trainers)
    event.recommendations.set(recommendations)
    event.for_sectors.set(for_sectors)
    audit.record(action="event created", about=event, by=by, at=at, changes={"status": ["", event.status]})
    return event


def set_hosts(event: Event, hosts: Iterable[Partnership]) -> None:
    """Make these the hosts; the lead host stays one, whether named or not."""
    wanted = {event.lead_host_id} | {host.pk for host in hosts}
    present = set(event.hosts.values_list("partnership_id", flat=True))
    event.hosts.exclude(partnership_id__in=wanted).delete()
    EventHost.objects.bulk_create(EventHost(event=event, partnership_id=host_id) for host_id in wanted - present)


def set_trainers(event: Event, trainers: Iterable[Person | str]) -> None:
    """Make these the trainers. A name counts once; a row that stays keeps its outside body."""
    wanted: dict[str, Person | None] = {}
    for trainer in trainers:
        name = (trainer.name if isinstance(trainer, Person) else trainer).strip()[:120]
        if name and not wanted.get(name):
            wanted[name] = trainer if isinstance(trainer, Person) else None
    event.trainers.exclude(name__in=wanted).delete()
    present = {row.name: row for row in EventTrainer.objects.filter(event=event)}
    new = [EventTrainer(event=event, name=name, person=person) for name, person in wanted.items() if name not in present]
    EventTrainer.objects.bulk_create(new)
    for name, row in present.items():
        person = wanted[name]
        if row.person_id != (person.pk if person else None):
            row.person = person
            row.save(update_fields=["person"])
