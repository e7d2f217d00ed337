"""A booking's page in every state, and what can be done from it."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from bookings.charging import COMMONEST, RateLine
from bookings.charging.reading import terms_of_moving
from bookings.models import (
    ApprovalRequest,
    Booking,
    BookingNeeds,
    BookingStatus,
    BookingTerms,
    CancelledBy,
    Charge,
    Condition,
    ConditionKind,
    Hold,
    HoldKind,
    ManagerRole,
    Trigger,
)
from bookings.needs import Needs
from bookings.operations import (
    approve_charges,
    book_place,
    decline_booking,
    draft_fee,
    excuse_charges,
    lapse_request,
    list_for_finance,
    promote_waiting,
    record_needs,
    reverse_charge,
    set_payer_class,
)
from core import wording
from core.clock import london_date, now
from events.models import Event
from events.queries import starts_at
from notifications.bounces import mark_bounced
from people.models import OrganisationState, Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import accepted_booking, cancelled_late, charging
from tests.factories.courses import CourseFactory
from tests.factories.events import EventTrainerFactory
from tests.factories.notifications import MessageFactory
from tests.factories.people import OrganisationFactory, PersonFactory, SectorFactory, officer

pytestmark = pytest.mark.django_db
CANARY = "Zanthoxylum allergy"


@pytest.fixture(autouse=True)
def monday_morning(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def person():
    return PersonFactory(forename="Sam", surname="Okafor", manager_email="boss@school.example")


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


def url(name, booking) -> str:
    return reverse(name, args=[booking.pk])


def text_of(response) -> str:
    """The words of a page's main part, as they are read."""
    main = response.content.decode().split("<main", 1)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def page(client, name, booking) -> str:
    response = client.get(url(name, booking))
    assert response.status_code == 200
    return text_of(response)


def booked(person, event: Event | None = None, **fields):
    return book_place(event=event or bookable_event(), person=person, by=person, at=now(), **fields)


@pytest.fixture
def asked(person):
    event = bookable_event(terms={"manager_role": "approves"})
    return booked(person, event, deputy_email="deputy@school.example")


# Approval


def test_whoever_waits_for_approval_reads_who_is_asked_and_until_when(signed_in, asked):
    text = page(signed_in, "booking", asked)
    assert "We have asked boss@school.example , and after" in text or "We have asked boss@school.example, and after" in text
    assert "also deputy@school.example. Without an answer by" in text
    assert "on Monday 18 January 2027 the request lapses. The place is kept until then." in text


def test_somebody_else_can_be_asked(signed_in, asked):
    response = signed_in.post(url("ask_somebody_else", asked), {"manager_email": "head@school.example"})
    assert response.url == url("booking", asked)
    asked.approval.refresh_from_db()
    assert (asked.approval.manager_email, asked.approval.deputy_email, asked.approval.round) == ("head@school.example", "", 2)
    assert "We have asked head@school.example. Without" in page(signed_in, "booking", asked)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "Enter your line manager's e-mail address."),
        ("boss@school.example", "We have asked this address already. Enter another one."),
        ("sam.okafor@school.example", "This is your own address. Enter the address of your line manager."),
    ],
)
def test_whom_we_can_not_ask_is_said_beside_the_field(signed_in, asked, address, said):
    response = signed_in.post(url("ask_somebody_else", asked), {"manager_email": address})
    asked.approval.refresh_from_db()
    assert (response.status_code, said in text_of(response), asked.approval.round) == (200, True, 1)


def test_whoever_waits_for_a_manager_reads_that_messages_to_them_come_back(signed_in, asked):
    assert "come back" not in page(signed_in, "booking", asked)
    mark_bounced(address=asked.manager_email, reason="", at=now())
    assert "Messages to this address come back: ask somebody else, below." in page(signed_in, "booking", asked)


def test_after_the_answer_nobody_else_is_asked(signed_in, asked):
    decline_booking(request=asked.approval, approver="manager", by=None, at=now(), reason="We are short that day.")
    response = signed_in.post(url("ask_somebody_else", asked), {"manager_email": "head@school.example"})
    assert (response.status_code, "This request is not open any more" in text_of(response)) == (409, True)
    said = f"Not approved on {wording.day(london_date(now()))} Why: We are short that day."
    assert said in page(signed_in, "booking", asked)


