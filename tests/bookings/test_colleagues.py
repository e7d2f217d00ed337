"""A training lead books several people of their agency at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import OperationalError, connection

from bookings.conditions import broken
from bookings.foreseeing import foresee
from bookings.models import Booking, BookingStatus, BookingTerms, Condition, ConditionKind, Hold, HoldKind, ManagerRole
from bookings.operations import Colleague, Outcome, book_colleagues, hold_places
from bookings.operations.colleagues import AT_ONCE
from core.clock import london_date
from events.models import Event
from notifications.models import Message
from people.models import Grant, Person, Role
from tests.factories.agency import colleague_of, lead_of
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import LevelFactory
from tests.factories.people import GrantFactory, OrganisationFactory, OtherPartnershipFactory, PersonFactory, officer
from tests.tools.processes import shared_database, start_together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def book(event: Event, grant: Grant, *people: Person | Colleague, at: datetime, holds: Sequence[Hold] = ()) -> list[Outcome]:
    colleagues = [one if isinstance(one, Colleague) else Colleague(person=one) for one in people]
    assert grant.organisation is not None
    return book_colleagues(
        event=event,
        people=colleagues,
        organisation=grant.organisation,
        partnership=grant.partnership,
        holds=holds,
        by=grant.person,
        at=at,
    )


def words(outcomes: list[Outcome]) -> list[str]:
    return [str(one.booking.status) if one.booking else one.refused.code for one in outcomes if one.booking or one.refused]


def seen(event: Event, grant: Grant, *colleagues: Colleague, holds: Sequence[Hold] = ()) -> list[tuple[str, int | None]]:
    terms = BookingTerms.objects.get(event=event)
    assert grant.organisation is not None
    lines = foresee(event, terms, colleagues, organisation=grant.organisation, holds=holds, by=grant.person)
    return [(line.fate, line.position) for line in lines]


def test_they_are_booked_in_the_order_given_and_the_rest_wait(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(places=2)
    people = [colleague_of(grant) for _ in range(4)]
    outcomes = book(event, grant, *people, at=at)
    assert words(outcomes) == ["confirmed", "confirmed", "waiting", "waiting"]
    assert [one.booking and one.booking.queue_number for one in outcomes] == [None, None, 1, 2]
    assert set(Booking.objects.values_list("booked_by", flat=True)) == {grant.person_id}
    assert Message.objects.count() == 4


def test_a_group_does_not_walk_past_those_who_wait(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(places=1)
    BookingFactory(event=event)
    BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)
    BookingTerms.objects.filter(event=event).update(queue_counter=1, booking_limit=2)
    assert words(book(event, grant, colleague_of(grant), at=at)) == ["waiting"]
    assert Booking.objects.filter(event=event, status=BookingStatus.CONFIRMED).count() == 2


def test_one_who_is_refused_leaves_the_others_as_they_are(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(places=5)
    elsewhere, booked = PersonFactory(), colleague_of(grant)
    BookingFactory(event=event, person=booked)
    outcomes = book(event, grant, colleague_of(grant), elsewhere, booked, colleague_of(grant), at=at)
    assert words(outcomes) == ["confirmed", "not_allowed", "already_booked", "confirmed"]


def test_the_same_list_sent_twice_books_nobody_twice(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(places=5)
    people = [colleague_of(grant), Colleague(address="new@school.example", forename="Nina", surname="New")]
    assert words(book(event, grant, *people, at=at)) == ["confirmed", "confirmed"]
    assert words(book(event, grant, *people, at=at)) == ["already_booked", "already_booked"]
    assert (Booking.objects.count(), EmailAddress.objects.filter(email="new@school.example").count()) == (2, 1)


def test_an_address_that_nobody_has_becomes_a_person_of_the_agency(at: datetime) -> None:
    grant, event = lead_of(), bookable_event()
    (outcome,) = book(
        event, grant, Colleague(address="nina@school.example", forename="Nina", surname="New", job_role="Nurse"), at=at
    )
    person = Person.objects.get(surname="New")
    assert outcome.booking is not None
    assert (person.organisation, person.job_role, person.profile_done_at) == (grant.organisation, "Nurse", None)
    assert outcome.booking.organisation == grant.organisation


def test_a_new_person_is_not_kept_where_the_booking_is_refused(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(places=1, terms={"has_waiting_list": False})
    BookingFactory(event=event)
    assert words(book(event, grant, Colleague(address="n@school.example", forename="N", surname="New"), at=at)) == ["full"]
    assert Person.objects.filter(surname="New").exists() is False


def test_a_name_is_needed_for_somebody_new(at: datetime) -> None:
    grant, event = lead_of(), bookable_event()
    assert words(book(event, grant, Colleague(address="n@school.example"), at=at)) == ["forename_missing"]


def test_a_lead_books_nobody_for_an_event_that_their_partnership_does_not_host(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(lead_host=OtherPartnershipFactory())
    assert words(book(event, grant, colleague_of(grant), at=at)) == ["not_allowed"]


def test_a_lead_whose_role_has_ended_books_nobody(at: datetime) -> None:
    grant, event = lead_of(), bookable_event()
    Grant.objects.filter(pk=grant.pk).update(ended_at=at)
    assert words(book(event, grant, colleague_of(grant), at=at)) == ["not_allowed"]


def test_the_leads_booking_is_the_agencys_approval_and_the_manager_is_told(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    person = colleague_of(grant, manager_email="boss@school.example")
    assert words(book(event, grant, person, at=at)) == ["confirmed"]
    assert sorted(Message.objects.values_list("kind", flat=True)) == ["booking_confirmed", "manager_told_of_booking"]


def test_held_places_are_named_first_and_then_others_are_taken(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(places=4)
    hold = hold_places(
        event=event,
        places=2,
        until=london_date(at),
        kind=HoldKind.UNNAMED,
        organisation=grant.organisation,
        by=grant.person,
        at=at,
    )
    people = [colleague_of(grant) for _ in range(3)]
    assert seen(event, grant, *[Colleague(person=one) for one in people], holds=[hold]) == [
        ("held_place", None),
        ("held_place", None),
        ("place", None),
    ]
    outcomes = book(event, grant, *people, at=at, holds=[hold])
    assert [one.booking and one.booking.hold for one in outcomes] == [hold, hold, None]


def test_what_is_foreseen_is_what_happens(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(places=3)
    Condition.objects.create(event=event, kind=ConditionKind.AGENCY_LIMIT, number=5)
    booked, gone = colleague_of(grant), colleague_of(grant, is_active=False)
    BookingFactory(event=event, person=booked)
    new = [Colleague(address=f"new{n}@school.example", forename="New", surname=str(n)) for n in range(4)]
    stranger = PersonFactory(address="else@where.example")
    lines = [Colleague(person=booked), Colleague(address="else@where.example"), Colleague(person=gone), *new]
    lines += [Colleague(person=colleague_of(grant)), Colleague(address="new0@school.example")]
    expected = [("has_booking", None), ("elsewhere", None), ("elsewhere", None), ("place", None), ("place", None)]
    assert seen(event, grant, *lines) == [*expected, ("queue", 1), ("queue", 2), ("refused", None)]
    assert words(book(event, grant, *new, lines[7], at=at)) == ["confirmed", "confirmed", "waiting", "waiting", "agency_full"]
    assert Booking.objects.filter(person=stranger).exists() is False


def test_a_clash_with_another_booking_is_foreseen_and_books_all_the_same(at: datetime) -> None:
    grant, event, other = lead_of(), bookable_event(), bookable_event(title="The same day")
    person = colleague_of(grant)
    clash = BookingFactory(event=other, person=person)
    BookingFactory(event=bookable_event(first_start=datetime(2027, 2, 1, 9, tzinfo=at.tzinfo)), person=person)
    assert grant.organisation is not None
    (line,) = foresee(
        event,
        BookingTerms.objects.get(event=event),
        [Colleague(person=person)],
        organisation=grant.organisation,
        by=grant.person,
    )
    assert (line.fate, line.clashes) == ("place", [clash])


def test_everything_that_stands_in_the_way_of_somebody_is_said(at: datetime) -> None:
    grant, event = lead_of(), bookable_event()
    person = colleague_of(grant)
    Condition.objects.create(event=event, kind=ConditionKind.LEVEL, level=LevelFactory())
    Condition.objects.create(event=event, kind=ConditionKind.PARTNERS_ONLY)
    terms = BookingTerms.objects.get(event=event)
    (line,) = foresee(event, terms, [Colleague(person=person)], organisation=grant.organisation, by=grant.person)
    every = [str(refused) for refused in broken(event, person, reader=grant.person)]
    assert (line.fate, len(every)) == ("refused", 2)
    assert all(reason.partition(" Write to ")[0] in line.reason for reason in every)
    assert line.reason.count("Write to") == 1


def test_of_somebody_new_there_is_nothing_to_change(at: datetime) -> None:
    grant, event = lead_of(), bookable_event()
    Condition.objects.create(event=event, kind=ConditionKind.JOB_ROLE, job_roles="Midwife")
    terms = BookingTerms.objects.get(event=event)
    new = [Colleague(address="new@school.example")]
    (line,) = foresee(event, terms, new, organisation=grant.organisation, by=grant.person)
    assert line.reason.startswith("For people whose job role is Midwife. Write to ")


def test_of_somebody_new_it_is_said_that_their_agency_has_no_place_left(at: datetime) -> None:
    grant, event = lead_of(), bookable_event()
    Condition.objects.create(event=event, kind=ConditionKind.AGENCY_LIMIT, number=1)
    terms = BookingTerms.objects.get(event=event)
    two = [Colleague(address="new@school.example"), Colleague(address="newer@school.example")]
    first, second = foresee(event, terms, two, organisation=grant.organisation, by=grant.person)
    assert (first.fate, "Their agency has used them" in second.reason) == ("place", True)


def test_a_closed_event_is_for_those_who_are_invited(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(is_closed=True, neutral_title="Learning event")
    assert seen(event, grant, Colleague(person=colleague_of(grant)), Colleague(address="n@school.example")) == [
        ("refused", None),
        ("refused", None),
    ]


def test_nothing_of_somebody_elsewhere_is_told(at: datetime) -> None:
    grant, event = lead_of(), bookable_event()
    PersonFactory(forename="Secret", address="else@where.example")
    assert grant.organisation is not None
    (line,) = foresee(
        event,
        BookingTerms.objects.get(event=event),
        [Colleague(address="else@where.example")],
        organisation=grant.organisation,
        by=grant.person,
    )
    assert (line.colleague.name, line.reason, line.booking, line.clashes) == ("else@where.example", "", None, [])


@pytest.mark.parametrize("count", [3, 200])
def test_foreseeing_takes_the_same_number_of_queries_however_many_there_are(count: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    grant, event = lead_of(), bookable_event()
    Condition.objects.create(event=event, kind=ConditionKind.AGENCY_LIMIT, number=500)
    Condition.objects.create(event=event, kind=ConditionKind.PARTNERS_ONLY)
    people = [Colleague(person=colleague_of(grant)) for _ in range(count // 2)]
    people += [Colleague(address=f"n{n}@school.example") for n in range(count - len(people))]
    terms = BookingTerms.objects.get(event=event)
    fresh = Event.objects.get(pk=event.pk)
    assert grant.organisation is not None
    with django_assert_num_queries(13):
        foresee(fresh, terms, people, organisation=grant.organisation, by=grant.person)


LEAD = """
import os
from datetime import datetime
from bookings.operations import Colleague, book_colleagues
from events.models import Event
from people.models import Grant, Person
grant = Grant.objects.select_related("organisation", "partnership", "person").get(pk=os.environ["GRANT"])
people = list(Person.objects.filter(organisation=grant.organisation).exclude(pk=grant.person_id).order_by("surname"))
event = Event.objects.get(pk=os.environ["EVENT"])
together()
book_colleagues(
    event=event, people=[Colleague(person=one) for one in people], organisation=grant.organisation,
    partnership=grant.partnership, by=grant.person, at=datetime.fromisoformat(os.environ["AT"]),
)
"""


@pytest.mark.django_db(transaction=True)
def test_two_leads_who_book_the_last_places_at_once_get_exactly_those(at: datetime, tmp_path: Path) -> None:
    """The whole of one list comes before the whole of the other: one lock, not one for each person."""
    grants, event = [lead_of(), lead_of()], bookable_event(places=8)
    for grant in grants:
        for number in range(6):
            colleague_of(grant, surname=f"Number{number}", address=f"{number}.{grant.pk}@school.example")
    with shared_database(tmp_path) as database:
        given = {"DATABASE_URL": database, "EVENT": str(event.pk), "AT": at.isoformat()}
        both = start_together(LEAD, [given | {"GRANT": str(grant.pk)} for grant in grants], folder=tmp_path)
        assert [process.wait(timeout=60) for process in both] == [0, 0]
        bookings = list(Booking.objects.filter(event=event).select_related("person"))
    placed = sorted(sum(one.has_a_place and one.booked_by_id == grant.person_id for one in bookings) for grant in grants)
    waiting = sorted((one.queue_number, one.person.surname) for one in bookings if one.status == BookingStatus.WAITING)
    assert (placed, waiting) == ([2, 6], [(number, f"Number{number + 1}") for number in range(1, 5)])


@pytest.mark.django_db(transaction=True)
def test_where_the_database_gives_up_on_the_way_the_rest_is_booked_by_sending_the_list_again(at: datetime) -> None:
    grant, event = lead_of(), bookable_event(places=60)
    people = [colleague_of(grant) for _ in range(AT_ONCE + 5)]
    made = 0

    def gives_up(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal made
        made += sql.startswith('INSERT INTO "bookings_booking"')
        if made > AT_ONCE + 2:
            raise OperationalError("database is locked")
        return execute(sql, *rest)

    with connection.execute_wrapper(gives_up):
        outcomes = book(event, grant, *people, at=at)
    assert words(outcomes) == ["confirmed"] * AT_ONCE + ["not_yet"] * 5
    assert Booking.objects.count() == Message.objects.count() == AT_ONCE
    again = book(event, grant, *people, at=at)
    assert words(again) == ["already_booked"] * AT_ONCE + ["confirmed"] * 5
    assert Booking.objects.count() == Message.objects.count() == AT_ONCE + 5


@pytest.mark.django_db(transaction=True)
def test_where_nothing_is_kept_yet_the_whole_fails(at: datetime) -> None:
    grant, event = lead_of(), bookable_event()

    def gives_up(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "bookings_booking"'):
            raise OperationalError("database is locked")
        return execute(sql, *rest)

    with connection.execute_wrapper(gives_up), pytest.raises(OperationalError):
        book(event, grant, colleague_of(grant), at=at)
    assert Booking.objects.count() == 0


def test_an_officer_may_book_a_list_for_any_agency(at: datetime) -> None:
    event, organisation = bookable_event(), OrganisationFactory()
    by = officer()
    outcomes = book_colleagues(
        event=event,
        people=[Colleague(person=PersonFactory(organisation=organisation))],
        organisation=organisation,
        partnership=event.lead_host,
        by=by,
        at=at,
    )
    assert words(outcomes) == ["confirmed"]


def test_a_lead_of_two_agencies_books_for_each(at: datetime) -> None:
    first, event = lead_of(), bookable_event()
    second = GrantFactory(role=Role.TRAINING_LEAD, organisation=OrganisationFactory(), person=first.person)
    assert words(book(event, first, colleague_of(first), at=at)) == ["confirmed"]
    assert words(book(event, second, colleague_of(second), at=at)) == ["confirmed"]
