"""A place that is passed on where the manager approves: the colleague's manager is asked, and the place is held meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bookings import due
from bookings.models import ApprovalRequest, Booking, BookingChange, BookingStatus, ManagerRole
from bookings.operations import Newcomer, approve_booking, book_place, decline_booking, substitute, substitute_by_address
from core.refusals import Refused
from events.models import Event
from notifications.models import Message
from people.models import Grant, Organisation, OrganisationState, Person, Role
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import accepted_booking, charging
from tests.factories.people import GrantFactory, OrganisationFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db

MANAGER = "head@school.example"
THE_DAY_BEFORE = datetime(2027, 1, 25, 12, 0, tzinfo=UTC)


def held(places: int = 1, **terms) -> Booking:
    """A confirmed place at an event where managers approve."""
    return BookingFactory(event=bookable_event(places=places, terms={"manager_role": ManagerRole.APPROVES, **terms}))


def pass_on(booking: Booking, at: datetime, person: Person | None = None, **said) -> Booking:
    person = person or PersonFactory(manager_email=MANAGER, organisation=booking.organisation)
    return substitute(booking=booking, person=person, at=at, **{"by": booking.person, **said})


def statuses(*bookings: Booking) -> list[str]:
    return [Booking.objects.values_list("status", flat=True).get(pk=one.pk) for one in bookings]


def refusal(action, *args, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        action(*args, **kwargs)
    return refused.value.code


def letters(booking: Booking) -> list[tuple[str, str]]:
    found = Message.objects.filter(about=f"booking:{booking.pk}").exclude(state="withdrawn")
    return sorted(found.values_list("kind", "to_address"))


@pytest.mark.both_databases
def test_the_place_is_held_while_the_colleagues_manager_is_asked(at):
    booking = held()
    waiting = BookingFactory(event=booking.event, status=BookingStatus.WAITING, queue_number=1)
    new = pass_on(booking, at)
    assert statuses(booking, new, waiting) == ["substituted", "awaiting_approval", "waiting"]
    assert (new.has_a_place, new.queue_number, new.replaces, new.manager_email) == (True, None, booking, MANAGER)
    kim, sam = new.person.main_address(), booking.person.main_address()
    assert letters(new) == [("approval_asked", MANAGER), ("approval_waited_for", kim)]
    assert letters(booking) == [("place_passed_on", sam)]
    passed_on = Message.objects.get(kind="place_passed_on").text
    assert "You are no longer booked, whatever they answer: if they say no, others can have the place." in passed_on
    assert f"{booking.person.name} can’t come to" in Message.objects.get(kind="approval_asked").text


@pytest.mark.both_databases
def test_the_control_where_the_manager_is_only_told_the_colleague_has_the_place(at):
    booking = held(manager_role=ManagerRole.TOLD)
    assert statuses(booking, pass_on(booking, at)) == ["substituted", "confirmed"]


@pytest.mark.both_databases
def test_approved_the_colleague_has_the_place(at):
    new = pass_on(held(), at)
    approve_booking(request=ApprovalRequest.objects.get(booking=new), approver="manager", by=None, at=at)
    assert statuses(new) == ["confirmed"]


@pytest.mark.both_databases
@pytest.mark.parametrize("how", ["declined", "lapsed"])
def test_a_place_that_is_not_approved_goes_to_the_next_in_line_and_not_back(at, how):
    booking = held()
    waiting = BookingFactory(event=booking.event, status=BookingStatus.WAITING, queue_number=1)
    new = pass_on(booking, at)
    request = ApprovalRequest.objects.get(booking=new)
    if how == "declined":
        decline_booking(request=request, approver="manager", by=None, at=at)
    else:
        assert due.lapse_requests(request.lapses_at) == 1
    assert statuses(booking, new, waiting) == ["substituted", how, "confirmed"]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("approved", "The manager of Kim Bell has approved: Kim Bell comes to Neglect instead of you."),
        ("declined", "The manager of Kim Bell has not approved, so Kim Bell does not come to Neglect instead of you."),
        (
            "by the deputy",
            "The deputy of Kim Bell’s manager has not approved, so Kim Bell does not come to Neglect instead of you.",
        ),
        ("by an officer", "The organisers have not approved, so Kim Bell does not come to Neglect instead of you."),
        ("lapsed", "Nobody has approved in time, so Kim Bell does not come to Neglect instead of you."),
    ],
)
def test_whoever_passed_the_place_on_hears_what_the_manager_answered(at, how, said):
    booking = held()
    Event.objects.filter(pk=booking.event_id).update(title="Neglect")
    new = pass_on(booking, at, PersonFactory(forename="Kim", surname="Bell", manager_email=MANAGER))
    request = ApprovalRequest.objects.get(booking=new)
    if how == "approved":
        approve_booking(request=request, approver="manager", by=None, at=at)
    elif how == "declined":
        decline_booking(request=request, approver="manager", by=None, at=at, reason="She is on a warning.")
    elif how == "by the deputy":
        decline_booking(request=request, approver="deputy", by=None, at=at)
    elif how == "by an officer":
        decline_booking(request=request, approver="officer", by=officer(), at=at, reason="Rang them.")
    else:
        assert due.lapse_requests(request.lapses_at) == 1
    told = Message.objects.get(kind="place_passed_on_answered")
    assert (told.person, told.about, said in told.text) == (booking.person, booking.about, True)
    assert "warning" not in told.text  # what the manager says of a colleague stays between those two


@pytest.mark.both_databases
def test_an_answer_that_never_came_before_the_start_promises_the_place_to_nobody(at):
    booking = held()
    Event.objects.filter(pk=booking.event_id).update(title="Neglect")
    new = pass_on(booking, THE_DAY_BEFORE, PersonFactory(forename="Kim", surname="Bell", manager_email=MANAGER))
    request = ApprovalRequest.objects.get(booking=new)
    assert request.lapses_at == booking.event.sessions.get().starts_at
    assert due.lapse_requests(request.lapses_at) == 1
    told = Message.objects.get(kind="place_passed_on_answered").text
    assert "Nobody has approved before Neglect began, so Kim Bell does not come instead of you." in told
    assert ("Others can have" in told, "book again" in told) == (False, False)


def test_the_control_for_a_booking_of_ones_own_nobody_else_hears(at):
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    person = PersonFactory(manager_email=MANAGER)
    booking = book_place(event=event, person=person, by=person, at=at)
    approve_booking(request=ApprovalRequest.objects.get(booking=booking), approver="manager", by=None, at=at)
    assert not Message.objects.filter(kind="place_passed_on_answered").exists()


@pytest.mark.both_databases
def test_at_a_tentative_event_the_approved_colleague_is_a_request_again(at):
    booking = held(places=3, minimum=3)
    Booking.objects.filter(pk=booking.pk).update(status=BookingStatus.REQUESTED)
    new = pass_on(booking, at)
    approve_booking(request=ApprovalRequest.objects.get(booking=new), approver="manager", by=None, at=at)
    assert statuses(new) == ["requested"]
    told = Message.objects.get(kind="place_passed_on_answered").text
    assert "has the place you asked for" in told
    assert "once it is sure to take place" in told


def test_a_manager_has_to_be_named_and_is_not_the_colleague(at):
    booking, kim = held(), PersonFactory(address="kim@school.example")
    assert refusal(pass_on, booking, at, kim) == "no_manager"
    assert refusal(pass_on, booking, at, kim, manager_email="Kim@school.example") == "own_address"
    assert pass_on(booking, at, kim, manager_email=" Head@school.example").manager_email == MANAGER


def test_an_officer_goes_over_the_approval_with_a_reason(at):
    booking = held()
    assert refusal(pass_on, booking, at, by=officer(), rule_set_aside=True) == "no_reason"
    new = pass_on(booking, at, by=officer(), rule_set_aside=True, reason="Agreed on the phone")
    assert (new.status, BookingChange.objects.get(booking=new).rule_set_aside) == ("confirmed", "no_approval")
    assert not ApprovalRequest.objects.exists()


def test_an_officer_who_goes_over_nothing_has_the_manager_asked(at):
    assert pass_on(held(), at, by=officer()).status == BookingStatus.AWAITING_APPROVAL


def test_a_training_leads_choice_is_the_agencys_approval(at):
    booking = held()
    lead: Grant = GrantFactory(role=Role.TRAINING_LEAD, organisation=booking.organisation)
    assert pass_on(booking, at, by=lead.person).status == BookingStatus.CONFIRMED


def test_who_has_no_organisation_has_no_manager_to_ask(at):
    nowhere = {"organisation": None, "organisation_state": OrganisationState.NONE, "sector": None, "borough": None}
    carer = PersonFactory(organisation_text="", **nowhere)
    assert pass_on(held(), at, carer, by=officer()).status == BookingStatus.CONFIRMED


def test_a_colleague_who_waits_has_been_through_it(at):
    booking = held()
    waiting = BookingFactory(event=booking.event, status=BookingStatus.WAITING, queue_number=1)
    assert pass_on(booking, at, waiting.person).status == BookingStatus.CONFIRMED


def late() -> Booking:
    charging()
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    return accepted_booking(event=event, at=datetime(2027, 1, 11, 9, 0, tzinfo=UTC))


def test_where_cancelling_costs_nobody_passes_the_place_on_to_an_open_question():
    booking = late()
    assert refusal(pass_on, booking, THE_DAY_BEFORE) == "too_late_to_ask"
    over = {"rule_set_aside": True, "reason": "Agreed on the phone"}
    assert pass_on(booking, THE_DAY_BEFORE, by=officer(), **over).status == BookingStatus.CONFIRMED


def test_the_control_in_time_the_question_may_be_open(at):
    assert pass_on(late(), at).status == BookingStatus.AWAITING_APPROVAL


def test_the_manager_that_somebody_names_for_a_colleague_counts_only_where_one_approves(at):
    organisation: Organisation = OrganisationFactory()
    told, asked = held(manager_role=ManagerRole.TOLD), held()
    for booking in (told, asked):
        Booking.objects.filter(pk=booking.pk).update(organisation=organisation)
        booking.refresh_from_db()
    kim = PersonFactory(organisation=organisation, manager_email="own@school.example")
    named = {"address": kim.main_address(), "newcomer": None, "manager_email": MANAGER, "at": at}
    assert substitute_by_address(booking=told, by=told.person, **named).manager_email == "own@school.example"
    assert substitute_by_address(booking=asked, by=asked.person, **named).manager_email == MANAGER


def test_without_a_manager_nobody_new_is_made(at):
    booking = held()
    people = Person.objects.count()
    new = {"address": "new@school.example", "newcomer": Newcomer("Kim", "Bell", "Nurse"), "by": booking.person, "at": at}
    assert refusal(substitute_by_address, booking=booking, **new) == "no_manager"
    assert Person.objects.count() == people


def test_the_words_for_who_passes_it_on_are_about_the_colleague(at):
    kim = PersonFactory(forename="Kim", surname="Bell")
    with pytest.raises(Refused) as refused:
        pass_on(held(), at, kim)
    assert str(refused.value) == "This event needs the approval of the manager of Kim Bell. Enter their manager's e-mail address."