def test_a_lapsed_request_says_so(signed_in, asked):
    with time_machine.travel(asked.approval.lapses_at, tick=False):
        lapse_request(request=asked.approval, at=now())
        assert "Nobody approved in time. To come after all, book again." in page(signed_in, "booking", asked)


def test_a_request_can_be_taken_back(signed_in, asked):
    assert "Take your request back?" in page(signed_in, "cancel_booking", asked)
    signed_in.post(url("cancel_booking", asked))
    asked.refresh_from_db()
    assert asked.status == BookingStatus.CANCELLED


# Tentative


def test_a_request_says_how_many_are_still_missing(signed_in, person):
    booking = booked(person, bookable_event(terms={"minimum": 4}))
    assert "The event takes place once 3 more people have asked for a place." in page(signed_in, "booking", booking)


# Offers


@pytest.fixture
def offered(person):
    """A place that became free on the day before the event."""
    event = bookable_event(places=1)
    holder = BookingFactory(event=event)
    waiting = booked(person, event)
    with time_machine.travel(starts_at(event) - timedelta(hours=20), tick=False):
        holder.status = BookingStatus.DECLINED
        holder.save()
        promote_waiting(event=event, at=now())
        waiting.refresh_from_db()
        assert waiting.status == BookingStatus.OFFERED
        yield waiting


def test_an_offer_is_taken_with_one_press(signed_in, offered):
    assert "A place is free for you until" in page(signed_in, "booking", offered)
    signed_in.post(url("answer_offer", offered), {"answer": "take"})
    offered.refresh_from_db()
    assert (offered.status, "Place booked" in page(signed_in, "booking", offered)) == (BookingStatus.CONFIRMED, True)


def test_an_offer_is_turned_down_with_one_press(signed_in, offered):
    assert "Without an answer by then others can have it." in page(signed_in, "booking", offered)
    response = signed_in.post(url("answer_offer", offered), {"answer": "turn_down"}, follow=True)
    offered.refresh_from_db()
    assert offered.status == BookingStatus.DECLINED
    assert "You turned the offered place down on Monday 25 January 2027. Others can have it now." in text_of(response)
    assert "next in line" not in response.content.decode()  # nobody waits


def test_opening_the_address_of_an_offer_answers_nothing(signed_in, offered):
    assert signed_in.get(url("answer_offer", offered), {"answer": "take"}).status_code == 405
    assert signed_in.post(url("answer_offer", offered), {"answer": "perhaps"}).status_code == 302
    offered.refresh_from_db()
    assert offered.status == BookingStatus.OFFERED


def test_an_offer_whose_time_is_over_says_so(signed_in, offered):
    with time_machine.travel(offered.offered_until, tick=False):
        response = signed_in.post(url("answer_offer", offered), {"answer": "take"}, follow=True)
        assert "The time for this offer is over" in text_of(response)


# A colleague


@pytest.fixture
def booking(person):
    return booked(person)


def test_a_known_colleague_is_shown_by_name_before_anything_is_done(signed_in, booking):
    kim = PersonFactory(forename="Kim", surname="Bell", organisation=booking.organisation)
    response = signed_in.post(url("booking_colleague", booking), {"step": "find", "address": "KIM.BELL@school.example"})
    assert "Kim Bell comes instead?" in text_of(response)
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED
    response = signed_in.post(url("booking_colleague", booking), {"step": "check", "address": "kim.bell@school.example"})
    booking.refresh_from_db()
    assert (response.url, booking.status) == (url("booking", booking), BookingStatus.SUBSTITUTED)
    assert booking.replaced_by.get().person == kim
    assert "Kim Bell comes instead, since" in page(signed_in, "booking", booking)


