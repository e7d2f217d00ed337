"""Making, changing, publishing, moving and calling off an event."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core.models import AuditEntry
from core.refusals import Refused
from core.states import IllegalStep
from courses.models import Format
from events.models import EVENT_STATES, Event, EventKind, EventStatus, Session
from events.operations import (
    SessionTimes,
    cancel_event,
    change_event,
    create_event,
    publish_event,
    reschedule_event,
)
from tests.factories.courses import CourseFactory
from tests.factories.events import EventFactory, VenueFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db

FIRST = SessionTimes(datetime(2027, 2, 2, 9, 30, tzinfo=UTC), datetime(2027, 2, 2, 12, 30, tzinfo=UTC))
SECOND = SessionTimes(datetime(2027, 2, 9, 9, 30, tzinfo=UTC), datetime(2027, 2, 9, 12, 30, tzinfo=UTC), "Practice")


def make(at, **fields):
    given = {
        "partnership": PartnershipFactory(),
        "kind": EventKind.COURSE,
        "title": "Recognising neglect",
        "format": Format.CLASSROOM,
        "sessions": [FIRST],
        "venue": VenueFactory(),
        "by": officer(),
        "at": at,
    }
    return create_event(**{**given, **fields})


def refusal(action, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        action(**kwargs)
    return refused.value.code


def sessions_of(event) -> list[tuple[int, datetime, str]]:
    return [(session.number, session.starts_at, session.title) for session in event.sessions.order_by("number")]


def test_an_event_starts_as_a_draft_with_its_sessions_in_order(at):
    event = make(at, sessions=[SECOND, FIRST])
    assert event.status == EventStatus.DRAFT
    assert sessions_of(event) == [(1, FIRST.starts_at, ""), (2, SECOND.starts_at, "Practice")]
    assert (event.starts_on, event.ends_on) == (date(2027, 2, 2), date(2027, 2, 9))
    assert list(AuditEntry.objects.values_list("action", "object_id")) == [("event created", str(event.pk))]


@pytest.mark.both_databases
def test_its_days_are_london_days(at):
    """In summer 23.30 UTC is the next day in London; a session that ends at midnight belongs to the day before."""
    late = SessionTimes(datetime(2027, 7, 1, 23, 30, tzinfo=UTC), datetime(2027, 7, 2, 1, 0, tzinfo=UTC))
    evening = SessionTimes(datetime(2027, 7, 1, 18, 0, tzinfo=UTC), datetime(2027, 7, 1, 23, 0, tzinfo=UTC))
    assert (make(at, sessions=[late]).starts_on, make(at, sessions=[evening]).ends_on) == (date(2027, 7, 2), date(2027, 7, 1))


def test_the_lead_host_is_always_among_the_hosts(at):
    kingsbridge = OtherPartnershipFactory()
    event = make(at, hosts=[kingsbridge])
    assert {host.partnership.slug for host in event.hosts.all()} == {"riverside", "kingsbridge"}
    change_event(event=event, hosts=[], by=None, at=at)
    assert [host.partnership.slug for host in event.hosts.all()] == ["riverside"]


def test_trainers_are_people_or_names(at):
    trainer = PersonFactory(forename="Ada", surname="Obi")
    event = make(at, trainers=[trainer, "Dr Outside", "Dr Outside", " "])
    assert [(row.name, row.person) for row in event.trainers.all()] == [("Ada Obi", trainer), ("Dr Outside", None)]


def test_an_event_of_a_course_takes_the_theme_of_the_course(at):
    course = CourseFactory()
    assert make(at, course=course).theme == course.theme


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": " "}, "no_title"),
        ({"sessions": []}, "no_session"),
        ({"sessions": [SessionTimes(FIRST.ends_at, FIRST.starts_at)]}, "ends_before_it_starts"),
        ({"is_closed": True}, "no_neutral_title"),
    ],
)
def test_an_event_that_makes_no_sense_is_refused(at, fields, code):
    assert refusal(make, at=at, **fields) == code
    assert Event.objects.count() == 0


def test_a_time_without_a_zone_is_a_fault_of_ours(at):
    naive = datetime(2027, 2, 2, 9, 30)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError):
        make(at, sessions=[SessionTimes(naive, naive + timedelta(hours=1))])


def test_a_published_event_is_what_calendars_hear_of_first(at):
    event = publish_event(event=make(at), by=officer(), at=at)
    event.refresh_from_db()
    assert (event.status, event.version, event.changed_at) == (EventStatus.PUBLISHED, 1, at)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"venue": None}, "no_venue"),
        ({"format": Format.VIRTUAL, "venue": None}, "no_joining_link"),
        ({"format": Format.VIRTUAL}, "no_joining_link"),
        ({"format": Format.BLENDED, "venue": None, "joining_link": "https://meet.example/1"}, "no_venue"),
    ],
)
def test_what_says_not_where_it_is_can_not_be_published(at, fields, code):
    event = make(at, **fields)
    assert refusal(publish_event, event=event, by=None, at=at) == code


@pytest.mark.parametrize("fields", [{"joining_link": "https://meet.example/1", "venue": None}, {"venue__online": True}])
def test_a_virtual_event_needs_a_link_or_an_online_venue(at, fields):
    if fields.pop("venue__online", False):
        fields["venue"] = VenueFactory(name="Teams", is_online=True)
    event = publish_event(event=make(at, format=Format.VIRTUAL, **fields), by=None, at=at)
    assert event.status == EventStatus.PUBLISHED


def test_a_past_course_can_not_be_published_but_a_school_may_tell_of_its_session_afterwards(at):
    past = SessionTimes(at - timedelta(days=7), at - timedelta(days=7, hours=-2))
    assert refusal(publish_event, event=make(at, sessions=[past]), by=None, at=at) == "in_the_past"
    told = make(at, sessions=[past], kind=EventKind.SINGLE_AGENCY, venue=None)
    assert publish_event(event=told, by=None, at=at).status == EventStatus.PUBLISHED


def test_an_event_is_published_once_and_never_after_it_was_cancelled(at):
    event = publish_event(event=make(at), by=None, at=at)
    assert refusal(publish_event, event=event, by=None, at=at) == "already_published"
    cancel_event(event=event, reason="The trainer is ill", by=None, at=at)
    assert refusal(publish_event, event=event, by=None, at=at) == "cancelled"


def test_a_cancelled_event_keeps_the_reason_and_calendars_hear_of_it(at):
    event = publish_event(event=make(at), by=None, at=at)
    cancel_event(event=event, reason=" The trainer is ill ", by=None, at=at + timedelta(days=1))
    event.refresh_from_db()
    assert (event.status, event.cancelled_reason, event.version) == (EventStatus.CANCELLED, "The trainer is ill", 2)
    assert event.changed_at == at + timedelta(days=1)


def test_a_draft_that_is_called_off_is_nobodys_news(at):
    event = cancel_event(event=make(at), reason="Not needed", by=None, at=at)
    assert (event.version, event.changed_at) == (0, None)


def test_an_event_is_not_cancelled_twice_without_a_reason_or_after_it_took_place(at):
    event = publish_event(event=make(at), by=None, at=at)
    assert refusal(cancel_event, event=event, reason=" ", by=None, at=at) == "no_reason"
    assert refusal(cancel_event, event=event, reason="Ill", by=None, at=FIRST.ends_at) == "past"
    cancel_event(event=event, reason="Ill", by=None, at=FIRST.ends_at - timedelta(minutes=1))
    assert refusal(cancel_event, event=event, reason="Ill", by=None, at=at) == "cancelled"


def test_two_officers_at_once_do_not_undo_each_other(at):
    mine = make(at)
    hers = Event.objects.get(pk=mine.pk)
    cancel_event(event=hers, reason="Not needed", by=None, at=at)
    assert refusal(publish_event, event=mine, by=None, at=at) == "cancelled"


def test_an_illegal_step_raises():
    with pytest.raises(IllegalStep):
        EVENT_STATES.check(EventStatus.CANCELLED, EventStatus.PUBLISHED)


def test_a_change_that_a_calendar_shows_raises_the_version_and_another_does_not(at):
    event = publish_event(event=make(at), by=None, at=at)
    change_event(event=event, summary="Half a day", by=None, at=at)
    assert event.version == 1
    change_event(event=event, venue=VenueFactory(name="Town Hall"), by=None, at=at + timedelta(hours=1))
    event.refresh_from_db()
    assert (event.version, event.changed_at, event.venue.name) == (2, at + timedelta(hours=1), "Town Hall")


def test_a_change_of_nothing_leaves_no_trace(at):
    event = make(at)
    before = AuditEntry.objects.count()
    change_event(event=event, title=event.title, by=None, at=at)
    assert AuditEntry.objects.count() == before


def test_the_trail_of_a_change_names_fields_and_never_texts(at):
    event = make(at)
    change_event(event=event, title="About one child", is_closed=True, neutral_title="A learning event", by=None, at=at)
    trace = AuditEntry.objects.get(action="event changed")
    assert trace.changes == {"title": [], "neutral_title": [], "is_closed": [False, True]}


@pytest.mark.parametrize(
    ("changed", "code"), [({"title": ""}, "no_title"), ({"is_closed": True}, "no_neutral_title"), ({"venue": None}, "no_venue")]
)
def test_a_change_can_not_take_away_what_publishing_asked_for(at, changed, code):
    event = publish_event(event=make(at), by=None, at=at)
    assert refusal(change_event, event=event, by=None, at=at, **changed) == code


def test_a_cancelled_event_is_not_changed_and_an_unknown_field_is_a_fault(at):
    event = cancel_event(event=make(at), reason="Not needed", by=None, at=at)
    assert refusal(change_event, event=event, summary="New", by=None, at=at) == "cancelled"
    with pytest.raises(TypeError):
        change_event(event=event, starts_on=date(2027, 1, 1), by=None, at=at)


def test_a_moved_session_stays_the_same_session(at):
    event = publish_event(event=make(at, sessions=[FIRST]), by=None, at=at)
    session = event.sessions.get()
    reschedule_event(event=event, sessions=[SECOND], by=officer(), at=at)
    moved = Session.objects.get()
    assert (moved.pk, moved.starts_at, moved.title) == (session.pk, SECOND.starts_at, "Practice")
    assert (event.starts_on, event.ends_on, event.version) == (date(2027, 2, 9), date(2027, 2, 9), 2)


def test_sessions_are_added_and_taken_out(at):
    event = publish_event(event=make(at, sessions=[FIRST]), by=None, at=at)
    reschedule_event(event=event, sessions=[SECOND, FIRST], by=None, at=at)
    assert sessions_of(event) == [(1, FIRST.starts_at, ""), (2, SECOND.starts_at, "Practice")]
    reschedule_event(event=event, sessions=[FIRST], by=None, at=at)
    assert sessions_of(event) == [(1, FIRST.starts_at, "")]
    assert event.ends_on == date(2027, 2, 2)


def test_the_same_times_again_change_nothing(at):
    event = publish_event(event=make(at, sessions=[FIRST, SECOND]), by=None, at=at)
    reschedule_event(event=event, sessions=[SECOND, FIRST], by=None, at=at)
    assert event.version == 1


def test_what_has_started_stays_and_a_new_time_lies_ahead(at):
    event = publish_event(event=make(at, sessions=[FIRST, SECOND]), by=None, at=at)
    during = FIRST.starts_at + timedelta(minutes=1)
    later = SessionTimes(SECOND.starts_at + timedelta(days=7), SECOND.ends_at + timedelta(days=7))
    assert refusal(reschedule_event, event=event, sessions=[later], by=None, at=during) == "started"
    before_now = SessionTimes(during - timedelta(days=2), during - timedelta(days=2, hours=-1))
    assert refusal(reschedule_event, event=event, sessions=[FIRST, before_now], by=None, at=during) == "started"
    assert refusal(reschedule_event, event=event, sessions=[before_now], by=None, at=at + timedelta(days=30)) == "started"
    yesterday = SessionTimes(at - timedelta(days=1), at - timedelta(hours=20))
    assert refusal(reschedule_event, event=event, sessions=[yesterday], by=None, at=at) == "in_the_past"
    reschedule_event(event=event, sessions=[FIRST, later], by=None, at=during)
    assert event.ends_on == date(2027, 2, 16)


@pytest.mark.both_databases
def test_a_session_with_a_register_is_not_taken_out(at):
    from registers.models import Register

    event = EventFactory(sessions=2)
    Register.objects.create(session=event.sessions.get(number=2))
    first = event.sessions.get(number=1)
    times = [SessionTimes(first.starts_at, first.ends_at)]
    assert refusal(reschedule_event, event=event, sessions=times, by=None, at=at) == "has_register"
