"""What people want that has no date: courses, and sessions of a service's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from bookings import due
from bookings.models import BookingTerms, ConditionKind, Interest, SessionRequest
from bookings.operations import (
    ask_for_session,
    book_place,
    cancel_bookable_event,
    change_bookable_event,
    decline_session,
    plan_session,
    reconsider_session,
    set_conditions,
    stop_wanting,
    want_course,
    withdraw_session,
)
from bookings.wanted import Wanted
from core.refusals import Refused
from courses.models import Course
from events.models import Event, EventStatus
from events.operations import SessionTimes, publish_event
from notifications.models import Message
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.people import (
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
    SectorFactory,
    officer,
)
from tests.tools.processes import shared_database, start_together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def course() -> Course:
    return CourseFactory(title="Neglect")


def signed_in(client: Client, person: Person) -> Client:
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def wanting(course: Course, at: datetime, person: Person | None = None) -> Person:
    person = person or PersonFactory()
    want_course(course=course, person=person, by=person, at=at)
    return person


def told() -> list[str]:
    return sorted(Message.objects.filter(kind="course_has_date").values_list("to_address", flat=True))


def refused(code: str, act: Any, **given: Any) -> None:
    with pytest.raises(Refused) as refusal:
        act(**given)
    assert refusal.value.code == code


def test_wanting_a_course_twice_is_wanting_it_once(course: Course, at: datetime) -> None:
    person = wanting(course, at)
    wanting(course, at + timedelta(days=1), person)
    assert list(Interest.objects.values_list("person", "asked_at")) == [(person.pk, at)]
    with pytest.raises(IntegrityError), transaction.atomic():
        Interest.objects.create(course=course, person=person, asked_at=at)


def test_a_course_with_a_date_or_out_of_the_catalogue_is_not_to_be_wanted(course: Course, at: datetime) -> None:
    person = PersonFactory()
    gone = CourseFactory(is_in_catalogue=False)
    refused("not_in_catalogue", want_course, course=gone, person=person, by=person, at=at)
    for unfindable in ({"status": EventStatus.DRAFT}, {"is_closed": True, "neutral_title": "Learning event"}):
        bookable_event(course=course, **unfindable)
    wanting(course, at)
    bookable_event(course=course)
    refused("has_a_date", want_course, course=course, person=person, by=person, at=at)


def test_nobody_puts_somebody_else_on_the_list_but_an_officer(course: Course, at: datetime) -> None:
    person = PersonFactory()
    refused("not_allowed", want_course, course=course, person=person, by=PersonFactory(), at=at)
    want_course(course=course, person=person, by=officer(), at=at)
    refused("not_allowed", stop_wanting, course=course, person=person, by=PersonFactory(), at=at)
    assert stop_wanting(course=course, person=person, by=person, at=at) is True
    assert stop_wanting(course=course, person=person, by=person, at=at) is False


def test_a_date_that_can_be_booked_is_told_once_to_everybody_on_the_list(course: Course, at: datetime) -> None:
    people = [wanting(course, at) for _ in range(3)]
    stop_wanting(course=course, person=people[2], by=people[2], at=at)
    event = bookable_event(course=course)
    assert (due.tell_interested(at), due.tell_interested(at)) == (2, 0)
    assert told() == sorted(person.main_address() for person in people[:2])
    text = Message.objects.filter(kind="course_has_date").first().text  # type: ignore[union-attr]
    assert "You asked us to tell you when Neglect has a date." in text
    assert "Tuesday 26 January 2027, 9.30am to 4pm" in text
    assert BookingTerms.objects.get(event=event).interest_told_at == at


def test_the_control_without_the_mark_of_being_told_it_would_be_told_again(course: Course, at: datetime) -> None:
    wanting(course, at)
    event = bookable_event(course=course)
    assert due.tell_interested(at) == 1
    BookingTerms.objects.filter(event=event).update(interest_told_at=None)
    assert due.tell_interested(at) == 1
    assert len(told()) == 1  # the outbox's own guard: one letter for each person and event


@pytest.mark.parametrize(
    "fields",
    [
        {"status": EventStatus.DRAFT},
        {"is_closed": True, "neutral_title": "Learning event"},
        {"first_start": datetime(2027, 1, 5, 9, 30, tzinfo=UTC)},
        {"terms": {"opens_at": datetime(2027, 1, 12, 9, 0, tzinfo=UTC)}},
        {"terms": {"closes_at": datetime(2027, 1, 10, 9, 0, tzinfo=UTC)}},
        {"messages_from": date(2027, 1, 20)},
    ],
)
def test_what_nobody_can_book_now_is_told_to_nobody(course: Course, at: datetime, fields: dict[str, Any]) -> None:
    wanting(course, at)
    bookable_event(course=course, **fields)
    assert (due.tell_interested(at), told()) == (0, [])


def test_a_date_that_opens_later_is_told_when_it_opens(course: Course, at: datetime) -> None:
    wanting(course, at)
    bookable_event(course=course, terms={"opens_at": at + timedelta(days=1)})
    assert (due.tell_interested(at), due.tell_interested(at + timedelta(days=1))) == (0, 1)


def test_whoever_may_not_book_it_is_not_told(course: Course, at: datetime) -> None:
    sectors = [SectorFactory(name=name) for name in ("Health", "Police")]
    health, police = (PersonFactory(organisation=OrganisationFactory(sector=sector)) for sector in sectors)
    for person in (health, police):
        wanting(course, at, person)
    event = bookable_event(course=course)
    only_health = [Wanted(ConditionKind.SECTOR, sectors=sectors[:1])]
    set_conditions(event=event, wanted=only_health, by=None, at=at)
    assert (due.tell_interested(at), told()) == (1, [health.main_address()])


def test_an_agencys_own_session_is_told_to_nobody_else(course: Course, at: datetime) -> None:
    theirs, other = wanting(course, at), wanting(course, at)
    bookable_event(course=course, for_organisation=theirs.organisation)
    assert (due.tell_interested(at), told()) == (1, [theirs.main_address()])
    assert other.main_address() not in told()


def test_whoever_books_is_off_the_list_and_the_others_stay(course: Course, at: datetime) -> None:
    before = PersonFactory()
    BookingFactory(event=bookable_event(course=course, first_start=datetime(2026, 5, 5, 9, 30, tzinfo=UTC)), person=before)
    books, stays = wanting(course, at), wanting(course, at, before)
    event = bookable_event(course=course)
    book_place(event=event, person=books, by=books, at=at)
    assert (due.end_met_interests(at), due.end_met_interests(at)) == (1, 0)
    assert list(Interest.objects.open().values_list("person", flat=True)) == [stays.pk]
    ended = Interest.objects.get(person=books)
    assert (ended.has_booked, ended.ended_at) == (True, at)


TELL = """
import os, time
from datetime import UTC, datetime
from bookings import due, operations
from bookings.operations import demand, lock
from bookings.models import BookingTerms
tell = demand._tell
def slow(*given, **more):
    time.sleep(0.5)
    tell(*given, **more)