def test_a_new_colleague_is_asked_about_and_becomes_a_person_of_the_same_organisation(signed_in, booking):
    address = {"address": "kim@school.example"}
    response = signed_in.post(url("booking_colleague", booking), {"step": "find", **address})
    assert "Who comes instead? Tell us who kim@school.example is. Somebody from " in text_of(response)
    response = signed_in.post(url("booking_colleague", booking), {"step": "check", **address, "forename": "Kim"})
    assert ("Enter their last name." in text_of(response), Person.objects.filter(forename="Kim").exists()) == (True, False)
    signed_in.post(
        url("booking_colleague", booking),
        {"step": "check", **address, "forename": "Kim", "surname": "Bell", "job_role": "Nurse"},
    )
    new = booking.replaced_by.get()
    assert (new.person.name, new.person.job_role, new.status) == ("Kim Bell", "Nurse", BookingStatus.CONFIRMED)
    assert (new.person.organisation, new.organisation) == (booking.organisation, booking.organisation)


def test_an_address_known_elsewhere_looks_like_a_new_one_and_is_refused_in_the_end(signed_in, booking):
    kim = PersonFactory(forename="Kim", surname="Bell", address="kim@nhs.example", organisation=OrganisationFactory())
    found = signed_in.post(url("booking_colleague", booking), {"step": "find", "address": "kim@nhs.example"})
    new = signed_in.post(url("booking_colleague", booking), {"step": "find", "address": "nobody@nhs.example"})
    assert text_of(found).replace("kim@", "") == text_of(new).replace("nobody@", "")
    answers = {"step": "check", "address": "kim@nhs.example", "forename": "X", "surname": "Y", "job_role": "Z"}
    response = signed_in.post(url("booking_colleague", booking), answers)
    text = text_of(response)
    assert (response.status_code, "Write to training@riverside.example: the officers can do it." in text) == (409, True)
    assert ("Kim" in text, "Bell" in text, kim.organisation.name in text) == (False, False, False)
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED


@pytest.fixture
def approved(booking):
    BookingTerms.objects.filter(event=booking.event).update(manager_role=ManagerRole.APPROVES)
    return booking


def test_where_the_manager_approves_the_page_says_first_that_the_own_booking_is_over_then(signed_in, approved):
    kim = PersonFactory(forename="Kim", surname="Bell", organisation=approved.organisation)
    who = {"address": kim.main_address()}
    shown = text_of(signed_in.post(url("booking_colleague", approved), {"step": "find", **who}))
    assert "The place is held for Kim Bell until their manager answers. Your own booking is over as soon as you pass" in shown
    unnamed = signed_in.post(url("booking_colleague", approved), {"step": "check", **who, "manager_email": ""})
    assert "This event needs the approval of the manager of Kim Bell." in text_of(unnamed)
    named = {"step": "check", **who, "manager_email": "head@school.example"}
    done = text_of(signed_in.post(url("booking_colleague", approved), named, follow=True))
    assert "Kim Bell comes instead once their manager approves. We write to both of you." in done
    assert "Kim Bell comes instead once their manager approves, since" in done
    assert approved.replaced_by.get().status == BookingStatus.AWAITING_APPROVAL
    approved.replaced_by.update(status=BookingStatus.DECLINED)
    assert "The place was passed on to Kim Bell, since" in page(signed_in, "booking", approved)


@pytest.mark.parametrize(
    ("decision", "by", "status", "said"),
    [
        ("approved", "manager", BookingStatus.CONFIRMED, "Kim Bell comes instead, as their manager approves, since"),
        ("declined", "manager", BookingStatus.DECLINED, "Their manager has not approved, so others can have it."),
        ("declined", "deputy", BookingStatus.DECLINED, "The deputy of their manager has not approved, so others can have it."),
        ("lapsed", "", BookingStatus.LAPSED, "Nobody approved in time, so others can have it."),
    ],
)
def test_the_page_of_whoever_passed_it_on_says_what_became_of_it(signed_in, approved, decision, by, status, said):
    kim = PersonFactory(forename="Kim", surname="Bell", organisation=approved.organisation)
    named = {"step": "check", "address": kim.main_address(), "manager_email": "head@school.example"}
    signed_in.post(url("booking_colleague", approved), named)
    assert "Without an answer by" in page(signed_in, "booking", approved)
    approved.replaced_by.update(status=status)
    ApprovalRequest.objects.update(decision=decision, decided_as=by, decided_at=approved.booked_at)
    assert said in page(signed_in, "booking", approved)


