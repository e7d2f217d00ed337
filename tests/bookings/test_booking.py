"""Who gets a place, and what the answer is when not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from bookings.models import Booking, BookingChange, BookingStatus, BookingTerms, InvitedPerson
from bookings.operations import book_place, cancel_booking
from core.models import AuditEntry
from core.refusals import Refused
from events.models import EventStatus
from events.queries import ends_at, starts_at
from people.models import AFFILIATION_FIELDS, Role
from tests.factories.bookings import BookingFactory, BookingTermsFactory, bookable_event
from tests.factories.events import EventFactory
from tests.factories.people import GrantFactory, OrganisationFactory, OtherPartnershipFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db


def book(event, at, person=None, by="self", **fields) -> Booking:
    person = person or PersonFactory()
    return book_place(event=event, person=person, by=person if by == "self" else by, at=at, **fields)


def refusal(action, *args, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        action(*args, **kwargs)
    return refused.value.code


def closed_event(**fields):
    return bookable_event(is_closed=True, neutral_title="A learning event", **fields)


@pytest.mark.both_databases
def test_somebody_who_books_has_a_place(at):
    booking = book(bookable_event(), at)
    assert (booking.status, booking.queue_number, booking.booked_at) == (BookingStatus.CONFIRMED, None, at)
    assert booking.booked_by == booking.person


@pytest.mark.both_databases
def test_a_full_event_puts_the_next_people_on_the_waiting_list_in_order(at):
    event = bookable_event(places=1)
    statuses = [(booking.status, booking.queue_number) for booking in [book(event, at) for _ in range(3)]]
    assert statuses == [(BookingStatus.CONFIRMED, None), (BookingStatus.WAITING, 1), (BookingStatus.WAITING, 2)]


def test_an_offered_place_is_a_taken_place(at):
    event = bookable_event(places=1)
    BookingFactory(event=event, status=BookingStatus.OFFERED)
    assert book(event, at).status == BookingStatus.WAITING


def test_a_booking_that_has_ended_takes_no_place(at):
    event = bookable_event(places=1)
    for status in (BookingStatus.DECLINED, BookingStatus.NOT_PLACED, BookingStatus.LAPSED):
        BookingFactory(event=event, status=status)
    BookingFactory(event=event, status=BookingStatus.CANCELLED, cancelled_by="delegate")
    assert book(event, at).status == BookingStatus.CONFIRMED


def test_a_booking_remembers_where_the_person_worked(at):
    person = PersonFactory()
    kept = {field: getattr(person, field) for field in AFFILIATION_FIELDS}
    booking = book(bookable_event(), at, person)
    person.organisation = OrganisationFactory()
    person.job_role = "Head teacher"
    person.save()
    booking.refresh_from_db()
    assert {field: getattr(booking, field) for field in AFFILIATION_FIELDS} == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [({}, "boss@school.example"), ({"manager_email": ""}, ""), ({"manager_email": "x@y.example"}, "x@y.example")],
)
def test_the_manager_is_the_one_of_the_profile_unless_said_otherwise(at, given, kept):
    person = PersonFactory(manager_email="boss@school.example")
    assert book(bookable_event(), at, person, **given).manager_email == kept


def test_every_booking_leaves_its_history_and_its_trail(at):
    person = PersonFactory()
    booking = book(bookable_event(), at, person)
    change = BookingChange.objects.get()
    assert (change.booking, change.by, change.at) == (booking, person, at)
    assert (change.from_status, change.to_status, change.rule_set_aside) == ("", "confirmed", "")
    assert AuditEntry.objects.get(action="booking confirmed").changes == {"status": ["", "confirmed"]}


@pytest.mark.both_databases
def test_the_same_person_has_one_live_booking_however_often_they_press(at):
    event, person = bookable_event(), PersonFactory()
    book(event, at, person)
    assert refusal(book, event, at, person) == "already_booked"
    assert Booking.objects.count() == BookingChange.objects.count() == 1


def test_somebody_who_waits_can_not_wait_twice(at):
    event, person = bookable_event(places=1), PersonFactory()
    book(event, at)
    book(event, at, person)
    assert refusal(book, event, at, person) == "already_booked"


def test_somebody_who_cancelled_may_book_again(at):
    event, person = bookable_event(), PersonFactory()
    first = book(event, at, person)
    cancel_booking(booking=first, cancelled_by="delegate", by=person, at=at)
    again = book(event, at, person)
    assert again.pk != first.pk
    assert again.status == BookingStatus.CONFIRMED


@pytest.mark.both_databases
def test_the_database_itself_holds_one_live_booking_for_a_person_and_event():
    booking = BookingFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        BookingFactory(event=booking.event, person=booking.person, status=BookingStatus.WAITING, queue_number=1)
    BookingFactory(event=booking.event, person=booking.person, status=BookingStatus.DECLINED)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "fields",
    [
        {"status": BookingStatus.WAITING},
        {"status": "asleep"},
        {"status": BookingStatus.CANCELLED},
        {"cancelled_by": "delegate"},
    ],
)
def test_the_database_refuses_a_booking_that_contradicts_itself(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        BookingFactory(**fields)


@pytest.mark.both_databases
def test_the_database_refuses_a_number_of_the_queue_twice():
    event = bookable_event()
    BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)


@pytest.mark.parametrize(
    ("make", "moment", "code"),
    [
        (lambda: bookable_event(), ends_at, "past"),
        (lambda: bookable_event(sessions=2), starts_at, "started"),
        (lambda: bookable_event(status=EventStatus.CANCELLED), None, "cancelled"),
        (lambda: bookable_event(status=EventStatus.DRAFT), None, "not_published"),
        (lambda: EventFactory(), None, "not_bookable"),
    ],
)
def test_what_can_not_be_booked_says_why(at, make, moment, code):
    event = make()
    assert refusal(book, event, moment(event) if moment else at) == code
    assert Booking.objects.count() == 0


def test_the_last_second_before_the_start_is_soon_enough(at):
    event = bookable_event()
    assert book(event, starts_at(event) - timedelta(seconds=1)).status == BookingStatus.CONFIRMED


def test_what_counts_is_the_event_as_it_is_and_not_as_the_page_had_it(at):
    event = bookable_event()
    stale = type(event).objects.get(pk=event.pk)
    event.status = EventStatus.CANCELLED
    event.save()
    assert refusal(book, stale, at) == "cancelled"


def test_booking_opens_and_closes_to_the_second(at):
    event = bookable_event(terms={"opens_at": at, "closes_at": at + timedelta(hours=1)})
    second = timedelta(seconds=1)
    assert refusal(book, event, at - second) == "not_open_yet"
    assert book(event, at).status == BookingStatus.CONFIRMED
    assert book(event, at + timedelta(hours=1) - second).status == BookingStatus.CONFIRMED
    assert refusal(book, event, at + timedelta(hours=1)) == "closed"


def test_a_refusal_says_when_and_whom_to_ask(at):
    event = bookable_event(terms={"closes_at": at})
    with pytest.raises(Refused) as refused:
        book(event, at)
    assert str(refused.value) == (
        "Booking closed on Monday 11 January 2027 at 9am. "
        "Write to training@riverside.example to ask whether there is still a place for you."
    )


@pytest.mark.both_databases
def test_a_closed_event_is_for_invited_addresses(at):
    event, invited = closed_event(), PersonFactory(address="Invited@school.example")
    InvitedPerson.objects.create(event=event, address="invited@school.example")
    assert book(event, at, invited).status == BookingStatus.CONFIRMED
    assert refusal(book, event, at) == "not_invited"


def test_an_address_that_was_not_proved_opens_no_closed_event(at):
    event, person = closed_event(), PersonFactory()
    InvitedPerson.objects.create(event=event, address="head@school.example")
    EmailAddress.objects.create(user=person, email="head@school.example", verified=False, primary=False)
    assert refusal(book, event, at, person) == "not_invited"
    assert book(event, at, person, by=officer()).status == BookingStatus.CONFIRMED


def test_a_full_event_without_a_waiting_list_says_so(at):
    event = bookable_event(places=2, terms={"has_waiting_list": False})
    book(event, at)
    book(event, at)
    with pytest.raises(Refused) as refused:
        book(event, at)
    assert (refused.value.code, str(refused.value).split(".")[0]) == (
        "full",
        "All 2 places are taken, and this event has no waiting list",
    )


def test_an_officer_goes_over_a_rule_with_a_reason_that_is_kept(at):
    event = closed_event(terms={"closes_at": at})
    booking = book(event, at, by=officer(), rule_set_aside=True, reason="Her manager rang")
    change = BookingChange.objects.get(booking=booking)
    assert (change.rule_set_aside, change.reason) == ("closed,not_invited", "Her manager rang")


def test_where_no_rule_was_in_the_way_none_was_gone_over(at):
    booking = book(bookable_event(), at, by=officer(), rule_set_aside=True, reason="To be sure")
    assert BookingChange.objects.get(booking=booking).rule_set_aside == ""


def test_going_over_a_rule_needs_a_reason(at):
    event = bookable_event(terms={"closes_at": at})
    assert refusal(book, event, at, by=officer(), rule_set_aside=True, reason=" ") == "no_reason"


@pytest.mark.both_databases
def test_nobody_goes_over_the_number_of_places(at):
    event = bookable_event(places=1, terms={"has_waiting_list": False})
    book(event, at)
    assert refusal(book, event, at, by=officer(), rule_set_aside=True, reason="She must come") == "full"
    BookingTerms.objects.update(has_waiting_list=True)
    assert book(event, at, by=officer(), rule_set_aside=True, reason="She must come").status == BookingStatus.WAITING


@pytest.mark.parametrize(("make", "moment"), [(lambda: bookable_event(), starts_at), (lambda: EventFactory(), None)])
def test_some_rules_are_for_officers_too(at, make, moment):
    event = make()
    moment = moment(event) if moment else at
    assert refusal(book, event, moment, by=officer(), rule_set_aside=True, reason="Because") in ("started", "not_bookable")


def test_a_practitioner_can_not_book_for_somebody_else_or_go_over_a_rule(at):
    event, person = bookable_event(terms={"closes_at": at}), PersonFactory()
    assert refusal(book, event, at, by=PersonFactory()) == "not_allowed"
    assert refusal(book, event, at, person, rule_set_aside=True, reason="I want to") == "not_allowed"


def test_an_officer_of_another_partnership_can_not_book_here(at):
    elsewhere = GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory()).person
    assert refusal(book, bookable_event(), at, by=elsewhere) == "not_allowed"


def test_an_officer_books_for_somebody_without_an_address(at):
    by, person = officer(), PersonFactory(address__none=True)
    booking = book(bookable_event(), at, person, by=by)
    assert (booking.status, booking.person, booking.booked_by) == (BookingStatus.CONFIRMED, person, by)


def test_nobody_walks_past_those_who_wait(at):
    """A place that became free outside our operations goes to the first in line, not to whoever presses next."""
    event = bookable_event(places=1)
    first = book(event, at)
    waiting = book(event, at)
    Booking.objects.filter(pk=first.pk).update(status=BookingStatus.DECLINED)
    late = book(event, at)
    waiting.refresh_from_db()
    assert (waiting.status, late.status) == (BookingStatus.CONFIRMED, BookingStatus.WAITING)


@pytest.mark.both_databases
def test_the_number_of_the_queue_is_never_used_twice(at):
    event = bookable_event(places=1)
    people = [PersonFactory() for _ in range(3)]
    bookings = [book(event, at, person) for person in people]
    cancel_booking(booking=bookings[2], cancelled_by="delegate", by=people[2], at=at)
    assert book(event, at, people[2]).queue_number == 3


def test_terms_without_an_event_that_is_published_promise_nothing(at):
    terms = BookingTermsFactory(event=EventFactory(status=EventStatus.DRAFT))
    assert refusal(book, terms.event, at, by=officer(), rule_set_aside=True, reason="Early") == "not_published"
