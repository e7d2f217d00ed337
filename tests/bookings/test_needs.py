"""What people need in order to take part: health data, so who sees it, how it is counted and when it goes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.due import delete_needs
from bookings.models import BookingNeeds, BookingSettings, BookingStatus, CancelledBy, NeedCount
from bookings.needs import Count, Needs, counted, needs_at
from bookings.operations import (
    book_place,
    cancel_bookable_event,
    cancel_booking,
    record_needs,
    substitute,
    transfer,
)
from core.models import AuditEntry
from core.refusals import Refused
from notifications.models import Message
from people.models import Role
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import GrantFactory, OtherPartnershipFactory, PersonFactory, officer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

CANARY = "Zanthoxylum allergy"
MUCH = Needs(
    diet=("vegan", "halal"), diet_other=CANARY, access=("step_free",), access_other="A chair with arms", interpreter="BSL"
)


def booked(at, *, needs: Needs | None = MUCH, **fields):
    event = fields.pop("event", None) or bookable_event()
    person = fields.pop("person", None) or PersonFactory()
    return book_place(event=event, person=person, by=person, at=at, needs=needs, **fields)


def test_needs_are_written_down_with_the_booking(at):
    booking = booked(at)
    assert Needs.of(BookingNeeds.objects.get(booking=booking)) == MUCH


def test_nobody_who_needs_nothing_has_a_row(at):
    booked(at, needs=Needs())
    booked(at, needs=None)
    assert BookingNeeds.objects.count() == 0


def test_a_booking_that_is_refused_leaves_no_needs(at):
    with pytest.raises(Refused):
        booked(at, event=bookable_event(places=1, terms={"closes_at": at}))
    assert BookingNeeds.objects.count() == 0


def test_what_is_not_on_the_list_is_refused_with_the_booking(at):
    with pytest.raises(Refused) as refused:
        booked(at, needs=Needs(diet=("caviar",)))
    assert refused.value.code == "unknown_need"


def test_another_answer_replaces_the_first_and_nothing_deletes_it(at):
    booking = booked(at)
    record_needs(booking=booking, needs=Needs(interpreter="Polish"), by=booking.person, at=at)
    assert Needs.of(BookingNeeds.objects.get()) == Needs(interpreter="Polish")
    record_needs(booking=booking, needs=Needs(), by=booking.person, at=at)
    assert BookingNeeds.objects.count() == 0


def test_the_trail_and_the_letters_hold_none_of_it(at):
    booking = booked(at)
    cancel_booking(booking=booking, cancelled_by=CancelledBy.DELEGATE, by=booking.person, at=at)
    trail = " ".join(str((entry.action, entry.changes)) for entry in AuditEntry.objects.all())
    letters = " ".join(message.subject + message.text for message in Message.objects.all())
    assert ("needs recorded" in trail, CANARY in trail, "vegan" in trail) == (True, False, False)
    assert (CANARY in letters, "egan" in letters, "tep-free" in letters) == (False, False, False)


def test_only_the_person_and_officers_of_the_lead_host_write_needs_down(at):
    booking = booked(at, needs=None)
    record_needs(booking=booking, needs=MUCH, by=officer(), at=at)
    lead = GrantFactory(role=Role.TRAINING_LEAD, organisation=booking.organisation).person
    elsewhere = GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory()).person
    for somebody in (lead, elsewhere, PersonFactory()):
        with pytest.raises(Refused) as refused:
            record_needs(booking=booking, needs=Needs(), by=somebody, at=at)
        assert refused.value.code == "not_allowed"
    assert Needs.of(BookingNeeds.objects.get()) == MUCH


@pytest.mark.parametrize("who", [CancelledBy.DELEGATE, CancelledBy.MANAGER, CancelledBy.ORGANISER])
def test_cancelling_deletes_the_needs_at_once(at, who):
    booking = booked(at)
    cancel_booking(booking=booking, cancelled_by=who, by=officer(), at=at, reason="Ill")
    assert BookingNeeds.objects.count() == 0


def test_an_event_that_is_cancelled_takes_the_needs_with_it(at):
    booking = booked(at)
    cancel_bookable_event(event=booking.event, reason="The trainer is ill.", by=officer(), at=at)
    assert BookingNeeds.objects.count() == 0


def test_a_colleague_does_not_inherit_them(at):
    booking = booked(at)
    colleague = PersonFactory(organisation=booking.organisation)
    new = substitute(booking=booking, person=colleague, by=booking.person, at=at)
    assert (BookingNeeds.objects.count(), new.status) == (0, BookingStatus.CONFIRMED)


def test_they_go_along_to_another_date(at):
    booking = booked(at)
    later = bookable_event(course=booking.event.course, first_start=at + timedelta(days=40))
    new = transfer(booking=booking, to_event=later, by=booking.person, at=at)
    assert BookingNeeds.objects.get().booking_id == new.pk


def test_a_booking_that_has_ended_takes_no_needs(at):
    booking = booked(at)
    ended = cancel_booking(booking=booking, cancelled_by=CancelledBy.DELEGATE, by=booking.person, at=at)
    with pytest.raises(Refused) as refused:
        record_needs(booking=ended, needs=MUCH, by=booking.person, at=at)
    assert refused.value.code == "no_booking"
    assert BookingNeeds.objects.count() == 0


def test_counts_are_of_those_who_hold_a_place_and_name_nobody(at):
    event = bookable_event(places=2)
    booked(at, event=event)
    booked(at, event=event, needs=Needs(diet=("vegan",)))
    booked(at, event=event, needs=Needs(diet=("vegan",)))  # waits
    assert counted(needs_at(event)) == [
        Count("diet", "Vegan", 2),
        Count("diet", "Halal", 1),
        Count("diet", CANARY, 1),
        Count("access", "A chair with arms", 1),
        Count("access", "Step-free access", 1),
        Count("interpreter", "BSL", 1),
    ]


def test_needs_go_a_set_number_of_days_after_the_event_and_the_counts_stay(at):
    booking = booked(at)
    BookingSettings.objects.create(partnership=booking.event.lead_host, needs_kept_days=10)
    after = booking.event.sessions.get().ends_at
    assert (delete_needs(after + timedelta(days=10)), BookingNeeds.objects.count()) == (0, 1)
    assert (delete_needs(after + timedelta(days=11)), BookingNeeds.objects.count()) == (1, 0)
    kept = [(row.kind, row.label, row.count) for row in NeedCount.objects.filter(event=booking.event)]
    assert kept == [
        ("access", "Something else", 1),
        ("access", "Step-free access", 1),
        ("diet", "Halal", 1),
        ("diet", "Something else", 1),
        ("diet", "Vegan", 1),
        ("interpreter", "British Sign Language", 1),
    ]
    assert delete_needs(after + timedelta(days=12)) == 0
    assert NeedCount.objects.count() == 6


def test_without_settings_needs_stay_four_weeks(at):
    booking = booked(at)
    after = booking.event.sessions.get().ends_at
    assert [delete_needs(after + timedelta(days=days)) for days in (28, 29)] == [0, 1]


def test_what_one_event_needs_stays_when_another_is_cleared(at):
    booked(at)
    later = BookingFactory(event=bookable_event(first_start=at + timedelta(days=90)))
    record_needs(booking=later, needs=MUCH, by=later.person, at=at)
    assert delete_needs(at + timedelta(days=60)) == 1
    assert BookingNeeds.objects.get().booking_id == later.pk