demand._tell = slow
if os.environ["GUARD"] == "off":
    lock.lock_terms = lambda event_id: BookingTerms.objects.filter(event_id=event_id).first()
    operations.tell_interested = operations.tell_interested.__wrapped__
together()
print(due.tell_interested(datetime(2027, 1, 11, 9, tzinfo=UTC)))
"""


def two_workers(course: Course, at: datetime, folder: Path, *, guard: str) -> list[str]:
    """How many each of two workers that run at the same moment says it has told."""
    for _ in range(2):
        wanting(course, at)
    bookable_event(course=course)
    with shared_database(folder) as url:
        workers = start_together(TELL, [{"DATABASE_URL": url, "GUARD": guard}] * 2, folder=folder)
        numbers = sorted(one.communicate(timeout=60)[0].decode().strip() for one in workers)
        assert len(told()) == 2  # whatever the workers do, the outbox takes one letter for each person and event
        return numbers


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_tells_everybody(course: Course, at: datetime, tmp_path: Path) -> None:
    assert two_workers(course, at, tmp_path, guard="on") == ["0", "2"]


@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_lock_both_do_it(course: Course, at: datetime, tmp_path: Path) -> None:
    assert two_workers(course, at, tmp_path, guard="off") == ["2", "2"]


def asked(by: Person, at: datetime, **changed: Any) -> SessionRequest:
    said = {"subject": "Neglect for our staff", "people": 18, "wanted_when": "A Tuesday in March"}
    return ask_for_session(partnership=PartnershipFactory(), **{**said, **changed}, by=by, at=at)


def test_a_service_asks_and_asking_the_same_twice_is_one_request(at: datetime) -> None:
    head = PersonFactory()
    first = asked(head, at)
    assert asked(head, at).pk == first.pk
    assert asked(head, at, subject="Another").pk != first.pk
    assert (first.organisation, first.status, first.asked_by) == (head.organisation, "asked", head)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"subject": " "}, "no_subject"),
        ({"people": 0}, "no_people"),
        ({"wanted_when": "\n"}, "no_time"),
    ],
)
def test_a_request_that_nobody_could_plan_by_is_refused(at: datetime, changed: dict[str, Any], code: str) -> None:
    refused(code, asked, by=PersonFactory(), at=at, **changed)
    theirs = CourseFactory(partnership=OtherPartnershipFactory(), theme=None, level=None)
    refused("other_partnership", asked, by=PersonFactory(), at=at, course=theirs)
    assert SessionRequest.objects.count() == 0


def test_a_course_gives_the_subject(course: Course, at: datetime) -> None:
    assert asked(PersonFactory(), at, subject="", course=course).subject == "Neglect"


def planned(head: Person, at: datetime, **changed: Any) -> SessionRequest:
    event = bookable_event(**{"status": EventStatus.DRAFT, "title": "Neglect at Oak", **changed})
    return plan_session(request=asked(head, at), event=event, by=officer(), at=at)


def test_an_officer_plans_it_and_nobody_else_answers_it_then(at: datetime) -> None:
    head, olu, event = PersonFactory(), officer(), bookable_event(status=EventStatus.DRAFT)
    request = asked(head, at)
    refused("not_allowed", plan_session, request=request, event=event, by=head, at=at)
    request = plan_session(request=request, event=event, by=olu, at=at)
    assert (request.status, request.event) == ("planned", event)
    for act, more in ((plan_session, {"event": event}), (decline_session, {"reason": "No"}), (reconsider_session, {})):
        refused("answered", act, request=request, by=olu, at=at, **more)
    refused("answered", withdraw_session, request=request, by=head, at=at)


def test_who_asked_hears_of_it_once_when_it_is_published_and_nothing_of_a_draft(at: datetime) -> None:
    head = PersonFactory()
    request = planned(head, at)
    assert (due.tell_of_planned_sessions(at), Message.objects.count(), request.is_being_planned) == (0, 0, True)
    publish_event(event=request.event, by=officer(), at=at)
    assert [due.tell_of_planned_sessions(at) for _ in range(2)] == [1, 0]
    letter = Message.objects.get()
    assert (letter.kind, letter.to_address) == ("session_planned", head.main_address())
    assert letter.subject == "Your session is planned: Neglect at Oak"
    assert "pass this link on to your colleagues, so that each of them books:\n{link:event}" in letter.text
    request.refresh_from_db()
    assert (request.answered_at, request.is_being_planned) == (at, False)


def test_an_event_that_is_published_when_it_is_over_is_nobodys_news(at: datetime) -> None:
    request = planned(PersonFactory(), at, status=EventStatus.PUBLISHED)
    over = at + timedelta(days=60)
    assert (due.tell_of_planned_sessions(over), Message.objects.count()) == (0, 0)
    request.refresh_from_db()
    assert request.answered_at == over


def test_nothing_is_said_before_the_day_from_which_an_event_speaks(at: datetime) -> None:
    request = planned(PersonFactory(), at, status=EventStatus.PUBLISHED, messages_from=date(2027, 1, 20))
    assert due.tell_of_planned_sessions(at) == 0
    request.refresh_from_db()
    assert request.is_being_planned
    assert due.tell_of_planned_sessions(datetime(2027, 1, 20, 9, tzinfo=UTC)) == 1


def test_a_draft_that_is_thrown_away_opens_the_request_again_and_says_nothing(at: datetime) -> None:
    request = planned(PersonFactory(), at)
    cancel_bookable_event(event=request.event, reason="No trainer", by=officer(), at=at)
    request.refresh_from_db()
    assert (request.status, request.event, request.answered_at) == ("asked", None, None)
    assert (due.tell_of_planned_sessions(at), Message.objects.count()) == (0, 0)


def test_who_asked_hears_why_their_session_is_called_off_and_it_can_be_opened_again(at: datetime) -> None:
    request, olu = planned(PersonFactory(), at, status=EventStatus.PUBLISHED), officer()
    due.tell_of_planned_sessions(at)
    cancel_bookable_event(event=request.event, reason="No trainer", by=olu, at=at)
    request.refresh_from_db()
    assert (request.status, request.answer) == ("declined", "No trainer")
    assert dict(Message.objects.values_list("kind", "state")) == {
        "session_planned": "withdrawn",  # it had not left, and would have come after the news
        "session_declined": "waiting",
    }
    off = "The one that we had planned for Tuesday 26 January 2027 is called off.\n\nWhy: No trainer"
    assert off in Message.objects.get(kind="session_declined").text
    assert reconsider_session(request=request, by=olu, at=at).status == "asked"


def test_who_asked_and_has_not_booked_hears_of_another_time(at: datetime) -> None:
    asker, booked = PersonFactory(), PersonFactory()
    request, theirs = (planned(one, at, status=EventStatus.PUBLISHED) for one in (asker, booked))
    due.tell_of_planned_sessions(at)
    book_place(event=theirs.event, person=booked, by=booked, at=at)
    sooner = SessionTimes(datetime(2027, 1, 25, 9, 30, tzinfo=UTC), datetime(2027, 1, 25, 16, 0, tzinfo=UTC))
    for one in (request, theirs):
        change_bookable_event(event=one.event, sessions=[sooner], by=officer(), at=at)
    letter = Message.objects.get(kind="session_changed")
    assert (letter.to_address, "Monday 25 January 2027" in letter.text) == (asker.main_address(), True)
    assert Message.objects.filter(person=booked, kind="event_rescheduled").exists()
    change_bookable_event(event=request.event, title="Neglect again", by=officer(), at=at + timedelta(minutes=1))
    letters = Message.objects.filter(kind="session_changed").order_by("created_at")
    assert list(letters.values_list("state", flat=True)) == ["withdrawn", "waiting"]


@pytest.mark.parametrize(("after", "speaks_from"), [(timedelta(days=60), None), (timedelta(), date(2027, 1, 20))])
def test_a_change_of_what_is_over_or_silent_is_no_news_for_who_asked(at: datetime, after: timedelta, speaks_from: Any) -> None:
    request = planned(PersonFactory(), at, status=EventStatus.PUBLISHED)
    due.tell_of_planned_sessions(at)
    Event.objects.update(messages_from=speaks_from)
    change_bookable_event(event=Event.objects.get(), title="Another", by=officer(), at=at + after)
    assert (request.event is not None, Message.objects.filter(kind="session_changed").exists()) == (True, False)


MOVE_AND_TELL = """
import os, time
from datetime import UTC, datetime
from bookings import due
from bookings.models import BookingTerms
from bookings.operations import change_bookable_event, events, lock
from events.models import Event
from events.operations import SessionTimes
if os.environ["GUARD"] == "off" and os.environ["DOES"] == "tell":
    lock.lock_terms = lambda event_id: BookingTerms.objects.filter(event_id=event_id).first()
    lock.lock_event = lambda event_id: None
