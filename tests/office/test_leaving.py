"""Other times that make messages leave at once are asked about first, with how many that are."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.due import send_digests, send_planned_letters
from bookings.models import Booking, MessageSettings, PlannedChange
from bookings.operations import change_planned, hold_back
from events.models import Event
from feedback.due import ask_for_evaluations, make_missing_forms
from notifications.models import Message
from office.leaving import due_now
from people.models import Person
from registers.due import give_certificates, remind_trainers_of_registers, send_letters_of_absence
from registers.operations import add_walk_in
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory
from tests.factories.registers import event_with_people, session_of, take_register, teaches
from tests.office.pages import sent_by

pytestmark = pytest.mark.django_db

TIMES = "/office/partnership/messages/"


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Any:
    with time_machine.travel(at, tick=False) as traveller:
        yield traveller


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_more_days_for_everybody_are_asked_about_and_change_nothing_until_then(client: Client, olu: Person, at: datetime) -> None:
    event_with_people(3)
    values = sent_by(client.get(TIMES), joining_days="20")
    page = client.post(TIMES, values)
    assert "3 messages would leave at once" in text_of(page)
    assert [(one.label, one.count) for one in page.context["leaving"]] == [("Joining instructions", 3)]
    assert (MessageSettings.objects.count(), Message.objects.count()) == (0, 0)
    client.post(TIMES, sent_by(page, checked="yes"))
    assert MessageSettings.objects.get().joining_days == 20
    assert send_planned_letters(at) == 3


@pytest.mark.both_databases
def test_without_the_question_they_would_have_left(olu: Person, at: datetime) -> None:
    """The control: what the page counts is what the worker writes."""
    event, _ = event_with_people(3)
    assert send_planned_letters(at) == 0
    change_planned(event=event, kind="joining_instructions", by=olu, at=at, days=20, note="")
    assert send_planned_letters(at) == 3


def test_times_by_which_nothing_leaves_are_saved_without_a_question(client: Client, olu: Person) -> None:
    event_with_people(3)
    client.post(TIMES, sent_by(client.get(TIMES), joining_days="7"))
    assert MessageSettings.objects.get().joining_days == 7


def test_an_event_s_own_day_is_asked_about_too(client: Client, olu: Person) -> None:
    event, _ = event_with_people(2)
    address = reverse("office_event_planned", args=[event.pk, "joining_instructions"])
    page = client.post(address, {"days": "20", "note": "Park behind the hall."})
    assert "2 messages would leave at once" in text_of(page)
    assert PlannedChange.objects.count() == 0
    client.post(address, sent_by(page, checked="yes"))
    change = PlannedChange.objects.get()
    assert (change.days, change.note) == (20, "Park behind the hall.")


def test_allowing_what_was_held_back_past_its_time_is_asked_about(client: Client, olu: Person, at: datetime, clock: Any) -> None:
    event, _ = event_with_people(2)
    hold_back(event=event, kind="joining_instructions", by=olu, at=at)
    clock.move_to(at + timedelta(days=11))
    address = reverse("office_planned_hold", args=[event.pk, "joining_instructions"])
    page = client.post(address, {"do": "let_go"})
    assert "2 messages would leave at once" in text_of(page)
    assert PlannedChange.objects.get().is_held_back is True
    client.post(address, sent_by(page, do="let_go", checked="yes"))
    assert PlannedChange.objects.get().is_held_back is False


@pytest.mark.both_databases
def test_what_is_counted_is_what_the_worker_writes_managers_copies_too(olu: Person, at: datetime) -> None:
    event, [with_manager, _] = event_with_people(2)
    Booking.objects.filter(person=with_manager).update(manager_email="head@school.example")
    MessageSettings.objects.create(partnership=event.lead_host, copies_manager=True)
    elsewhere, _ = event_with_people(1)
    Event.objects.filter(pk=elsewhere.pk).update(lead_host=OtherPartnershipFactory())
    for one in (event, elsewhere):
        change_planned(event=one, kind="joining_instructions", by=None, at=at, days=20, note="")
    counted = due_now(event.lead_host, at=at)
    send_planned_letters(at)
    mine = Message.objects.filter(partnership=event.lead_host)
    assert counted == {"joining_instructions": 3}
    assert mine.count() == 3
    assert Message.objects.exclude(partnership=event.lead_host).exists()


def test_somebody_whose_booker_has_lost_their_address_is_not_waited_for(client: Client, olu: Person, at: datetime) -> None:
    booker, silent = PersonFactory(address__none=True), PersonFactory(address__none=True)
    event = BookingFactory(person=silent, booked_by=booker).event
    change_planned(event=event, kind="joining_instructions", by=olu, at=at, days=20, note="")
    assert (due_now(event.lead_host, at=at)["joining_instructions"], send_planned_letters(at)) == (0, 0)
    client.post(TIMES, sent_by(client.get(TIMES), last_reminder_days="2"))
    assert MessageSettings.objects.get().last_reminder_days == 2


def test_nothing_is_written_by_counting(olu: Person, at: datetime) -> None:
    event, _ = event_with_people(2)
    change_planned(event=event, kind="joining_instructions", by=olu, at=at, days=20, note="")
    assert due_now(event.lead_host, at=at) == {"joining_instructions": 2}
    assert Message.objects.count() == 0


def test_what_is_due_anyway_is_no_reason_to_ask(client: Client, olu: Person, at: datetime) -> None:
    event, _ = event_with_people(2)
    change_planned(event=event, kind="joining_instructions", by=olu, at=at, days=20, note="")
    client.post(TIMES, sent_by(client.get(TIMES), last_reminder_days="2"))
    assert MessageSettings.objects.get().last_reminder_days == 2


def test_switching_the_programme_on_is_asked_about_when_one_leaves_at_once(client: Client, olu: Person, clock: Any) -> None:
    monday = datetime(2027, 1, 11, 10, tzinfo=UTC)
    clock.move_to(monday)
    reader = PersonFactory(agreed_to_hear_at=monday - timedelta(days=9))
    reader.partnerships.add(PartnershipFactory())
    values = sent_by(client.get(TIMES), digest_every="week")
    client.post(TIMES, values)  # nothing can be booked, so there is no programme
    MessageSettings.objects.all().delete()
    bookable_event()
    page = client.post(TIMES, values)
    assert "1 message would leave at once" in text_of(page)
    assert (MessageSettings.objects.count(), Message.objects.count()) == (0, 0)
    client.post(TIMES, sent_by(page, checked="yes"))
    assert send_digests(monday) == 1


@pytest.mark.both_databases
def test_every_kind_is_counted_as_the_workers_write_it(at: datetime) -> None:
    """One event that is over and one to come: absence with a manager, trainers, both letters about the evaluation, reminders."""
    event, [came, absent] = event_with_people(2)
    Booking.objects.filter(person=absent).update(manager_email="head@school.example")
    make_missing_forms(at)
    add_walk_in(session=session_of(event), person=PersonFactory(), by=None, at=datetime(2027, 1, 26, 12, tzinfo=UTC))
    untaken, _ = event_with_people(1)
    teaches(untaken)
    teaches(untaken, address__none=True)
    take_register(session_of(event), {came: "present", absent: "absent"})
    event_with_people(2, first_start=datetime(2027, 2, 3, 9, 30, tzinfo=UTC))
    reader = PersonFactory(agreed_to_hear_at=at)
    reader.partnerships.add(event.lead_host)
    MessageSettings.objects.create(partnership=event.lead_host, digest_every="week")
    for moment in (datetime(2027, 1, 26, 17, tzinfo=UTC), datetime(2027, 2, 1, 9, tzinfo=UTC)):
        counted = due_now(event.lead_host, at=moment)
        before = Counter(Message.objects.values_list("kind", flat=True))
        for work in (
            send_planned_letters,
            ask_for_evaluations,
            remind_trainers_of_registers,
            send_letters_of_absence,
            give_certificates,
            send_digests,
        ):
            while work(moment):
                pass
        assert counted == Counter(Message.objects.values_list("kind", flat=True)) - before
    assert set(Message.objects.values_list("kind", flat=True)) == {
        "certificate_ready",
        "did_not_attend",
        "evaluation_asked",
        "evaluation_reminder",
        "first_reminder",
        "joining_instructions",
        "programme_digest",
        "register_not_taken",
    }