def test_a_place_whose_request_lapsed_with_the_start_stays_empty(signed_in, approved):
    kim = PersonFactory(forename="Kim", surname="Bell", organisation=approved.organisation)
    begins = starts_at(approved.event)
    named = {"step": "check", "address": kim.main_address(), "manager_email": "head@school.example"}
    with time_machine.travel(begins - timedelta(hours=12), tick=False):
        signed_in.post(url("booking_colleague", approved), named)
        assert "nobody comes: the event starts then" in page(signed_in, "booking", approved)
    with time_machine.travel(begins, tick=False):
        lapse_request(request=ApprovalRequest.objects.get(), at=begins)
        shown = page(signed_in, "booking", approved)
        assert ("so the place stays empty." in shown, "others can have" in shown) == (True, False)


@pytest.mark.parametrize(("later", "is_offered"), [(timedelta(hours=-1), True), (timedelta(minutes=1), False)])
def test_nobody_is_sent_to_book_again_once_the_event_has_begun(signed_in, booking, later, is_offered):
    Booking.objects.filter(pk=booking.pk).update(
        status=BookingStatus.CANCELLED, cancelled_by=CancelledBy.DELEGATE, ended_at=booking.booked_at
    )
    with time_machine.travel(starts_at(booking.event) + later, tick=False):
        assert ("To come after all, book again." in page(signed_in, "booking", booking)) == is_offered


def test_the_manager_of_somebody_new_is_asked_for_with_their_name(signed_in, approved):
    new = {"address": "kim@school.example"}
    shown = text_of(signed_in.post(url("booking_colleague", approved), {"step": "find", **new}))
    assert "The place is held for your colleague until their manager answers." in shown
    who = {"step": "check", **new, "forename": "Kim", "surname": "Bell", "job_role": "Nurse"}
    unnamed = text_of(signed_in.post(url("booking_colleague", approved), who))
    assert "Enter the e-mail address of your colleague’s manager." in unnamed
    signed_in.post(url("booking_colleague", approved), {**who, "manager_email": "head@school.example"})
    assert approved.replaced_by.get().status == BookingStatus.AWAITING_APPROVAL


def test_ones_own_address_is_no_colleagues(signed_in, booking):
    response = signed_in.post(
        url("booking_colleague", booking), {"step": "find", "address": booking.person.main_address().upper()}
    )
    assert "This is the address of who holds the place." in text_of(response)
    assert "comes instead?" not in text_of(response)


def test_a_colleague_who_has_a_place_is_refused(signed_in, booking):
    kim = PersonFactory(forename="Kim", surname="Bell", organisation=booking.organisation)
    BookingFactory(event=booking.event, person=kim)
    response = signed_in.post(url("booking_colleague", booking), {"step": "check", "address": kim.main_address()})
    assert (response.status_code, "Kim Bell has a booking for this event already." in text_of(response)) == (409, True)


def test_whoever_has_no_organisation_is_sent_to_the_officers(signed_in, person):
    nowhere = {"organisation": None, "organisation_state": OrganisationState.NONE, "sector": None, "borough": None}
    Person.objects.filter(pk=person.pk).update(organisation_text="", **nowhere)
    booking = booked(Person.objects.get(pk=person.pk))
    assert "A colleague comes instead" not in page(signed_in, "booking", booking)
    assert "if somebody else should come instead of you" in page(signed_in, "booking_colleague", booking)


def test_needs_stay_behind(signed_in, booking):
    record_needs(booking=booking, needs=Needs(diet_other=CANARY), by=booking.person, at=now())
    kim = PersonFactory(organisation=booking.organisation)
    signed_in.post(url("booking_colleague", booking), {"step": "check", "address": kim.main_address()})
    assert BookingNeeds.objects.count() == 0


