"""What is planned for an event: seen, previewed, held back, changed and sent by an officer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.due import send_planned_letters
from bookings.models import FOR_EVERYBODY, Booking, HeldBackLetter, MessageSettings, PlannedChange, PlannedKind
from bookings.operations import change_planned
from core.models import AuditEntry
from courses.models import Format
from events.models import Event, EventStatus
from feedback.due import make_missing_forms
from notifications.bounces import mark_bounced
from notifications.models import Message, MessageState
from people.models import Partnership, Person
from registers.due import remind_trainers_of_registers
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.notifications import MessageFactory
from tests.factories.people import PartnershipFactory, PersonFactory
from tests.factories.registers import event_with_people, session_of, take_register, teaches
from tests.office.pages import sent_by

pytestmark = pytest.mark.django_db

JOINING_AT = datetime(2027, 1, 21, 8, tzinfo=UTC)
AFTER = datetime(2027, 1, 26, 17, tzinfo=UTC)
TIMES = "/office/partnership/messages/"


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Any:
    with time_machine.travel(at, tick=False) as traveller:
        yield traveller


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


def tab(client: Client, event: Event) -> Any:
    return client.get(reverse("office_event_messages", args=[event.pk]))


def rows(client: Client, event: Event) -> list[tuple[str, str, int, str]]:
    return [(row.label, row.when, row.to, row.state_words) for row in tab(client, event).context["planned"]]


def page(client: Client, event: Event, kind: str = "joining_instructions", **query: str) -> Any:
    return client.get(reverse("office_event_planned", args=[event.pk, kind]), query)


def act(client: Client, name: str, *args: Any, **values: str) -> Any:
    return client.post(reverse(name, args=args), values, follow=True)


def test_the_tab_says_what_leaves_when_and_to_how_many(client: Client, olu: Person) -> None:
    event, _ = event_with_people(3)
    assert rows(client, event) == [
        ("First reminder", "Tuesday 12 January 2027, 8am", 3, "Planned"),
        ("Joining instructions", "Thursday 21 January 2027, 8am", 3, "Planned"),
        ("Last reminder", "Monday 25 January 2027, 8am", 3, "Planned"),
    ]
    for label in ("Planned", "Written", "No messages yet"):
        assert label in text_of(tab(client, event))


def test_the_tab_follows_what_was_written_and_what_is_missing(client: Client, olu: Person, clock: Any) -> None:
    event, _ = event_with_people(2, format=Format.VIRTUAL, venue=None)
    clock.move_to(JOINING_AT)
    send_planned_letters(JOINING_AT)
    assert rows(client, event)[1] == ("Joining instructions", "Thursday 21 January 2027, 8am", 2, "Waits: add the joining link")
    assert "Joining instructions wait: add the joining link" in text_of(tab(client, event))
    Event.objects.update(joining_link="https://meet.example/a")
    send_planned_letters(JOINING_AT)
    assert rows(client, event)[1] == ("Joining instructions", "It has left", 0, "2 on the way")
    assert "2 wait to be sent" in text_of(tab(client, event))


def test_the_tab_and_the_page_say_what_became_of_each_message(client: Client, olu: Person, clock: Any) -> None:
    event, people = event_with_people(4)
    clock.move_to(JOINING_AT)
    send_planned_letters(JOINING_AT)

    def state() -> str:
        return rows(client, event)[1][3]

    def becomes(number: int, **fields: Any) -> Message:
        Message.objects.filter(person=people[number]).update(**fields)
        return Message.objects.get(person=people[number])

    assert state() == "4 on the way"
    sent = [becomes(number, state=MessageState.SENT, sent_at=JOINING_AT) for number in range(2)]
    paused = becomes(2)
    mark_bounced(address=paused.to_address, reason="550 no such user", at=JOINING_AT)
    assert state() == "1 address bounced"
    failed = becomes(3, state=MessageState.FAILED)
    assert state() == "1 could not be sent"
    shown = text_of(page(client, event))
    for words in (
        "2 have it",
        "1 is paused, because messages to the address come back",
        "1 could not be sent",
        "Paused: the address bounced",
    ):
        assert words in shown
    for message in [*sent, paused, failed]:
        assert reverse("office_message", args=[message.pk]) in shown
    for number in (2, 3):
        becomes(number, state=MessageState.SENT, sent_at=JOINING_AT)
    assert state() == "Everybody has it"
    becomes(2, last_error="It came back: 5.2.2 Mailbox full")
    shown = text_of(page(client, event))
    assert (state(), "3 have it" in shown, "1 came back" in shown, "Came back" in shown) == ("1 came back", True, True, True)


def test_a_reminder_that_a_change_makes_needless_says_so(client: Client, olu: Person, clock: Any) -> None:
    event, _ = event_with_people(1)
    last = datetime(2027, 1, 25, 8, tzinfo=UTC)
    Event.objects.filter(pk=event.pk).update(told_at=last - timedelta(hours=1))
    clock.move_to(last)
    assert rows(client, event)[2][3] == "Not sent: everybody was just told of a change"
    assert send_planned_letters(last) == 1  # the joining instructions
    Event.objects.filter(pk=event.pk).update(told_at=last - timedelta(hours=13))
    assert rows(client, event)[2][3] == "Planned"
    assert send_planned_letters(last) == 1


def test_letters_whose_hour_is_after_the_start_say_that_they_never_leave(client: Client, olu: Person, at: datetime) -> None:
    event, _ = event_with_people(1)
    MessageSettings.objects.create(partnership=event.lead_host, leaves_at_hour=10, last_reminder_days=0)
    change_planned(event=event, kind="joining_instructions", days=1, note="", by=olu, at=at)
    assert rows(client, event)[1][3] == "Planned"
    change_planned(event=event, kind="joining_instructions", days=0, note="", by=olu, at=at)
    assert rows(client, event)[1][3] == "Never leaves: its hour is after the start"
    start = datetime(2027, 1, 26, 9, 30, tzinfo=UTC)
    assert [send_planned_letters(start - timedelta(minutes=1)), send_planned_letters(start)] == [1, 0]  # the first reminder
    assert not Message.objects.filter(kind="joining_instructions").exists()


def test_letters_of_absence_that_are_too_old_say_so(client: Client, olu: Person, clock: Any) -> None:
    event, [came, absent] = event_with_people(2)
    take_register(session_of(event), {came: "present", absent: "absent"})
    last_day = datetime(2027, 2, 25, 12, tzinfo=UTC)
    clock.move_to(last_day)
    assert rows(client, event)[3][1:] == ("Now", 1, "Planned")
    clock.move_to(last_day + timedelta(days=1))
    assert rows(client, event)[3][1:] == ("Nobody is written to so long afterwards", 0, "Too old")
    assert "Release" not in text_of(page(client, event, "did_not_attend"))


def test_the_tab_says_that_nothing_is_sent_yet(client: Client, olu: Person, at: datetime) -> None:
    event, _ = event_with_people(1)
    assert "Nothing is sent" not in text_of(tab(client, event))
    Event.objects.update(messages_from=at.date() + timedelta(days=1))
    assert "Nothing is sent before Tuesday 12 January 2027" in text_of(tab(client, event))
    address = reverse("office_planned_send", args=[event.pk, "joining_instructions"])
    assert "Nothing is sent about this event until Tuesday 12 January 2027." in text_of(client.post(address, follow=True))
    Partnership.objects.update(messages_from=None)
    assert "Nothing is sent until the partnership sets the day" in text_of(tab(client, event))
    assert not Message.objects.exists()


def test_a_draft_and_a_cancelled_event_plan_nothing(client: Client, olu: Person) -> None:
    for status in (EventStatus.DRAFT, EventStatus.CANCELLED):
        event, _ = event_with_people(1, status=status)
        assert rows(client, event) == []
        assert page(client, event).status_code == 404
    assert page(client, bookable_event(), kind="nonsense").status_code == 404


def test_after_its_start_an_event_shows_what_follows_it(client: Client, olu: Person, clock: Any) -> None:
    event, [came, absent] = event_with_people(2)
    teaches(event)
    make_missing_forms(AFTER)
    clock.move_to(AFTER)
    after = "1 working day after a day whose register is not closed"
    assert rows(client, event) == [
        ("Evaluation asked", "Tuesday 26 January 2027, 4pm", 2, "Planned"),
        ("Evaluation reminder", "Sunday 31 January 2027, 8am", 2, "Planned"),
        ("Register not taken", after, 1, "Planned"),
        ("Did not attend", "After every register is closed", 0, "Not yet"),
        ("Certificate ready", "After every register is closed", 0, "Not yet"),
        ("Follow-up", "Monday 26 April 2027, 8am, once every register is closed", 0, "Not yet"),
    ]
    take_register(session_of(event), {came: "present", absent: "absent"})
    until = "Friday 29 January 2027, 8am, unless you release or hold them back"
    assert rows(client, event)[2] == ("Register not taken", after, 0, "Every register is closed")
    assert rows(client, event)[3] == ("Did not attend", until, 1, "Planned")


def test_where_nobody_was_there_nobody_is_said_to_be_written_to(client: Client, olu: Person, clock: Any) -> None:
    event, people = event_with_people(2)
    make_missing_forms(AFTER)
    clock.move_to(AFTER)
    take_register(session_of(event), dict.fromkeys(people, "absent"))
    states = {label: state for label, _, _, state in rows(client, event)}
    assert states == {
        "Evaluation asked": "Nobody to write to",
        "Evaluation reminder": "Planned",
        "Register not taken": "Every register is closed",
        "Did not attend": "Planned",
        "Certificate ready": "Nobody to write to",
        "Follow-up": "Nobody to write to",
    }
    other, people = event_with_people(1)
    make_missing_forms(AFTER)
    take_register(session_of(other), dict.fromkeys(people, "present"))
    assert rows(client, other)[3][3] == "Nobody to write to"


def test_a_letter_is_previewed_for_whoever_is_chosen(client: Client, olu: Person) -> None:
    event = bookable_event(title="Recognising neglect")
    first = BookingFactory(event=event, person=PersonFactory(forename="Ana", surname="Adams"))
    second = BookingFactory(event=event, person=PersonFactory(forename="Ben", surname="Brown"))
    assert "Hello Ana," in text_of(page(client, event))
    chosen = text_of(page(client, event, **{"for": str(second.pk)}))
    assert "Hello Ben," in chosen
    assert "Joining instructions: Recognising neglect" in chosen
    stranger = BookingFactory()
    assert "Hello Ana," in text_of(page(client, event, **{"for": str(stranger.pk)}))
    assert first.person.main_address() in chosen
    assert not Message.objects.exists()


def test_holding_back_and_letting_go(client: Client, olu: Person, clock: Any) -> None:
    event, _ = event_with_people(1)
    args = "office_planned_hold", event.pk, "joining_instructions"
    assert "held back until you allow it to leave" in text_of(act(client, *args, do="hold"))
    assert rows(client, event)[1][3] == "Held back"
    assert send_planned_letters(JOINING_AT) == 0
    act(client, *args, do="let_go")
    assert rows(client, event)[1][3] == "Planned"
    assert send_planned_letters(JOINING_AT) == 1
    actions = AuditEntry.objects.filter(object_id=event.pk, actor_id=olu.pk).values_list("action", flat=True)
    assert sorted(actions) == ["planned letter held back: joining instructions", "planned letter let go: joining instructions"]


def test_one_person_is_held_back_and_let_go(client: Client, olu: Person) -> None:
    booking = BookingFactory()
    args = booking.event_id, "joining_instructions", booking.pk
    assert f"{booking.person.name} does not get it." in text_of(act(client, "office_planned_person", *args, do="hold"))
    assert "Held back" in text_of(page(client, booking.event))
    assert rows(client, booking.event)[1][2] == 0
    act(client, "office_planned_person", *args, do="let_go")
    assert not HeldBackLetter.objects.exists()
    assert client.post(reverse("office_planned_person", args=[bookable_event().pk, *args[1:]])).status_code == 404


def test_beside_the_letter_of_one_person_stands_how_to_hold_it_back_from_them_alone(client: Client, olu: Person) -> None:
    event, _ = event_with_people(2)
    booking = Booking.objects.filter(event=event).order_by("person__surname").last()
    assert booking
    name, chosen = booking.person.name, {"for": str(booking.pk)}
    shown = text_of(page(client, event, **chosen))
    assert ("Hold it back from everybody" in shown, f"Hold it back from {name}" in shown) == (True, True)
    answer = client.post(
        reverse("office_planned_person", args=[event.pk, "joining_instructions", booking.pk]), {"do": "hold"}, follow=True
    )
    assert answer.redirect_chain[-1][0].endswith(f"?for={booking.pk}#letter")
    assert f"As {name} reads it, from whom it is held back." in text_of(answer)
    assert f"Allow it to leave to {name}" in text_of(answer)


def test_an_event_gets_its_own_day_and_a_note(client: Client, olu: Person) -> None:
    booking = BookingFactory()
    values = sent_by(page(client, booking.event), days="7", note="Park behind the hall.")
    assert (values["days"], values["note"]) == ("7", "Park behind the hall.")
    address = reverse("office_event_planned", args=[booking.event_id, "joining_instructions"])
    shown = text_of(client.post(address, values, follow=True))
    assert "Saved. What is not written yet takes it." in shown
    assert "Park behind the hall." in shown
    assert rows(client, booking.event)[1][1] == "Tuesday 19 January 2027, 8am"
    assert "This event's own time" in text_of(tab(client, booking.event))
    assert sent_by(page(client, booking.event))["days"] == ["7"]


def test_a_note_that_is_too_long_is_said_to_be_and_not_cut(client: Client, olu: Person) -> None:
    """A browser cuts without a word what is pasted into a box with a maxlength."""
    event = BookingFactory().event
    assert "maxlength" not in page(client, event).content.decode().partition("<main")[2]
    long = "x" * 1001
    address = reverse("office_event_planned", args=[event.pk, "joining_instructions"])
    answer = client.post(address, sent_by(page(client, event), note=long))
    assert ("Write 1,000 letters at most." in text_of(answer), long in answer.content.decode()) == (True, True)
    assert not PlannedChange.objects.exists()


@pytest.mark.parametrize("kind", [kind for kind in PlannedKind.values if kind != PlannedKind.REGISTER])
def test_every_kind_takes_a_note(client: Client, olu: Person, clock: Any, kind: str) -> None:
    event, _ = event_with_people(1)
    make_missing_forms(AFTER)
    clock.move_to(AFTER)
    values = sent_by(page(client, event, kind), note="About the film.")
    shown = client.post(reverse("office_event_planned", args=[event.pk, kind]), values, follow=True)
    assert "Saved. What is not written yet takes it." in text_of(shown)
    assert PlannedChange.objects.get().note == "About the film."


@pytest.mark.parametrize("kind", FOR_EVERYBODY)
def test_nobody_alone_is_held_back_from_an_evaluation(client: Client, olu: Person, clock: Any, kind: str) -> None:
    event, [person] = event_with_people(1)
    make_missing_forms(AFTER)
    clock.move_to(AFTER)
    shown = text_of(page(client, event, kind))
    assert (person.name in shown, "Hold back<" in shown) == (True, False)
    assert "Hold back<" in text_of(page(client, event, "joining_instructions"))
    args = "office_planned_person", event.pk, kind, Booking.objects.get().pk
    assert "everybody is asked or nobody is" in text_of(act(client, *args, do="hold"))
    assert not HeldBackLetter.objects.exists()


@pytest.mark.parametrize(("kind", "days"), [("joining_instructions", "61"), ("did_not_attend", "1"), ("last_reminder", "soon")])
def test_a_day_that_can_not_be_is_refused(client: Client, olu: Person, kind: str, days: str) -> None:
    event = bookable_event()
    response = client.post(reverse("office_event_planned", args=[event.pk, kind]), {"days": days, "note": ""})
    assert (response.status_code, "There is a problem" in text_of(response)) == (200, True)
    assert not PlannedChange.objects.exists()


def test_sending_now_says_to_how_many_and_sends_only_by_post(client: Client, olu: Person) -> None:
    event, _ = event_with_people(2)
    address = reverse("office_planned_send", args=[event.pk, "joining_instructions"])
    assert "Send to 2 people" in text_of(client.get(address))
    assert not Message.objects.exists()
    assert "It leaves within a minute, to 2 people." in text_of(client.post(address, follow=True))
    assert Message.objects.filter(state=MessageState.WAITING).count() == 2
    assert "Nobody is left to write to." in text_of(client.get(address))
    assert "Everybody who is booked has had this already" in text_of(client.post(address, follow=True))


@pytest.mark.parametrize(
    ("managers", "sentence"),
    [(0, ""), (1, "The manager of 1 of them gets one too."), (2, "The managers of 2 of them get one too.")],
)
@pytest.mark.parametrize("kind", ["joining_instructions", "did_not_attend"])
@pytest.mark.parametrize("is_copied", [True, False])
def test_sending_now_says_that_managers_get_one_too(
    client: Client, olu: Person, clock: Any, managers: int, sentence: str, kind: str, is_copied: bool
) -> None:
    event, people = event_with_people(3)
    Booking.objects.filter(person__in=people[:managers]).update(manager_email="boss@school.example")
    copied = {"copies_manager": is_copied, "absence_to_manager": is_copied}
    MessageSettings.objects.update_or_create(partnership=event.lead_host, defaults=copied)
    if kind == "did_not_attend":
        take_register(session_of(event), dict.fromkeys(people, "absent"))
        clock.move_to(AFTER)
    address = reverse("office_planned_send", args=[event.pk, kind])
    shown, said = text_of(client.get(address)), sentence if is_copied else ""
    assert ("one too." in shown, said in shown) == (bool(said), True)
    client.post(address)
    assert Message.objects.filter(person=None).count() == (managers if is_copied else 0)
    assert Message.objects.exclude(person=None).count() == 3


def test_letters_of_absence_are_released_in_one_step(client: Client, olu: Person, clock: Any) -> None:
    event, [came, absent] = event_with_people(2)
    take_register(session_of(event), {came: "present", absent: "absent"})
    clock.move_to(AFTER)
    shown = text_of(page(client, event, "did_not_attend"))
    assert ("We missed you" in shown, absent.name in shown, came.name in shown) == (True, True, False)
    address = reverse("office_planned_send", args=[event.pk, "did_not_attend"])
    assert "Release to 1 person" in text_of(client.get(address))
    assert "to 1 person." in text_of(client.post(address, follow=True))
    assert [message.person for message in Message.objects.all()] == [absent]


def test_an_evaluation_is_previewed_and_asked_for_at_once(client: Client, olu: Person, clock: Any) -> None:
    event, [person] = event_with_people(1)
    assert "Once the event has its evaluation form" in text_of(page(client, event, "evaluation_asked"))
    make_missing_forms(AFTER)
    clock.move_to(AFTER)
    assert f"As {person.name} reads it." in text_of(page(client, event, "evaluation_asked"))
    address = reverse("office_planned_send", args=[event.pk, "evaluation_asked"])
    assert "Send to 1 person" in text_of(client.get(address))
    assert "to 1 person." in text_of(client.post(address, follow=True))
    assert [message.person for message in Message.objects.all()] == [person]


def test_the_letter_to_trainers_is_shown_and_can_be_held_back(client: Client, olu: Person, clock: Any) -> None:
    event, _ = event_with_people(1)
    teaches(event, forename="Tia")
    clock.move_to(AFTER)
    assert "Hello Tia," in text_of(page(client, event, "register_not_taken"))
    act(client, "office_planned_hold", event.pk, "register_not_taken", do="hold")
    assert rows(client, event)[2][3] == "Held back"
    assert client.get(reverse("office_planned_send", args=[event.pk, "register_not_taken"])).status_code == 404


def test_the_page_of_registers_says_what_became_of_the_letter_to_each_trainer(client: Client, olu: Person, clock: Any) -> None:
    event, _ = event_with_people(1)
    teaches(event, forename="Tia")
    morning = datetime(2027, 1, 27, 8, tzinfo=UTC)
    clock.move_to(morning)
    remind_trainers_of_registers(morning)
    [message] = Message.objects.filter(kind="register_not_taken")
    shown = text_of(page(client, event, "register_not_taken"))
    assert (reverse("office_message", args=[message.pk]) in shown, "Waits to be sent" in shown) == (True, True)
    assert rows(client, event)[2][3] == "1 on the way"
    Message.objects.update(state=MessageState.SENT, sent_at=morning)
    assert "Has it" in text_of(page(client, event, "register_not_taken"))
    assert rows(client, event)[2][3] == "Everybody has it"


def test_the_officers_day_and_the_event_say_what_joining_instructions_wait_for(client: Client, olu: Person, clock: Any) -> None:
    event, _ = event_with_people(1, title="Online neglect", format=Format.VIRTUAL, venue=None)
    words = "Joining instructions wait: add the joining link"
    overview = reverse("office_event", args=[event.pk])
    assert (words in text_of(client.get("/office/")), words in text_of(client.get(overview))) == (False, False)
    clock.move_to(JOINING_AT - timedelta(days=2))
    assert f"{words}: Online neglect" in text_of(client.get("/office/"))
    assert words in text_of(client.get(overview))
    Event.objects.update(joining_link="https://meet.example/a")
    assert (words in text_of(client.get("/office/")), words in text_of(client.get(overview))) == (False, False)


def test_the_officers_day_says_which_letters_of_absence_are_about_to_leave(client: Client, olu: Person, clock: Any) -> None:
    event, [came, *absent] = event_with_people(3, title="Recognising neglect")
    take_register(session_of(event), {came: "present", **dict.fromkeys(absent, "absent")})
    clock.move_to(AFTER)
    words = "2 letters of absence leave 29 Jan 2027, 8am: Recognising neglect, 26 Jan 2027"
    assert words in text_of(client.get("/office/"))
    act(client, "office_planned_hold", event.pk, "did_not_attend", do="hold")
    assert "of absence" not in text_of(client.get("/office/"))
    act(client, "office_planned_hold", event.pk, "did_not_attend", do="let_go")
    MessageSettings.objects.create(partnership=event.lead_host, absence_days=None)
    assert "2 letters of absence wait for you: Recognising neglect" in text_of(client.get("/office/"))


def test_a_letter_to_a_trainer_leads_to_its_event(client: Client, olu: Person) -> None:
    event, _ = event_with_people(1, title="Recognising neglect")
    for about in (f"event:{event.pk}", f"session:{session_of(event).pk}"):
        message = MessageFactory(about=about)
        shown = text_of(client.get(reverse("office_message", args=[message.pk])))
        assert "Recognising neglect, 26 Jan 2027" in shown
        assert message.subject in text_of(tab(client, event))


def test_did_she_get_it_and_what_did_it_say_takes_two_clicks(client: Client, olu: Person, clock: Any) -> None:
    booking = BookingFactory()
    clock.move_to(JOINING_AT)
    send_planned_letters(JOINING_AT)
    message = Message.objects.get(person=booking.person)
    address = reverse("office_message", args=[message.pk])
    person = text_of(client.get(reverse("office_person", args=[booking.person_id])))
    assert f'<a class="govuk-link" href="{address}">{message.subject}</a>' in person
    assert "This is how to take part in" in text_of(client.get(address))


def test_every_message_to_a_person_can_be_listed(client: Client, olu: Person) -> None:
    theirs = BookingFactory().person
    for _ in range(21):
        MessageFactory(person=theirs)
    MessageFactory()
    link = f"{reverse('office_messages')}?person={theirs.pk}"
    assert link in text_of(client.get(reverse("office_person", args=[theirs.pk])))
    listed = client.get(link)
    assert len(listed.context["page"]) == 21
    assert [tag["label"] for tag in listed.context["tags"]] == [f"to {theirs.name}"]
    assert len(client.get(f"{reverse('office_messages')}?person=nonsense").context["page"]) == 22


def test_the_partnership_sets_its_times_on_one_page(client: Client, olu: Person) -> None:
    assert TIMES in text_of(client.get("/office/partnership/"))
    values = sent_by(client.get(TIMES), first_reminder_days="", joining_days="7", leaves_at_hour="7", copies_manager="on")
    assert "Saved. Every message that is not written yet takes it." in text_of(client.post(TIMES, values, follow=True))
    settings = MessageSettings.of(PartnershipFactory())
    assert (settings.first_reminder_days, settings.joining_days, settings.last_reminder_days) == (None, 7, 1)
    assert (settings.leaves_at_hour, settings.copies_manager, settings.absence_to_manager) == (7, True, True)
    assert (settings.register_days, settings.absence_days) == (1, 2)
    assert settings.follow_up_days == 90


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"first_reminder_days": "1"}, "The first reminder must leave before the last one."),
        ({"joining_days": "many"}, "Joining instructions: write the number of days in digits"),
        ({"absence_days": "1"}, "Hold letters to people who did not attend: give 2 or more"),
        ({"leaves_at_hour": "3"}, "Choose an hour from the list."),
        ({"follow_up_days": "29"}, "Ask what became of it: give 30 or more, or leave it empty."),
        ({"follow_up_days": "211"}, "Ask what became of it: give 210 at most."),
    ],
)
def test_times_that_can_not_hold_are_refused(client: Client, olu: Person, changed: dict[str, str], sentence: str) -> None:
    response = client.post(TIMES, sent_by(client.get(TIMES), **changed))
    assert (response.status_code, sentence in text_of(response)) == (200, True)
    assert not MessageSettings.objects.exists()


def test_pages_cost_the_same_for_one_as_for_many(client: Client, olu: Person) -> None:
    event, _ = event_with_people(1)

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return len(seen)

    addresses = [
        reverse("office_event_messages", args=[event.pk]),
        reverse("office_event_planned", args=[event.pk, "joining_instructions"]),
        reverse("office"),
    ]
    one = [cost(address) for address in addresses]
    for _ in range(4):
        BookingFactory(event=event)
    assert [cost(address) for address in addresses] == one


def test_one_person_who_is_held_back_is_not_called_everybody(client: Client, olu: Person, clock: Any) -> None:
    event, _ = event_with_people(2)
    held = Booking.objects.filter(event=event).first()
    assert held
    act(client, "office_planned_person", event.pk, "joining_instructions", held.pk, do="hold")
    one = client.get(reverse("office_event_planned", args=[event.pk, "joining_instructions"]))
    assert "1 person; held back from 1" in text_of(one)
    assert send_planned_letters(JOINING_AT) == 1
    clock.move_to(JOINING_AT)
    Message.objects.update(state=MessageState.SENT, sent_at=JOINING_AT)
    assert rows(client, event)[1][3] == "Held back from 1 person"


@pytest.mark.parametrize("note", ["Dear {forename}", "An open { bracket", "A closed } one"])
def test_a_note_with_curly_brackets_is_refused(client: Client, olu: Person, note: str) -> None:
    event = BookingFactory().event
    answer = client.post(
        reverse("office_event_planned", args=[event.pk, "joining_instructions"]), sent_by(page(client, event), note=note)
    )
    assert (answer.status_code, "Take the curly brackets out" in text_of(answer)) == (200, True)
    assert not PlannedChange.objects.exists()


def test_the_events_history_says_that_a_letter_was_held_back_from_somebody_but_not_from_whom(client: Client, olu: Person) -> None:
    booking = BookingFactory()
    booking.person.forename = "Zebedee"
    booking.person.save()
    for do in ("hold", "let_go"):
        act(client, "office_planned_person", booking.event_id, "joining_instructions", booking.pk, do=do)
    shown = text_of(client.get(reverse("office_event_history", args=[booking.event_id])))
    for line in ("held back from one person", "let go to one person"):
        assert f"Planned letter {line}: joining instructions" in shown
    assert "Zebedee" not in shown
