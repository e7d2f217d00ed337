"""A manager approves, declines, is reminded, or does not answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings import due
from bookings.models import ApprovalRequest, Approver, BookingStatus, ManagerRole
from bookings.operations import (
    approve_booking,
    ask_somebody_else,
    book_place,
    cancel_bookable_event,
    cancel_booking,
    decline_booking,
    remind_approver,
)
from core.refusals import Refused
from events.queries import starts_at
from notifications.models import Message, MessageState
from people.models import OrganisationState
from tests.factories.bookings import bookable_event
from tests.factories.charging import charging
from tests.factories.people import PersonFactory, officer

pytestmark = pytest.mark.django_db

MANAGER = "head@school.example"


def approved_event(places: int = 5, **fields):
    return bookable_event(places=places, terms={"manager_role": ManagerRole.APPROVES}, **fields)


def ask(event, at, person=None, manager=MANAGER, **fields):
    person = person or PersonFactory()
    return book_place(event=event, person=person, by=person, at=at, manager_email=manager, **fields)


def answer(operation, booking, at, approver=Approver.MANAGER, by=None, reason=""):
    return operation(request=booking.approval, approver=approver, by=by, at=at, reason=reason)


def refusal(action, *args, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        action(*args, **kwargs)
    return refused.value.code


def sent_to(address: str) -> list[str]:
    return list(Message.objects.filter(to_address=address).order_by("created_at", "kind").values_list("kind", flat=True))


@pytest.mark.both_databases
def test_the_place_is_held_while_the_manager_is_asked(at):
    event = approved_event(places=1)
    booking = ask(event, at)
    assert (booking.status, booking.has_a_place, booking.queue_number) == (BookingStatus.AWAITING_APPROVAL, True, None)
    second = ask(event, at, manager="other@school.example")
    assert (second.status, second.has_a_place, second.queue_number) == (BookingStatus.AWAITING_APPROVAL, False, 1)
    assert sent_to(MANAGER) == ["approval_asked"]


@pytest.mark.both_databases
def test_approved_the_booking_is_confirmed(at):
    booking = answer(approve_booking, ask(approved_event(), at), at + timedelta(hours=1))
    assert booking.status == BookingStatus.CONFIRMED
    request = ApprovalRequest.objects.get()
    assert (request.decision, request.decided_as, request.decided_at) == ("approved", "manager", at + timedelta(hours=1))
    assert sent_to(booking.person.main_address()) == ["approval_waited_for", "booking_confirmed"]


@pytest.mark.both_databases
def test_on_a_full_event_approval_comes_first_then_waiting_in_the_order_of_asking(at):
    event = approved_event(places=1)
    first, second, third = (ask(event, at) for _ in range(3))
    answer(approve_booking, first, at)
    assert answer(approve_booking, third, at).status == BookingStatus.WAITING
    assert answer(approve_booking, second, at).status == BookingStatus.WAITING
    cancel_booking(booking=first, cancelled_by="delegate", by=first.person, at=at)
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.status, third.status) == (BookingStatus.CONFIRMED, BookingStatus.WAITING)


@pytest.mark.both_databases
def test_declined_the_place_goes_to_the_next_in_line(at):
    event = approved_event(places=1)
    first, second = ask(event, at), ask(event, at)
    answer(approve_booking, second, at)
    declined = answer(decline_booking, first, at, reason="Too many of us are away.")
    second.refresh_from_db()
    assert (declined.status, second.status) == (BookingStatus.DECLINED, BookingStatus.CONFIRMED)
    letter = Message.objects.get(kind="approval_declined")
    assert "Why: Too many of us are away." in letter.text


def test_an_answer_counts_once(at):
    booking = ask(approved_event(), at)
    answer(approve_booking, booking, at)
    assert refusal(answer, decline_booking, booking, at) == "answered"
    assert refusal(answer, approve_booking, booking, at) == "answered"


def test_nobody_approves_their_own_booking(at):
    booking = ask(approved_event(), at)
    assert refusal(answer, approve_booking, booking, at, by=booking.person) == "own_booking"
    assert answer(approve_booking, booking, at, by=PersonFactory()).status == BookingStatus.CONFIRMED


@pytest.mark.parametrize(
    ("approver", "who"), [(Approver.MANAGER, "Your manager has"), (Approver.DEPUTY, "Your manager’s deputy has")]
)
def test_who_is_declined_reads_by_whom(at, approver, who):
    booking = ask(approved_event(), at, deputy_email="deputy@school.example")
    answer(decline_booking, booking, at, approver=approver)
    assert f"{who} not approved your place" in Message.objects.get(kind="approval_declined").text


def test_an_officer_approves_with_a_reason(at):
    booking = ask(approved_event(), at)
    assert refusal(answer, approve_booking, booking, at, approver=Approver.OFFICER, by=officer()) == "no_reason"
    assert (
        refusal(answer, approve_booking, booking, at, approver=Approver.OFFICER, by=PersonFactory(), reason="x") == "not_allowed"
    )
    said = answer(approve_booking, booking, at, approver=Approver.OFFICER, by=officer(), reason="She rang.")
    assert said.status == BookingStatus.CONFIRMED


@pytest.mark.both_databases
def test_the_manager_is_reminded_once_and_the_deputy_is_asked_with_it(at):
    event = approved_event()
    ask(event, at, deputy_email="Deputy@school.example")
    wednesday = datetime(2027, 1, 13, 17, 0, tzinfo=UTC)
    assert due.remind_approvers(wednesday - timedelta(seconds=1)) == 0
    assert (due.remind_approvers(wednesday), due.remind_approvers(wednesday + timedelta(hours=1))) == (1, 0)
    assert sent_to(MANAGER) == ["approval_asked", "approval_reminder"]
    assert sent_to("deputy@school.example") == ["approval_reminder"]


def test_nobody_is_reminded_of_a_request_that_was_taken_back_while_reminders_go_out(at):
    booking = ask(approved_event(), at)
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=at)
    assert remind_approver(request=booking.approval, at=booking.approval.remind_at) is False
    assert "approval_reminder" not in sent_to(MANAGER)


@pytest.mark.both_databases
def test_without_an_answer_the_request_lapses_and_the_place_goes_on(at):
    event = approved_event(places=1)
    first, second = ask(event, at), ask(event, at)
    answer(approve_booking, second, at)
    monday = datetime(2027, 1, 18, 17, 0, tzinfo=UTC)
    assert due.lapse_requests(monday - timedelta(seconds=1)) == 0
    assert (due.lapse_requests(monday), due.lapse_requests(monday)) == (1, 0)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (BookingStatus.LAPSED, BookingStatus.CONFIRMED)
    assert refusal(answer, approve_booking, first, monday) == "answered"


def test_a_request_lapses_at_the_start_at_the_latest(at):
    event = approved_event(first_start=datetime(2027, 1, 13, 9, 30, tzinfo=UTC))
    booking = ask(event, at)
    assert booking.approval.lapses_at == datetime(2027, 1, 13, 9, 30, tzinfo=UTC)
    assert refusal(answer, approve_booking, booking, booking.approval.lapses_at) == "started"


def test_who_lapsed_before_the_start_is_told_to_book_again_and_who_lapsed_with_it_is_not(at):
    event = approved_event()
    early = ask(event, at)
    assert due.lapse_requests(early.approval.lapses_at) == 1
    late = ask(event, starts_at(event) - timedelta(hours=12))
    assert due.lapse_requests(starts_at(event)) == 1
    told = {one.person: one.text for one in Message.objects.filter(kind="approval_lapsed")}
    assert ("book again here" in told[early.person], "It has begun" in told[early.person]) == (True, False)
    assert ("book again here" in told[late.person], "It has begun" in told[late.person]) == (False, True)


def test_a_person_has_four_managers_asked_and_then_the_team_decides(at):
    booking = ask(approved_event(), at)
    said = {"deputy_email": "", "at": at}
    for number in range(3):
        again = ApprovalRequest.objects.get(booking=booking)
        ask_somebody_else(request=again, manager_email=f"boss{number}@school.example", by=booking.person, **said)
    again = ApprovalRequest.objects.get(booking=booking)
    assert refusal(ask_somebody_else, request=again, manager_email="x@school.example", by=booking.person, **said) == "asked_often"
    assert ask_somebody_else(request=again, manager_email="x@school.example", by=officer(), **said).round == 5


def test_a_manager_must_be_named_and_is_somebody_else(at):
    event, person = approved_event(), PersonFactory()
    assert refusal(ask, event, at, person, manager="") == "no_manager"
    assert refusal(ask, event, at, person, manager=person.main_address().upper()) == "own_address"


@pytest.mark.parametrize(("deputy", "code"), [("SELF@school.example", "own_deputy"), (MANAGER.upper(), "same_deputy")])
def test_a_deputy_is_neither_the_person_nor_the_manager(at, deputy, code):
    event, person = approved_event(), PersonFactory(address="self@school.example")
    assert refusal(ask, event, at, person, deputy_email=deputy) == code
    asked = ask(event, at, person, deputy_email="deputy@school.example").approval
    said = {"request": asked, "manager_email": "new@school.example", "by": person, "at": at}
    assert refusal(ask_somebody_else, deputy_email=deputy.replace(MANAGER.upper(), "new@school.example"), **said) == code


@pytest.mark.parametrize(("who", "left"), [("deputy_email", MANAGER), ("manager_email", "deputy@school.example")])
def test_who_turns_out_to_be_the_person_is_not_reminded_to_approve(at, who, left):
    person = PersonFactory()
    booking = ask(approved_event(), at, person, deputy_email="deputy@school.example")
    request = booking.approval
    ApprovalRequest.objects.filter(pk=request.pk).update(**{who: person.main_address()})
    assert remind_approver(request=request, at=request.remind_at)
    assert list(Message.objects.filter(kind="approval_reminder").values_list("to_address", flat=True)) == [left]


def test_somebody_without_an_organisation_has_no_manager_to_ask(at):
    nowhere = {"organisation": None, "sector": None, "borough": None, "organisation_text": ""}
    carer = PersonFactory(organisation_state=OrganisationState.NONE, **nowhere)
    assert ask(approved_event(), at, carer, manager="").status == BookingStatus.CONFIRMED


def test_an_officer_books_over_the_approval_with_a_reason(at):
    booking = book_place(
        event=approved_event(), person=PersonFactory(), by=officer(), at=at, rule_set_aside=True, reason="Agreed by telephone."
    )
    assert (booking.status, booking.changes.get().rule_set_aside) == (BookingStatus.CONFIRMED, "no_approval")


def test_another_manager_can_be_asked_and_the_earlier_question_is_withdrawn(at):
    booking = ask(approved_event(), at)
    later = at + timedelta(days=1)
    asked = ask_somebody_else(
        request=booking.approval, manager_email="New@school.example", deputy_email="", by=booking.person, at=later
    )
    assert (asked.round, asked.asked_at, asked.manager_email) == (2, later, "new@school.example")
    first, second = Message.objects.filter(kind="approval_asked").order_by("created_at")
    assert (first.to_address, first.state, second.to_address) == (MANAGER, MessageState.WITHDRAWN, "new@school.example")


def test_a_cancelled_event_or_booking_leaves_nothing_to_answer(at):
    event = approved_event()
    booking, other = ask(event, at), ask(event, at)
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=at)
    cancel_bookable_event(event=event, reason="The trainer is ill.", by=officer(), at=at)
    assert refusal(answer, approve_booking, booking, at) == "answered"
    assert refusal(answer, approve_booking, other, at) == "answered"


def test_a_manager_is_told_where_nobody_is_asked(at):
    person = PersonFactory()
    booking = book_place(event=bookable_event(), person=person, by=person, at=at, manager_email=MANAGER)
    Message.objects.update(state=MessageState.SENT, sent_at=at)
    cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=at)
    assert sent_to(MANAGER) == ["manager_told_of_booking", "manager_told_of_end"]


def test_a_manager_hears_of_no_end_before_the_letter_about_the_booking_has_left(at):
    person = PersonFactory()
    booking = book_place(event=bookable_event(), person=person, by=person, at=at, manager_email=MANAGER)
    cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=at)
    assert Message.objects.get(to_address=MANAGER).state == MessageState.WITHDRAWN


def test_a_manager_who_was_told_of_no_request_is_not_told_that_it_ended(at):
    person = PersonFactory()
    booking = book_place(event=bookable_event(terms={"minimum": 2}), person=person, by=person, at=at, manager_email=MANAGER)
    Message.objects.update(state=MessageState.SENT, sent_at=at)
    cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=at)
    assert sent_to(MANAGER) == []


def test_nobody_is_told_where_the_event_says_so(at):
    person = PersonFactory()
    event = bookable_event(terms={"manager_role": ManagerRole.NOBODY})
    booking = book_place(event=event, person=person, by=person, at=at, manager_email=MANAGER)
    cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=at)
    assert sent_to(MANAGER) == []


def test_a_question_that_has_not_left_is_withdrawn_when_it_is_answered(at):
    booking = ask(approved_event(), at)
    answer(approve_booking, booking, at, approver=Approver.OFFICER, by=officer(), reason="She rang.")
    assert Message.objects.get(kind="approval_asked").state == MessageState.WITHDRAWN


def test_who_waits_for_their_manager_reads_whether_it_may_cost_something(at):
    said = "We write to you as soon as they answer. Coming, cancelling late or not coming may cost something: "
    free = ask(approved_event(), at)
    charging(at=at)
    charged = ask(approved_event(), at)
    letters = dict(Message.objects.filter(kind="approval_waited_for").values_list("person", "text"))
    assert said in " ".join(letters[charged.person_id].split())
    assert "cost" not in letters[free.person_id]


TWO_HOURS_BEFORE = datetime(2027, 1, 26, 7, 30, tzinfo=UTC)  # it starts at 9.30am


@pytest.mark.both_databases
def test_a_manager_who_is_asked_late_has_until_the_start_and_is_reminded_when_half_of_it_is_over():
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    person = PersonFactory(manager_email=MANAGER)
    booking = book_place(event=event, person=person, by=person, at=TWO_HOURS_BEFORE)
    starts = datetime(2027, 1, 26, 9, 30, tzinfo=UTC)
    request = ApprovalRequest.objects.get(booking=booking)
    assert (request.lapses_at, request.remind_at) == (starts, TWO_HOURS_BEFORE + timedelta(hours=1))
    told, asked = (Message.objects.get(kind=kind).text for kind in ("approval_waited_for", "approval_asked"))
    assert "The event starts then: ring your manager, so that they see our message in time." in told
    assert "The event starts then, so no answer counts after it." in asked
    assert due.remind_approvers(request.remind_at) == 1
    assert due.lapse_requests(starts) == 1
    booking.refresh_from_db()
    assert booking.status == BookingStatus.LAPSED


def test_the_control_a_manager_who_is_asked_in_time_has_the_usual_days(at):
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    person = PersonFactory(manager_email=MANAGER)
    book_place(event=event, person=person, by=person, at=at)
    assert "The event starts then" not in "".join(Message.objects.values_list("text", flat=True))
