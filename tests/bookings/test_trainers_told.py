"""Those who teach an event hear when it is called off, moves or changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.operations import cancel_bookable_event, change_bookable_event
from events.models import EventStatus
from events.operations import SessionTimes
from events.queries import ends_at, starts_at
from notifications.models import Message
from notifications.rendering import full_text
from tests.factories.bookings import bookable_event
from tests.factories.events import EventTrainerFactory, VenueFactory
from tests.factories.people import PersonFactory, officer
from tests.factories.registers import teaches

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str, str]]:
    found = Message.objects.filter(kind__startswith="trainer_").order_by("created_at", "to_address")
    return [(message.kind, message.to_address, message.subject) for message in found]


def test_trainers_read_why_an_event_is_cancelled(at):
    event = bookable_event(title="Recognising neglect")
    trainer, _ = teaches(event, forename="Ana"), EventTrainerFactory(event=event, name="An outside body")
    cancel_bookable_event(event=event, reason="The hall is flooded.", by=officer(), at=at)
    address = trainer.main_address()
    assert told() == [("trainer_event_cancelled", address, "Cancelled: Recognising neglect, Tuesday 26 January 2027")]
    assert full_text(Message.objects.get(person=trainer)).split("\n\n")[:3] == [
        "Hello Ana,",
        "Recognising neglect on Tuesday 26 January 2027, which you were to teach, will not take place.",
        "Why: The hall is flooded.",
    ]


def test_trainers_read_the_new_times_and_the_new_place_once_for_each_change(at):
    event = bookable_event(title="Recognising neglect")
    trainer = teaches(event)
    times = [SessionTimes(starts_at(event) + timedelta(days=7), ends_at(event) + timedelta(days=7))]
    change_bookable_event(event=event, sessions=times, by=officer(), at=at)
    change_bookable_event(event=event, sessions=times, by=officer(), at=at)
    change_bookable_event(event=event, venue=VenueFactory(name="The mill"), by=officer(), at=at + timedelta(minutes=1))
    change_bookable_event(event=event, summary="Shorter.", by=officer(), at=at + timedelta(minutes=2))
    assert told() == [
        ("trainer_event_moved", trainer.main_address(), "New date or time: Recognising neglect"),
        ("trainer_event_changed", trainer.main_address(), "Changed: Recognising neglect"),
    ]
    moved = Message.objects.get(kind="trainer_event_moved")
    assert (moved.state, Message.objects.get(kind="trainer_event_changed").state) == ("withdrawn", "waiting")
    assert "Tuesday 2 February 2027" in moved.text


def test_nobody_is_told_of_a_draft_of_what_is_over_or_of_their_own_doing(at):
    draft, over, own = bookable_event(status=EventStatus.DRAFT), bookable_event(), bookable_event()
    for event in (draft, over):
        teaches(event)
    themself = teaches(own)
    cancel_bookable_event(event=draft, reason="No.", by=officer(), at=at)
    change_bookable_event(event=over, title="Another", by=officer(), at=ends_at(over))
    change_bookable_event(event=own, title="Another", by=themself, at=at)
    assert told() == []


def test_a_trainer_without_an_address_and_a_silent_event_get_nothing(at):
    event, silent = bookable_event(), bookable_event(messages_from=at.date() + timedelta(days=1))
    EventTrainerFactory(event=event, person=PersonFactory(address__none=True), name="No address")
    teaches(silent)
    for one in (event, silent):
        cancel_bookable_event(event=one, reason="No.", by=officer(), at=at)
    assert told() == []
