from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from core.clock import london_date
from courses.models import Format
from events.models import Event, EventHost, EventKind, EventStatus, EventTrainer, Session, Venue
from tests.factories.courses import CourseFactory
from tests.factories.people import PartnershipFactory

IN_TWO_WEEKS = datetime(2027, 1, 26, 9, 30, tzinfo=UTC)


class VenueFactory(DjangoModelFactory):
    class Meta:
        model = Venue
        django_get_or_create = ("partnership", "name")

    partnership = factory.SubFactory(PartnershipFactory)
    name = "Civic Suite"
    address = "1 High Street, Riverside"


class EventFactory(DjangoModelFactory):
    """A published course run on Tuesday 26 January 2027, 9.30am to 4pm: ``sessions=2`` adds the next day, and so on."""

    class Meta:
        model = Event
        skip_postgeneration_save = True
        exclude = ("first_start",)

    first_start = IN_TWO_WEEKS
    lead_host = factory.SubFactory(PartnershipFactory)
    course = factory.SubFactory(CourseFactory, partnership=factory.SelfAttribute("..lead_host"))
    kind = EventKind.COURSE
    format = Format.CLASSROOM
    title = factory.LazyAttribute(lambda event: event.course.title if event.course else "An event")
    status = EventStatus.PUBLISHED
    venue = factory.SubFactory(VenueFactory, partnership=factory.SelfAttribute("..lead_host"))
    starts_on = factory.LazyAttribute(lambda event: london_date(event.first_start))
    ends_on = factory.LazyAttribute(lambda event: london_date(event.first_start))

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Event:
        event = super()._create(model_class, *args, **kwargs)
        EventHost.objects.create(event=event, partnership=event.lead_host)
        return event

    @factory.post_generation
    def sessions(self: Event, create: bool, extracted: Any, **kwargs: Any) -> None:  # type: ignore[misc]
        if not create:
            return
        days = extracted or 1
        start = datetime.combine(self.starts_on, datetime.min.time(), tzinfo=UTC) + timedelta(hours=9, minutes=30)
        for number in range(days):
            day = start + timedelta(days=number)
            Session.objects.create(event=self, number=number + 1, starts_at=day, ends_at=day + timedelta(hours=6, minutes=30))
        if days > 1:
            self.ends_on = self.starts_on + timedelta(days=days - 1)
            self.save(update_fields=["ends_on"])


class EventTrainerFactory(DjangoModelFactory):
    class Meta:
        model = EventTrainer

    event = factory.SubFactory(EventFactory)
    name = "A. Trainer"