at, say = datetime(2027, 1, 11, 9, tzinfo=UTC), events.session_changed
def slow(*given, **more):
    say(*given, **more)
    time.sleep(1.5)
events.session_changed = slow
together()
if os.environ["DOES"] == "move":
    sooner = SessionTimes(datetime(2027, 1, 25, 9, 30, tzinfo=UTC), datetime(2027, 1, 25, 16, 0, tzinfo=UTC))
    change_bookable_event(event=Event.objects.get(), sessions=[sooner], by=None, at=at)
else:
    time.sleep(0.7)
    due.tell_of_planned_sessions(at)
"""


def told_while_it_moves(at: datetime, folder: Path, *, guard: str, takes_bookings: bool = True) -> str:
    """The day that whoever asked reads, where a worker tells them while an officer moves the event."""
    planned(PersonFactory(), at, status=EventStatus.PUBLISHED)
    if not takes_bookings:
        BookingTerms.objects.all().delete()
    with shared_database(folder) as url:
        does = [{"DATABASE_URL": url, "GUARD": guard, "DOES": one} for one in ("move", "tell")]
        assert [one.wait(60) for one in start_together(MOVE_AND_TELL, does, folder=folder)] == [0, 0]
        return Message.objects.get(kind="session_planned").text.partition("When: ")[2].partition(",")[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
@pytest.mark.parametrize("takes_bookings", [True, False])
def test_who_asked_reads_the_new_day_of_an_event_that_an_officer_moves_meanwhile(
    at: datetime, tmp_path: Path, takes_bookings: bool
) -> None:
    assert told_while_it_moves(at, tmp_path, guard="on", takes_bookings=takes_bookings) == "Monday 25 January 2027"


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_the_control_without_the_locks_they_read_the_old_day(at: datetime, tmp_path: Path) -> None:
    """Only where two can write at once: SQLite lets one writer in."""
    old = "Tuesday 26 January 2027" if connection.vendor == "postgresql" else "Monday 25 January 2027"
    assert told_while_it_moves(at, tmp_path, guard="off") == old


def test_the_letter_says_whom_it_is_for_and_leads_nowhere_that_they_can_not_go(at: datetime) -> None:
    head = PersonFactory()
    theirs = planned(head, at, status=EventStatus.PUBLISHED, for_organisation=head.organisation)
    closed = planned(head, at, status=EventStatus.PUBLISHED, is_closed=True, neutral_title="Team day")
    due.tell_of_planned_sessions(at)
    said = {message.about: message for message in Message.objects.all()}
    theirs_said, closed_said = said[f"session-request:{theirs.pk}"], said[f"session-request:{closed.pk}"]
    assert f"nobody is booked yet. Only people of {head.organisation} can book it." in theirs_said.text
    assert "Only people who are invited can book it: tell training@riverside.example who is to come." in closed_said.text
    assert ("{link:event}" in theirs_said.text, "{link:event}" in closed_said.text) == (True, False)


def test_the_worker_looks_for_sessions_to_tell_of_in_one_query(at: datetime, django_assert_num_queries: Any) -> None:
    planned(PersonFactory(), at)
    with django_assert_num_queries(1):
        due.tell_of_planned_sessions(at)


def test_who_asked_sees_no_draft_among_what_they_asked_for(client: Client, at: datetime) -> None:
    head = PersonFactory()
    request = planned(head, at)
    signed_in(client, head)
    page = client.get("/my-learning/").content.decode()
    assert "Asked for. To withdraw it, write to training@riverside.example." in page
    assert "26 January 2027" not in page
    assert (
        "The training team works on this request already."
        in client.post(reverse("withdraw_session", args=[request.pk])).content.decode()
    )
    publish_event(event=request.event, by=officer(), at=at)
    due.tell_of_planned_sessions(at)
    page = client.get("/my-learning/").content.decode()
    assert "Planned for" in page
    assert reverse("event", args=[request.event_id]) in page


def test_declining_needs_a_reason_that_who_asked_reads_and_can_be_reconsidered(at: datetime) -> None:
    head, olu = PersonFactory(), officer()
    request = asked(head, at)
    refused("no_reason", decline_session, request=request, reason=" ", by=olu, at=at)
    decline_session(request=request, reason="No trainer in March.", by=olu, at=at)
    assert "Why: No trainer in March." in Message.objects.get(kind="session_declined").text
    again = reconsider_session(request=request, by=olu, at=at)
    assert (again.status, again.answer, again.answered_at) == ("asked", "", None)
    decline_session(request=request, reason="Nor in April.", by=olu, at=at + timedelta(days=1))
    assert Message.objects.filter(kind="session_declined").count() == 2


def test_only_who_asked_withdraws_it(at: datetime) -> None:
    head = PersonFactory()
    request = asked(head, at)
    refused("not_allowed", withdraw_session, request=request, by=PersonFactory(), at=at)
    assert withdraw_session(request=request, by=head, at=at).status == "withdrawn"


def test_a_person_wants_a_course_and_leaves_the_list_on_its_page(client: Client, course: Course) -> None:
    page, want = reverse("course", args=[course.pk]), reverse("want_course", args=[course.pk])
    assert want in client.get(page).content.decode()
    assert client.get(want).status_code == 302  # to the sign-in
    person = PersonFactory()
    signed_in(client, person)
    assert client.get(want).status_code == 200
    assert Interest.objects.count() == 0
    assert "We tell you when “Neglect” has a date." in client.post(want, follow=True).content.decode()
    assert "You are on the list" in client.get(page).content.decode()
    assert "Neglect, since 11 Jan 2027." in client.get("/my-learning/").content.decode()
    client.post(want, {"stop": "yes"})
    assert Interest.objects.open().count() == 0
    bookable_event(course=course)
    late = client.post(want)
    assert (late.status_code, Interest.objects.open().count()) == (409, 0)
    assert "This course has a date now." in late.content.decode()


def test_a_service_asks_on_a_page_sees_how_it_stands_and_withdraws(client: Client, course: Course) -> None:
    signed_in(client, PersonFactory())
    page = client.get(f"/sessions/ask/?course={course.pk}").content.decode()
    assert f'value="{course.pk}" selected' in page
    wrong = client.post("/sessions/ask/", {"people": "some"})
    assert set(wrong.context["form"].errors) == {"people", "wanted_when"}
    assert (
        "Say what the session is about" in client.post("/sessions/ask/", {"people": "8", "wanted_when": "May"}).content.decode()
    )
    said = {"course": str(course.pk), "people": "18", "wanted_when": "A Tuesday in March"}
    answer = client.post("/sessions/ask/", said, follow=True).content.decode()
    assert "Your request is with the training team." in answer
    request = SessionRequest.objects.get()
    url = reverse("withdraw_session", args=[request.pk])
    assert url in answer
    assert client.get(url).status_code == 200
    client.post(url)
    assert client.post(url).status_code == 409
    request.refresh_from_db()
    assert request.status == "withdrawn"
    assert Client().get(url).status_code == 302
    assert signed_in(Client(), PersonFactory()).get(url).status_code == 404
    assert Event.objects.count() == 0
