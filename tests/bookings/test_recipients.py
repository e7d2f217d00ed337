"""No message reaches anybody but its delegate, their manager or deputy, or who booked for somebody without an address.

Everybody's names and addresses carry a number of their own, so each message says of itself whose data it holds.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from bookings import due
from bookings.models import Booking, ManagerRole
from bookings.needs import Needs
from bookings.operations import (
    accept_offer,
    approve_booking,
    ask_somebody_else,
    book_place,
    cancel_bookable_event,
    cancel_booking,
    change_bookable_event,
    change_message_settings,
    change_terms,
    decline_booking,
    decline_offer,
    hold_places,
    substitute,
    transfer,
)
from core.refusals import Refused
from events.models import Event, EventStatus, Session
from events.operations import SessionTimes
from notifications.models import Message
from people.models import Grant, Partnership, Person, Role
from registers import due as registers_due
from registers.operations import close_register, mark
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.notifications import MessageFactory
from tests.factories.people import GrantFactory, OrganisationFactory, PartnershipFactory, PersonFactory, officer
from tests.factories.registers import teaches

pytestmark = pytest.mark.django_db

BEGINS = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
FIRST_START = datetime(2027, 2, 16, 9, 30, tzinfo=UTC)
A_DAY = timedelta(days=1)
BOOKINGS_OF_A_WORLD = 100
NAMES = re.compile(r"Qx(\d+)z")
ADDRESSES = re.compile(r"(?:p|m|d|new)(\d+)@school\.example")
TEAM = "training@riverside.example"


class World:
    """Four events of different rules, people of two agencies, their managers and training leads, and whatever happens to them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = BEGINS
        self.number = 0
        PartnershipFactory()
        change_message_settings(partnership=Partnership.objects.get(), by=None, at=self.now, copies_manager=True)
        self.agencies = [OrganisationFactory(), OrganisationFactory()]
        self.leads = [self.lead(agency) for agency in self.agencies]
        self.officer = officer(**self.name())
        self.events = list(self.make_events())
        self.people = [self.person() for _ in range(BOOKINGS_OF_A_WORLD // 2)]

    def name(self) -> dict[str, str]:
        self.number += 1
        return {"forename": f"Fn Qx{self.number}z", "surname": f"Qx{self.number}z", "address": f"p{self.number}@school.example"}

    def lead(self, agency: object) -> Person:
        person = PersonFactory(organisation=agency, **self.name())
        GrantFactory(person=person, role=Role.TRAINING_LEAD, organisation=agency)
        return person

    def person(self) -> Person:
        fields: dict[str, object] = dict(self.name())
        if self.random.random() < 0.15:
            del fields["address"]
            fields["address__none"] = True
        manager = f"m{self.number}@school.example"
        return PersonFactory(organisation=self.random.choice(self.agencies), manager_email=manager, **fields)

    def make_events(self) -> Iterator[Event]:
        rules = [
            {"manager_role": ManagerRole.APPROVES},
            {"manager_role": ManagerRole.TOLD},
            {"manager_role": ManagerRole.NOBODY, "confirm_until_days": 1100, "offer_hours": 4},
            {"manager_role": ManagerRole.TOLD, "minimum": 3},
        ]
        course = None
        for number, terms in enumerate(rules):
            start = FIRST_START + number * A_DAY
            shared = {"course": course} if course else {}
            event = bookable_event(places=8, first_start=start, sessions=number % 2 + 1, terms=terms, **shared)
            course = event.course
            teaches(event, **self.name())
            yield event

    def run(self) -> None:
        for _ in range(BOOKINGS_OF_A_WORLD):
            self.attempt(self.book)
            self.attempt(self.random.choice(self.what_happens()))
            if self.random.random() < 0.1:
                self.let_time_pass(timedelta(hours=self.random.choice([3, 30, 100])))
        self.attempt(self.call_one_off)
        while self.now < FIRST_START + 14 * A_DAY:
            self.let_time_pass(2 * A_DAY)
            self.attempt(self.take_a_register)

    def attempt(self, action: Callable[[], object]) -> None:
        with suppress(Refused):
            action()

    def what_happens(self) -> list[Callable[[], object]]:
        often = [self.cancel, self.answer, self.substitute, self.transfer, self.decide_on_offer]
        return [*often, *often, *often, self.ask_somebody_else, self.resize, self.change_an_event, self.hold]

    def book(self) -> None:
        person = self.random.choice(self.people)
        lead = self.leads[self.agencies.index(person.organisation)]
        by = self.random.choice([lead, self.officer] if person.main_address() == "" else [person, person, lead, self.officer])
        number = NAMES.findall(person.surname)[0]
        book_place(
            event=self.random.choice(self.events),
            person=person,
            by=by,
            at=self.now,
            deputy_email=self.random.choice(["", f"d{number}@school.example"]),
            needs=Needs(access_other=f"A lift, Need{number}"),
        )

    def booking(self, *states: str) -> Booking:
        live = Booking.objects.live().filter(**({"status__in": states} if states else {}))
        found = list(live.select_related("event__lead_host", "person").order_by("booked_at", "pk"))
        if not found:
            raise Refused("Nobody", code="nobody")
        return self.random.choice(found)

    def cancel(self) -> None:
        who = self.random.choice(["delegate", "manager", "organiser"])
        cancel_booking(booking=self.booking(), cancelled_by=who, by=self.officer, at=self.now, reason="Rang.")

    def answer(self) -> None:
        answer = self.random.choice([approve_booking, approve_booking, decline_booking])
        approver = self.random.choice(["manager", "deputy"])
        answer(request=self.booking("awaiting_approval").approval, approver=approver, by=None, at=self.now, reason="No.")

    def ask_somebody_else(self) -> None:
        booking = self.booking("awaiting_approval")
        number = NAMES.findall(booking.person.surname)[0]
        manager, deputy = f"new{number}@school.example", f"d{number}@school.example"
        request = booking.approval
        ask_somebody_else(request=request, manager_email=manager, deputy_email=deputy, by=self.officer, at=self.now)

    def substitute(self) -> None:
        booking = self.booking("confirmed")
        colleague = self.random.choice([one for one in self.people if one.organisation_id == booking.organisation_id])
        substitute(booking=booking, person=colleague, by=self.officer, at=self.now)

    def transfer(self) -> None:
        to_event = self.random.choice(self.events)
        transfer(
            booking=self.booking("confirmed"),
            to_event=to_event,
            by=self.officer,
            at=self.now,
            reason="Rang.",
            rule_set_aside=True,
        )

    def decide_on_offer(self) -> None:
        booking = self.booking("offered")
        self.random.choice([accept_offer, decline_offer])(booking=booking, by=booking.person, at=self.now)

    def resize(self) -> None:
        change_terms(event=self.random.choice(self.events), by=None, at=self.now, booking_limit=self.random.randint(4, 12))

    def change_an_event(self) -> None:
        event = Event.objects.get(pk=self.random.choice(self.events).pk)
        times = [SessionTimes(one.starts_at + timedelta(minutes=15), one.ends_at) for one in event.sessions.all()]
        change_bookable_event(event=event, sessions=times[: self.random.randint(1, 2)], by=self.officer, at=self.now)

    def hold(self) -> None:
        fields = {"kind": "unnamed", "until": (FIRST_START - 5 * A_DAY).date(), "by": self.officer, "at": self.now}
        hold_places(event=self.events[1], places=1, organisation=self.agencies[0], **fields)

    def call_one_off(self) -> None:
        cancel_bookable_event(event=self.random.choice(self.events), reason="Ill.", by=self.officer, at=self.now)

    def take_a_register(self) -> None:
        sessions = list(Session.objects.filter(event=self.random.choice(self.events)).select_related("event__lead_host"))
        if sessions[-1].ends_at > self.now or sessions[0].event.status != EventStatus.PUBLISHED:
            return
        for session in sessions:
            for booking in Booking.objects.filter(event=session.event, status="confirmed").select_related("person"):
                value = self.random.choice(["present", "absent"])
                mark(session=session, person=booking.person, value=value, version=0, by=None, at=self.now)
            close_register(session=session, by=None, at=self.now)

    def let_time_pass(self, time: timedelta) -> None:
        self.now += time
        for work in (
            due.remind_approvers,
            due.lapse_requests,
            due.lapse_offers,
            due.remind_of_holds,
            due.release_holds,
            due.end_requests_of_started_events,
            due.end_waiting_for_started_events,
            due.promote_waiting,
            due.send_planned_letters,
            registers_due.send_letters_of_absence,
            registers_due.remind_trainers_of_registers,
        ):
            work(self.now)


def strays() -> list[str]:
    """What is wrong with any message there is: it reaches somebody, or speaks of somebody, it has no business with."""
    bookings = {one.about: one for one in Booking.objects.select_related("person", "booked_by", "replaces__person")}
    chains = _swapped_with(bookings.values())
    leads = {grant.person.main_address() for grant in Grant.objects.filter(role=Role.TRAINING_LEAD).select_related("person")}
    found = []
    for message in Message.objects.select_related("person"):
        said = " ".join([message.subject, message.text, json.dumps(message.values), message.calendar.replace("\r\n ", "")])
        booking = bookings.get(message.about)
        if booking is None:
            is_expected = message.to_address in leads if message.about.startswith("hold:") else _is_to_its_person(message)
            named, may_name = _numbers(said), _numbers(message.to_address)
        else:
            is_expected = message.to_address in _recipients(booking)
            booker = booking.booked_by
            may_name = _numbers(booking.person.surname) | chains[booking.about]
            named = _numbers(said) - (_numbers(booker.surname) if booker and message.person_id else set())
        if not is_expected or not named <= may_name or "Need" in said:
            found.append(f"{message.kind} to {message.to_address} about {message.about}: {named - may_name}")
    return found


def _recipients(booking: Booking) -> set[str]:
    """The delegate or, without an address, who booked; and whoever is or was named as this booking's manager or deputy."""
    [number] = _numbers(booking.person.surname)
    own, booker = booking.person.main_address(), booking.booked_by
    for_them = own or (booker.main_address() if booker else "")
    return {for_them} | {f"{who}{number}@school.example" for who in ("m", "d", "new")}


def _is_to_its_person(message: Message) -> bool:
    return message.person is not None and message.to_address == message.person.main_address()


def _swapped_with(bookings: object) -> dict[str, set[str]]:
    """By booking: who had the place before, and who took it over."""
    found: dict[str, set[str]] = {}
    for one in bookings:  # type: ignore[attr-defined]
        found.setdefault(one.about, set())
        if one.replaces is not None:
            found[one.about] |= _numbers(one.replaces.person.surname)
            found.setdefault(one.replaces.about, set()).update(_numbers(one.person.surname))
    return found


def _numbers(text: str) -> set[str]:
    return set(NAMES.findall(text)) | set(ADDRESSES.findall(text))


def check(bookings: int) -> set[str]:
    """Worlds until so many bookings were made in all, each taken back when it was looked at. Which kinds were written."""
    kinds: set[str] = set()
    made = seed = 0
    while made < bookings:
        seed += 1
        with transaction.atomic():
            World(seed).run()
            assert strays() == []
            kinds |= set(Message.objects.values_list("text_kind", flat=True))
            made += Booking.objects.count()
            transaction.set_rollback(True)
    return kinds


def test_a_hundred_random_bookings_write_to_nobody_else():
    assert len(check(100)) >= 20


@pytest.mark.slow
def test_ten_thousand_random_bookings_write_to_nobody_else():
    check(10_000)


@pytest.mark.parametrize(
    "stray",
    [
        {"to_address": "p2@school.example"},
        {"to_address": "m2@school.example"},
        {"to_address": "lead@school.example"},
        {"text": "Qx2z comes too."},
        {"values": {"asked": "Qx2z"}},
        {"calendar": "ATTENDEE:mailto:p2@sc\r\n hool.example", "calendar_method": "REQUEST"},
        {"text": "A lift, Need1"},
    ],
)
def test_a_message_that_goes_or_speaks_astray_is_found(stray):
    booking = BookingFactory(person=PersonFactory(surname="Qx1z", address="p1@school.example"))
    BookingFactory(person=PersonFactory(surname="Qx2z", address="p2@school.example"), event=booking.event)
    right = {"about": booking.about, "person": booking.person, "to_address": "p1@school.example", "text": "For Qx1z."}
    MessageFactory(**right)
    assert strays() == []
    MessageFactory(**right | stray)
    assert len(strays()) == 1