# Another date


def later(booking, days=30, **fields):
    return bookable_event(course=booking.event.course, first_start=now() + timedelta(days=days), **fields)


def test_the_place_moves_to_another_date_that_has_one_left(signed_in, booking):
    full = later(booking, days=30, places=1)
    BookingFactory(event=full)
    free = later(booking, days=40, places=2)
    bookable_event()  # of another course
    response = signed_in.get(url("booking_move", booking))
    assert [one.event for one in response.context["dates"]] == [free]
    assert "Move to another date" in page(signed_in, "booking", booking)
    response = signed_in.post(url("booking_move", booking), {"to_event": str(free.pk)})
    booking.refresh_from_db()
    new = booking.replaced_by.get()
    assert (response.url, booking.status, new.event) == (url("booking", new), BookingStatus.TRANSFERRED, free)
    text = page(signed_in, "booking", booking)
    assert ("Moved to Saturday 20 February 2027." in text, "See the new date" in text) == (True, True)


def test_a_full_date_can_not_be_chosen(signed_in, booking):
    full = later(booking, places=1)
    BookingFactory(event=full)
    later(booking, days=50)
    response = signed_in.post(url("booking_move", booking), {"to_event": str(full.pk)})
    assert "This date has no place left. Choose another one." in text_of(response)


def test_only_dates_that_the_person_can_move_to_are_offered_and_a_tentative_one_says_so(signed_in, booking):
    tentative = later(booking, days=30, terms={"minimum": 3})
    unmet = later(booking, days=31)
    Condition.objects.create(event=unmet, kind=ConditionKind.PARTNERS_ONLY)
    later(booking, days=32, terms={"manager_role": "approves"})
    later(booking, days=33, terms={"closes_at": now() - timedelta(days=1)})
    response = signed_in.get(url("booking_move", booking))
    assert [one.event for one in response.context["dates"]] == [tentative]
    assert "left). Takes place once 3 more people have asked." in text_of(response)
    assert "becomes free for others." in text_of(response)
    BookingFactory(event=booking.event, status="waiting", queue_number=1)
    assert "goes to the next person on the waiting list." in page(signed_in, "booking_move", booking)


def test_without_another_date_it_says_so(signed_in, booking):
    assert "Move to another date" not in page(signed_in, "booking", booking)
    assert "No other date has a place left" in page(signed_in, "booking_move", booking)


COSTS = (
    "Attending: the full course cost of £30",
    "Cancel free of charge until the end of Thursday 18 February 2027. Cancelling after that: £50 Not coming: £50",
)


def charging_for_coming():
    charging(COMMONEST, rates=(*COMMONEST.rates, RateLine(Trigger.ATTEND, percent_of_fee=100)))


def test_what_each_other_date_costs_is_said_before_moving_to_it(client, signed_in, booking):
    later(booking, days=1)
    assert "cost" not in page(signed_in, "booking_move", booking)  # while charges are off
    charging_for_coming()
    later(booking, days=40, terms={"fee": 30})
    text = page(signed_in, "booking_move", booking)
    assert [said in text for said in COSTS] == [True, True]
    assert "Free if you come Cancelling free of charge was possible until" in text
    client.force_login(officer())
    assert "Free if they come" in page(client, "booking_move", booking)


def test_the_costs_of_many_dates_are_read_together(signed_in, booking, django_assert_num_queries):
    charging_for_coming()
    events = [later(booking, days=days, terms={"fee": 30}) for days in (20, 30, 40)]
    found = Booking.objects.get(pk=booking.pk)
    for some in (events[:1], events):
        read = list(Event.objects.filter(pk__in=[event.pk for event in some]).prefetch_related("sessions"))
        with django_assert_num_queries(6):
            assert terms_of_moving(found, read, now()).keys() == {event.pk for event in some}


