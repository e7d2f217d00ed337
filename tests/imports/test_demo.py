"""The demonstration: people to sign in as and a programme that lies ahead of whatever day it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from bookings.counting import place_counts
from bookings.demand import open_requests, wanted_courses
from bookings.models import Booking, BookingNeeds, BookingStatus, Condition
from core.clock import london_date
from courses.models import Course
from demo.load import load
from demo.people import EVERYBODY, SAM, TOM, person_of, who_can_sign_in
from demo.programme import PROGRAMME
from elearning.models import Module
from events.models import Event, EventStatus
from events.queries import starts_at
from feedback.models import EvaluationForm
from notifications.models import Message
from people.models import Partnership, Person
from podcasts.models import Episode
from registers.operations import open_register

LOADED_AT = datetime(2026, 12, 12, 14, 20, tzinfo=UTC)  # a Saturday

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lines(django_db_setup: None, django_db_blocker: object) -> Iterator[list[str]]:
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield list(load(at=LOADED_AT))
        transaction.set_rollback(True)


@pytest.fixture
def riverside(lines: list[str], db: None) -> Partnership:
    return Partnership.objects.get(short_name="Riverside")


def ahead(day: object) -> list[Event]:
    return list(Event.objects.filter(starts_on__gt=day, status=EventStatus.PUBLISHED))


def test_everybody_who_signs_in_is_there_and_has_answered_the_first_questions(riverside: Partnership) -> None:
    assert len(who_can_sign_in()) == len(EVERYBODY) == 9
    assert all(person_of(somebody).profile_done_at for somebody in EVERYBODY)


def test_the_programme_lies_ahead_on_working_days(riverside: Partnership) -> None:
    events = ahead(london_date(LOADED_AT))
    assert sorted(event.title for event in events) == sorted(planned.title for planned in PROGRAMME)
    assert {event.starts_on.weekday() for event in events} <= {0, 1, 2, 3, 4}
    assert max(event.starts_on for event in events) < london_date(LOADED_AT) + timedelta(days=125)


def test_two_events_are_full_with_a_waiting_list_and_none_is_oversold(riverside: Partnership) -> None:
    counts = place_counts(Event.objects.filter(starts_on__gte=london_date(LOADED_AT)))
    assert sorted((count.taken, count.waiting) for count in counts.values() if count.waiting) == [(12, 1), (20, 4)]
    assert all(count.taken <= count.limit for count in counts.values())


def test_every_way_of_booking_is_there_to_be_seen(riverside: Partnership) -> None:
    def of(title: str) -> list[str]:
        bookings = Booking.objects.filter(event__title=title, event__starts_on__gt=london_date(LOADED_AT)).live()
        return sorted(bookings.exclude(status="confirmed").values_list("status", flat=True))

    assert of("MARAC and the DASH Risk Checklist") == ["awaiting_approval"] * 2
    assert of("Adultification") == ["requested"] * 6
    assert of("Private Fostering: a Briefing") == ["offered", "waiting"]
    offered = Booking.objects.get(status="offered")
    assert (offered.person, offered.offered_until) == (person_of(SAM), starts_at(offered.event))
    assert Condition.objects.get().job_roles.splitlines()[0] == "Manager"
    assert BookingNeeds.objects.count() == 6


def test_courses_without_a_date_are_wanted_and_two_services_ask_for_a_session(riverside: Partnership) -> None:
    wanted = [(row["people"], row["since"] <= LOADED_AT) for row in wanted_courses(riverside)]
    assert wanted == [(19, True), (10, True), (5, True)]
    assert [request.people for request in open_requests(riverside)] == [8, 24]


def test_the_register_of_today_can_be_taken_and_its_evaluation_is_open(riverside: Partnership) -> None:
    event = Event.objects.get(starts_on=london_date(LOADED_AT))
    form = EvaluationForm.objects.get(event=event)
    assert form.opens_at <= LOADED_AT < form.closes_at
    open_register(session=event.sessions.get(), by=person_of(TOM), at=LOADED_AT)
    assert Booking.objects.filter(event=event, status=BookingStatus.CONFIRMED).count() == 12


def test_the_closed_event_hides_behind_a_neutral_title_and_teaches_a_review(riverside: Partnership) -> None:
    event = Event.objects.get(is_closed=True)
    assert (event.public_title, str(event.review), event.recommendations.count()) == ("Learning event", "Learning review 7", 2)


def test_texts_are_filled_in(riverside: Partnership) -> None:
    assert not Course.objects.in_catalogue().filter(summary="").exists()
    assert not Module.objects.filter(minutes=None).exists()
    assert not Episode.objects.filter(summary="").exists()
    assert Course.objects.exclude(content_note="").count() == 4


def test_nobody_is_sent_anything_and_messages_begin_today(riverside: Partnership) -> None:
    assert Message.objects.count() == 0
    assert riverside.messages_from == london_date(LOADED_AT)


def test_loading_again_adds_nothing(riverside: Partnership) -> None:
    before = Event.objects.count(), Booking.objects.count(), Person.objects.count()
    list(load(at=LOADED_AT))
    assert (Event.objects.count(), Booking.objects.count(), Person.objects.count()) == before


def test_half_a_year_later_the_programme_lies_ahead_again(riverside: Partnership) -> None:
    later = LOADED_AT + timedelta(days=180)
    list(load(at=later))
    assert len(ahead(london_date(later))) == len(PROGRAMME)


@pytest.mark.parametrize("hour", [0, 1, 22, 23])
def test_todays_event_is_going_on_at_any_hour(riverside: Partnership, hour: int) -> None:
    moment = LOADED_AT.replace(hour=hour, minute=30) + timedelta(days=1)
    list(load(at=moment))
    [session] = Event.objects.get(starts_on=london_date(moment)).sessions.all()
    assert session.starts_at <= moment < session.ends_at


def test_a_database_with_a_partnership_of_its_own_stays_as_it_is(db: None) -> None:
    Partnership.objects.filter(short_name="Riverside").update(short_name="Elsewhere", slug="elsewhere")
    Partnership.objects.get_or_create(
        short_name="Ours", defaults={"name": "Ours", "slug": "ours", "team_email": "a@ours.example"}
    )
    assert list(load(at=LOADED_AT)) == ["This database has a partnership of its own, so the demonstration is not loaded."]
