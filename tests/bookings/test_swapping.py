"""A colleague comes instead, or the place moves to another date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bookings.models import BillingDetails, Booking, BookingChange, BookingStatus, Condition, ConditionKind, ManagerRole
from bookings.operations import approve_booking, book_place, cancel_booking, record_billing_details, substitute, transfer
from core.refusals import Refused
from notifications.models import Message
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import charging
from tests.factories.people import OrganisationFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db

IN_FEBRUARY = datetime(2027, 2, 9, 9, 30, tzinfo=UTC)


def book(event, at, person=None) -> Booking:
    person = person or PersonFactory()
    return book_place(event=event, person=person, by=person, at=at)


def refusal(action, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        action(**kwargs)
    return refused.value.code


def status(booking) -> str:
    return Booking.objects.values_list("status", flat=True).get(pk=booking.pk)


def sent(booking) -> list[tuple[str, str]]:
    rows = Message.objects.filter(about=f"booking:{booking.pk}").exclude(state="withdrawn").exclude(kind__startswith="manager")
    return list(rows.values_list("kind", "calendar_method"))


@pytest.mark.both_databases
def test_a_colleague_takes_the_place_and_both_are_told(at):
    event = bookable_event(places=1)
    booking, waiting, colleague = book(event, at), book(event, at), PersonFactory()
    new = substitute(booking=booking, person=colleague, by=booking.person, at=at, reason="She is ill.")
    assert (status(booking), new.status, new.replaces) == (BookingStatus.SUBSTITUTED, BookingStatus.CONFIRMED, booking)
    assert status(waiting) == BookingStatus.WAITING
    assert (sent(booking), sent(new)) == ([("place_passed_on", "CANCEL")], [("place_taken_over", "REQUEST")])
    assert BookingChange.objects.get(booking=booking, to_status="substituted").reason == "She is ill."


@pytest.mark.both_databases
def test_a_colleague_who_waits_leaves_the_queue_for_it(at):
    event = bookable_event(places=1)
    booking, waiting = book(event, at), book(event, at)
    new = substitute(booking=booking, person=waiting.person, by=booking.person, at=at)
    assert (new.pk, new.status, new.queue_number, new.replaces) == (waiting.pk, BookingStatus.CONFIRMED, None, booking)


def test_the_rule_gone_over_for_a_colleague_who_waits_is_kept(at):
    event = bookable_event(places=1)
    booking, waiting = book(event, at), book(event, at)
    Condition.objects.create(event=event, kind=ConditionKind.PARTNERS_ONLY)
    substitute(booking=booking, person=waiting.person, by=officer(), at=at, reason="Agreed", rule_set_aside=True)
    assert BookingChange.objects.get(booking=waiting, to_status="confirmed").rule_set_aside == "partners_only"


def test_a_colleague_with_a_place_can_not_take_another(at):
    event = bookable_event(places=2)
    booking, other = book(event, at), book(event, at)
    assert refusal(substitute, booking=booking, person=other.person, by=booking.person, at=at) == "already_booked"
    assert refusal(substitute, booking=booking, person=booking.person, by=booking.person, at=at) == "same_person"


def test_only_a_place_can_be_passed_on(at):
    event = bookable_event(places=1)
    booking, waiting = book(event, at), book(event, at)
    assert refusal(substitute, booking=waiting, person=PersonFactory(), by=waiting.person, at=at) == "no_place"
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=at)
    assert refusal(substitute, booking=booking, person=PersonFactory(), by=booking.person, at=at) == "no_place"
    assert refusal(substitute, booking=waiting, person=PersonFactory(), by=waiting.person, at=IN_FEBRUARY) == "started"


def test_strangers_pass_on_nobodys_place(at):
    booking = book(bookable_event(), at)
    assert refusal(substitute, booking=booking, person=PersonFactory(), by=PersonFactory(), at=at) == "not_allowed"
    assert refusal(transfer, booking=booking, to_event=bookable_event(), by=PersonFactory(), at=at) == "not_allowed"


@pytest.mark.both_databases
def test_a_move_takes_a_place_at_the_other_date_and_frees_this_one(at):
    event = bookable_event(places=1)
    later = bookable_event(places=1, course=event.course, first_start=IN_FEBRUARY)
    booking, waiting = book(event, at), book(event, at)
    new = transfer(booking=booking, to_event=later, by=booking.person, at=at)
    assert [status(one) for one in (booking, new, waiting)] == ["transferred", "confirmed", "confirmed"]
    assert (new.event, new.replaces, new.organisation) == (later, booking, booking.organisation)
    assert (sent(booking), sent(new)) == ([("booking_moved_from", "CANCEL")], [("booking_moved_to", "REQUEST")])


@pytest.mark.both_databases
def test_nobody_moves_to_a_full_date_and_the_old_place_stays(at):
    event = bookable_event()
    later = bookable_event(places=1, course=event.course, first_start=IN_FEBRUARY)
    book(later, at)
    booking = book(event, at)
    assert refusal(transfer, booking=booking, to_event=later, by=booking.person, at=at) == "full"
    assert status(booking) == BookingStatus.CONFIRMED


def test_a_place_moves_only_to_another_date_of_the_course_without_a_booking(at):
    event = bookable_event()
    later = bookable_event(course=event.course, first_start=IN_FEBRUARY)
    booking = book(event, at)
    other_course = bookable_event(course=None, title="Another", first_start=IN_FEBRUARY)
    assert refusal(transfer, booking=booking, to_event=event, by=booking.person, at=at) == "same_event"
    assert refusal(transfer, booking=booking, to_event=other_course, by=booking.person, at=at) == "other_course"
    book(later, at, booking.person)
    assert refusal(transfer, booking=booking, to_event=later, by=officer(), at=at) == "already_booked"


def billed_to(booking) -> list[tuple[str, str, str]]:
    return list(BillingDetails.objects.filter(booking=booking).values_list("pays_by", "cost_code", "purchase_order"))


def test_the_bill_goes_along_to_another_date_and_to_a_colleague_but_to_no_other_organisation(at):
    event = bookable_event()
    later = bookable_event(course=event.course, first_start=IN_FEBRUARY)
    booking = book(event, at)
    bill = {"pays_by": "internal_recharge", "cost_code": "C1", "purchase_order": "P7"}
    record_billing_details(booking=booking, by=booking.person, at=at, **bill)
    moved = transfer(booking=booking, to_event=later, by=booking.person, at=at)
    passed = substitute(booking=moved, person=PersonFactory(organisation=booking.organisation), by=officer(), at=at)
    elsewhere = substitute(booking=passed, person=PersonFactory(organisation=OrganisationFactory()), by=officer(), at=at)
    kept = [("internal_recharge", "C1", "P7")]
    assert [billed_to(one) for one in (booking, moved, passed, elsewhere)] == [kept, kept, kept, []]


@pytest.mark.parametrize(("before", "after", "goes_along"), [("Oak School", "OAK", True), ("", "", False)])
def test_the_bill_follows_the_organisation_however_it_is_written_and_never_somebody_without_one(at, before, after, goes_along):
    organisation = OrganisationFactory()
    event = bookable_event()
    holder, colleague = (PersonFactory(organisation=organisation, organisation_text=text) for text in (before, after))
    if not before:
        Person.objects.update(organisation=None, organisation_state="none", sector=None)
        holder.refresh_from_db()
        colleague.refresh_from_db()
    booking = book(event, at, holder)
    record_billing_details(booking=booking, by=holder, at=at, pays_by="internal_recharge", cost_code="C1")
    passed = substitute(booking=booking, person=colleague, by=officer(), at=at)
    assert billed_to(passed) == ([("internal_recharge", "C1", "")] if goes_along else [])


def test_a_place_that_is_passed_on_costs_what_it_cost_whoever_booked_it(at):
    first = charging(at=at)
    event = bookable_event()
    booking = book(event, at)
    charging(at=at, pay_within_days=28)
    passed = substitute(booking=booking, person=PersonFactory(organisation=booking.organisation), by=officer(), at=at)
    assert (passed.policy_version, book(event, at).policy_version == first) == (first, False)
    full = bookable_event(places=1)
    BookingFactory(event=full, person=(holder := PersonFactory()))
    waiting = book(full, at, PersonFactory(organisation=holder.organisation))
    free = substitute(booking=Booking.objects.get(person=holder), person=waiting.person, by=officer(), at=at)
    assert (free.pk, free.policy_version, free.payer_class) == (waiting.pk, None, "")


@pytest.mark.both_databases
def test_nobody_moves_where_giving_the_place_back_would_cost_but_an_officer_lets_them(at):
    charging(at=at)
    event = bookable_event()
    later = bookable_event(course=event.course, first_start=IN_FEBRUARY)
    booking, too_late = book(event, at), datetime(2027, 1, 25, 12, 0, tzinfo=UTC)
    assert refusal(transfer, booking=booking, to_event=later, by=booking.person, at=too_late) == "too_late_to_move"
    over = {"rule_set_aside": True, "reason": "Her car broke down."}
    new = transfer(booking=booking, to_event=later, by=officer(), at=too_late, **over)
    assert (new.status, BookingChange.objects.get(booking=new).rule_set_aside) == ("confirmed", "too_late_to_move")


def test_in_time_a_place_moves_freely_also_under_a_policy(at):
    charging(at=at)
    event = bookable_event()
    later = bookable_event(course=event.course, first_start=IN_FEBRUARY)
    booking = book(event, at)
    assert transfer(booking=booking, to_event=later, by=booking.person, at=at).status == BookingStatus.CONFIRMED


@pytest.mark.both_databases
def test_nobody_moves_past_a_manager_who_approves_there(at):
    asks = {"manager_role": ManagerRole.APPROVES}
    event = bookable_event()
    later = bookable_event(course=event.course, first_start=IN_FEBRUARY, terms=asks)
    booking = book(event, at)
    assert refusal(transfer, booking=booking, to_event=later, by=booking.person, at=at) == "no_approval"
    assert status(booking) == BookingStatus.CONFIRMED
    over = {"rule_set_aside": True, "reason": "Her manager rang."}
    assert transfer(booking=booking, to_event=later, by=officer(), at=at, **over).status == BookingStatus.CONFIRMED


def test_whom_the_manager_has_approved_moves_to_another_such_date(at):
    asks = {"manager_role": ManagerRole.APPROVES}
    event = bookable_event(terms=asks)
    later = bookable_event(course=event.course, first_start=IN_FEBRUARY, terms=asks)
    person = PersonFactory(manager_email="head@school.example")
    booking = book(event, at, person)
    approve_booking(request=booking.approval, approver="manager", by=None, at=at)
    assert transfer(booking=booking, to_event=later, by=person, at=at).status == BookingStatus.CONFIRMED