def test_another_date_costs_what_the_organisation_of_the_booking_pays(signed_in, booking):
    other = later(booking, days=40)
    charging()
    set_payer_class(partnership=other.lead_host, organisation=booking.organisation, payer_class="school", by=None, at=now())
    booking.person.organisation = OrganisationFactory()
    booking.person.save()
    said = terms_of_moving(booking, [other], now())[other.pk]
    signed_in.post(url("booking_move", booking), {"to_event": str(other.pk)})
    new = booking.replaced_by.get()
    assert (said.payer_class, said.version) == ("school", new.policy_version)
    assert new.payer_class == "school"


def test_a_place_that_was_moved_to_where_coming_costs_asks_for_the_bill(client, signed_in, booking):
    other = later(booking, days=40, terms={"fee": 30})
    charging_for_coming()
    signed_in.post(url("booking_move", booking), {"to_event": str(other.pk)})
    new = booking.replaced_by.get()
    assert "Bill Nobody has said yet where it goes Say where the bill goes" in page(signed_in, "booking", new)
    page(signed_in, "booking_bill", new)
    half = signed_in.post(url("booking_bill", new), {"pays_by": "internal_recharge"})
    assert "Enter the cost code that is recharged." in text_of(half)
    signed_in.post(url("booking_bill", new), {"pays_by": "internal_recharge", "cost_code": "C7"})
    assert "Bill Internal recharge Cost code C7 Change it" in page(signed_in, "booking", new)
    client.force_login(officer())
    assert client.get(url("booking_bill", new)).status_code == 404
    assert "Is this wrong? Write to" in page(client, "booking", new)


def test_a_bill_that_the_finance_team_has_is_not_changed_on_the_page(signed_in, person):
    charging_for_coming()
    booking = accepted_booking(at=now(), person=person, event=bookable_event(terms={"fee": 30}))
    signed_in.post(url("booking_bill", booking), {"pays_by": "internal_recharge", "cost_code": "C7"})
    charge, host = draft_fee(booking=booking, at=now()), booking.event.lead_host
    approve_charges(partnership=host, charges=[charge.pk], by=None, at=now())
    list_for_finance(partnership=host, by=None, at=now())
    response = signed_in.post(url("booking_bill", booking), {"pays_by": "internal_recharge", "cost_code": "C8"})
    assert response.url == url("booking", booking)
    assert "Cost code C7 Is this wrong? Write to" in page(signed_in, "booking", booking)


# Cancelling


def test_cancelling_in_time_says_that_it_costs_nothing_and_who_hears_of_it(signed_in, person):
    charging()
    booking = booked(person)
    MessageFactory(about=f"booking:{booking.pk}", to_address="boss@school.example", state="sent", sent_at=now())
    text = page(signed_in, "cancel_booking", booking)
    assert "You cancel in time It costs nothing until the end of Friday 22 January 2027." in text
    assert "We tell your manager, boss@school.example." in text


def test_cancelling_late_says_what_it_costs_before_it_is_done(signed_in, person):
    charging()
    booking = accepted_booking(at=now(), person=person)
    with time_machine.travel(starts_at(booking.event) - timedelta(hours=20), tick=False):
        text = page(signed_in, "cancel_booking", booking)
        assert "Cancelling now costs £50 Less than 2 working days before: 1 day at £50." in text


def test_a_late_cancellation_says_what_is_drafted_until_an_officer_excuses_it(client, signed_in, person):
    charging()
    booking = accepted_booking(at=now(), person=person)
    said = "A charge of £50 is drafted; an officer checks it before anything is sent."
    with time_machine.travel(starts_at(booking.event) - timedelta(hours=20), tick=False):
        assert said in text_of(signed_in.post(url("cancel_booking", booking), follow=True))
        client.force_login(officer())
        assert said in page(client, "booking", booking)
        charges = Charge.objects.values_list("pk", flat=True)
        excuse_charges(partnership=booking.event.lead_host, charges=charges, reason="sickness", by=officer(), at=now())
        assert "The charge of £50 for cancelling late was excused." in page(client, "booking", booking)
        assert said not in page(client, "booking", booking)


def test_a_charge_stands_until_the_credit_that_takes_it_back_is_approved(signed_in, person):
    charging()
    charge, by = cancelled_late(at=now(), person=person), officer()
    booking, host = charge.booking, charge.partnership
    approve_charges(partnership=host, charges=[charge.pk], by=by, at=now())
    stands = "The charge for it is £50."
    assert f"{stands} An officer has checked it." in page(signed_in, "booking", booking)
    drafted = f"{stands} It is being taken back; an officer checks that."
    credit = reverse_charge(charge=charge, reason="The line was down", by=by, at=now())
    assert drafted in page(signed_in, "booking", booking)
    excuse_charges(partnership=host, charges=[credit.pk], reason="correction", by=by, at=now())
    assert f"{stands} An officer has checked it." in page(signed_in, "booking", booking)
    credit = reverse_charge(charge=charge, reason="The line was down", by=by, at=now())
    approve_charges(partnership=host, charges=[credit.pk], by=by, at=now())
    text = page(signed_in, "booking", booking)
    assert ("The charge of £50 for cancelling late was taken back." in text, stands in text) == (True, False)


@pytest.mark.parametrize(
    ("is_released", "said"),
    [(False, "The place is held again for Health until Wednesday 20 January 2027."), (True, "The place goes to the next person")],
)
def test_a_held_place_goes_back_to_those_held_and_not_to_who_waits(signed_in, person, is_released, said):
    sector = SectorFactory(name="Health")
    until, released = date(2027, 1, 20), now() if is_released else None
    fields = {"event": bookable_event(course=CourseFactory()), "made_at": now(), "released_at": released}
    hold = Hold.objects.create(kind=HoldKind.RESERVED, places=1, sector=sector, until=until, **fields)
    booking = BookingFactory(event=hold.event, person=person, hold=hold)
    BookingFactory(event=hold.event, status="waiting", queue_number=1)
    later(booking)
    assert said in page(signed_in, "cancel_booking", booking)
    assert said.partition(" ")[2].partition(" ")[2] in page(signed_in, "booking_move", booking)


@pytest.mark.parametrize(
    ("manager", "said"),
    [
        ("boss@school.example", "Only your manager can cancel this place. Ask them to write to training@riverside.example."),
        ("", "your booking names none. Write to training@riverside.example if you can't come."),
    ],
)
def test_where_only_a_manager_cancels_the_page_says_so_instead_of_offering_it(signed_in, person, manager, said):
    charging(who_may_cancel="manager")
    booking = accepted_booking(at=now(), person=person, manager_email=manager)
    text = page(signed_in, "booking", booking)
    assert (said in text, "Cancel your place" in text) == (True, False)
    assert said in page(signed_in, "cancel_booking", booking)


def test_where_nothing_is_charged_cancelling_says_nothing_of_money(signed_in, booking):
    assert "cost" not in page(signed_in, "cancel_booking", booking)


# Needs


def test_the_person_sees_and_changes_their_needs(signed_in, booking):
    assert "Needs None Change" in page(signed_in, "booking", booking)
    signed_in.post(url("booking_needs", booking), {"diet": ["vegan"], "interpreter": "Polish"})
    assert "Needs Vegan Interpreter: Polish Change" in page(signed_in, "booking", booking)
    assert signed_in.get(url("booking_needs", booking)).context["form"]["diet"].value() == ("vegan",)


def test_after_the_end_needs_can_not_be_changed(signed_in, person):
    booking = BookingFactory(person=person, status=BookingStatus.CANCELLED, cancelled_by=CancelledBy.DELEGATE)
    assert signed_in.post(url("booking_needs", booking), {"diet": ["vegan"]}).status_code == 409


def test_trainers_see_access_and_interpreters_and_nothing_else(client, booking):
    needs = Needs(diet=("vegan",), diet_other=CANARY, access=("step_free",), interpreter="BSL")
    record_needs(booking=booking, needs=needs, by=booking.person, at=now())
    trainer = EventTrainerFactory(event=booking.event, person=PersonFactory()).person
    client.force_login(trainer)
    text = text_of(client.get(reverse("event_needs", args=[booking.event_id])))
    assert ("Sam Okafor Step-free access BSL" in text, CANARY in text, "egan" in text) == (True, False, False)
