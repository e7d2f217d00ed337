"""What somebody is asked who books: the manager, needs, the bill; and what they are told before they do."""

from __future__ import annotations

import html
import re

import pytest
import time_machine
from django.urls import reverse

from bookings.charging import COMMONEST, RateLine
from bookings.forms import NeedsForm
from bookings.models import (
    BillingDetails,
    Booking,
    BookingNeeds,
    BookingStatus,
    Condition,
    ConditionKind,
    Trigger,
)
from bookings.needs import Needs
from courses.models import Format
from people.models import OrganisationState, Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import charging
from tests.factories.people import OrganisationFactory, PersonFactory, SectorFactory

pytestmark = pytest.mark.django_db


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


def book_url(event) -> str:
    return reverse("book", args=[event.pk])


def text_of(response) -> str:
    """The words of a page, as they are read."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def asked(response) -> list[str]:
    """The fields of the form without those about needs."""
    return [name for name in response.context["form"].fields if name not in NeedsForm.base_fields]


@pytest.mark.parametrize(
    ("role", "fields", "said"),
    [
        ("nobody", [], "Book a place"),
        ("told", ["manager_email"], "We tell them that you have booked"),
        ("approves", ["manager_email", "deputy_email"], "Asked if your manager does not answer in time."),
    ],
)
def test_the_manager_is_asked_for_as_far_as_they_have_a_part(signed_in, role, fields, said):
    response = signed_in.get(book_url(bookable_event(terms={"manager_role": role})))
    assert (asked(response), said in text_of(response)) == (fields, True)


@pytest.mark.parametrize("role", ["told", "approves"])
def test_whoever_has_no_organisation_is_asked_for_no_manager(signed_in, person, role):
    nowhere = {"organisation": None, "organisation_state": OrganisationState.NONE, "sector": None, "borough": None}
    Person.objects.filter(pk=person.pk).update(organisation_text="", **nowhere)
    event = bookable_event(terms={"manager_role": role})
    assert asked(signed_in.get(book_url(event))) == []
    signed_in.post(book_url(event), {})
    assert Booking.objects.get().status == BookingStatus.CONFIRMED


def test_a_manager_who_approves_has_to_be_named(signed_in):
    event = bookable_event(terms={"manager_role": "approves"})
    response = signed_in.post(book_url(event), {"manager_email": ""})
    assert "Enter your line manager's e-mail address." in text_of(response)
    assert Booking.objects.count() == 0


def test_ones_own_address_is_refused_beside_the_field(signed_in, person):
    event = bookable_event(terms={"manager_role": "approves"})
    response = signed_in.post(book_url(event), {"manager_email": person.main_address()})
    assert response.context["form"].errors["manager_email"] == [
        "This is your own address. Enter the address of your line manager."
    ]
    assert Booking.objects.count() == 0


def test_asking_for_approval_leads_to_the_booking_with_its_deputy(signed_in):
    event = bookable_event(terms={"manager_role": "approves"})
    signed_in.post(book_url(event), {"manager_email": "Boss@School.example", "deputy_email": "deputy@school.example"})
    booking = Booking.objects.get()
    assert (booking.status, booking.approval.manager_email) == (BookingStatus.AWAITING_APPROVAL, "boss@school.example")
    assert booking.approval.deputy_email == "deputy@school.example"


def test_needs_come_with_the_booking(signed_in):
    event = bookable_event()
    answers = {"diet": ["vegan", "nut_allergy"], "access": ["step_free"], "interpreter": "BSL", "access_other": "A chair"}
    signed_in.post(book_url(event), {"manager_email": "", **answers})
    assert Needs.of(BookingNeeds.objects.get()) == Needs(("vegan", "nut_allergy"), "", ("step_free",), "A chair", "BSL")


def test_online_there_is_nothing_to_eat(signed_in):
    response = signed_in.get(book_url(bookable_event(format=Format.VIRTUAL, venue=None)))
    form = response.context["form"]
    assert ("diet" in form.fields, form.fields["access"].choices) == (
        False,
        [("large_print", "Large print"), ("captions", "Captions")],
    )


def test_what_was_said_is_not_hidden_beside_an_error(signed_in):
    event = bookable_event(terms={"manager_role": "approves"})
    response = signed_in.post(book_url(event), {"manager_email": "", "diet": ["vegan"]})
    assert response.context["form"].opens_needs()
    assert '<details class="govuk-details" open>' in response.content.decode()
    assert not signed_in.get(book_url(event)).context["form"].opens_needs()


def test_conditions_are_said_in_words_before_booking(signed_in, person):
    event = bookable_event()
    Condition.objects.create(event=event, kind=ConditionKind.SECTOR).sectors.add(person.sector)
    assert f"For people who work in {person.sector.name}." in text_of(signed_in.get(book_url(event)))


def test_each_condition_that_is_not_met_says_so_at_once(signed_in):
    event = bookable_event()
    Condition.objects.create(event=event, kind=ConditionKind.SECTOR).sectors.add(SectorFactory(name="Police"))
    Condition.objects.create(event=event, kind=ConditionKind.JOB_ROLE, job_roles="Midwife")
    text = text_of(signed_in.get(book_url(event)))
    assert [words in text for words in ("work in Police.", "job role is Midwife.", "Change your profile")] == [True, True, True]
    response = signed_in.post(book_url(event), {"manager_email": ""})
    assert (response.status_code, Booking.objects.count()) == (409, 0)


def test_another_booking_at_the_same_time_is_shown_and_can_be_gone_past(signed_in, person):
    other = BookingFactory(person=person, event=bookable_event(title="Neglect"))
    event = bookable_event()
    text = text_of(signed_in.get(book_url(event)))
    assert "You have something else at that time Neglect, Tuesday 26 January 2027: confirmed . You can still book here." in text
    signed_in.post(book_url(event), {"manager_email": ""})
    assert Booking.objects.exclude(pk=other.pk).get().status == BookingStatus.CONFIRMED


def test_nothing_is_said_about_time_where_nothing_clashes(signed_in):
    assert "at that time" not in text_of(signed_in.get(book_url(bookable_event())))


def test_a_tentative_event_says_how_many_are_missing(signed_in):
    event = bookable_event(terms={"minimum": 3})
    BookingFactory(event=event, status=BookingStatus.REQUESTED)
    response = signed_in.get(book_url(event))
    assert "It takes place once 2 more people have asked for a place." in text_of(response)
    assert response.content.decode().count("Ask for a place</button>") == 1
    signed_in.post(book_url(event), {"manager_email": ""})
    assert Booking.objects.latest("booked_at").status == BookingStatus.REQUESTED


def test_where_nothing_is_charged_nothing_is_said_of_money(signed_in):
    text = text_of(signed_in.get(book_url(bookable_event())))
    assert ("Cost" in text, "£" in text) == (False, False)


def test_what_cancelling_late_costs_is_said_before_booking_and_the_bill_may_be_left_open_where_coming_is_free(signed_in):
    charging()
    response = signed_in.get(book_url(bookable_event()))
    text = text_of(response)
    assert "Cancel free of charge until the end of Friday 22 January 2027." in text
    assert "Cancelling after that: £50 Not coming: £50" in text
    assert "A bill is sent only if you cancel late or don’t come." in text
    assert "pays_by" in asked(response)
    signed_in.post(book_url(bookable_event()), {"manager_email": ""})
    assert (Booking.objects.get().status, BillingDetails.objects.count()) == (BookingStatus.CONFIRMED, 0)


def test_a_bill_that_may_be_left_open_is_kept_when_it_is_given(signed_in):
    charging()
    event = bookable_event()
    half = text_of(signed_in.post(book_url(event), {"manager_email": "", "cost_code": "C1"}))
    assert ("Choose how it is paid, or leave all of the bill empty." in half, Booking.objects.count()) == (True, 0)
    signed_in.post(book_url(event), {"manager_email": "", "pays_by": "internal_recharge", "cost_code": "C1"})
    assert BillingDetails.objects.get(booking=Booking.objects.get()).cost_code == "C1"
    assert signed_in.get(book_url(bookable_event())).context["form"]["cost_code"].value() == "C1"


def test_the_control_where_nothing_can_cost_no_bill_is_asked(signed_in):
    assert asked(signed_in.get(book_url(bookable_event()))) == ["manager_email"]


@pytest.fixture
def paid():
    charging(COMMONEST, rates=(*COMMONEST.rates, RateLine(Trigger.ATTEND, percent_of_fee=100)))
    return bookable_event(terms={"fee": 60})


def test_where_coming_costs_the_bill_is_asked_for(signed_in, paid):
    response = signed_in.get(book_url(paid))
    assert "Attending: the full course cost of £60" in text_of(response)
    assert "pays_by" in asked(response)
    answers = {"manager_email": "", "pays_by": "invoice", "invoice_to": "Alder School", "invoice_email": "pay@school.example"}
    signed_in.post(book_url(paid), {**answers, "purchase_order": "PO 7"})
    details = BillingDetails.objects.get(booking=Booking.objects.get())
    assert (details.invoice_to, details.invoice_email, details.purchase_order) == ("Alder School", "pay@school.example", "PO 7")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "Choose how it is paid."),
        ({"pays_by": "internal_recharge"}, "Enter the cost code that is recharged."),
        ({"pays_by": "invoice"}, "Enter who is invoiced."),
        ({"pays_by": "invoice", "invoice_to": "Alder"}, "Enter an e-mail address for the invoice, or a postal address."),
    ],
)
def test_a_bill_that_could_not_be_sent_is_asked_for_again(signed_in, paid, answers, said):
    response = signed_in.post(book_url(paid), {"manager_email": "", **answers})
    assert (said in text_of(response), Booking.objects.count()) == (True, 0)


def test_what_was_said_at_the_last_booking_need_not_be_typed_again(signed_in, person, paid):
    Person.objects.filter(pk=person.pk).update(manager_email="")
    form = signed_in.get(book_url(paid)).context["form"]
    assert (form["manager_email"].value(), form["invoice_to"].value()) == ("", person.organisation.name)
    bill = {"pays_by": "invoice", "invoice_to": "Alder Trust", "invoice_email": "pay@school.example", "purchase_order": "PO 7"}
    signed_in.post(book_url(paid), {"manager_email": "head@school.example", **bill})
    form = signed_in.get(book_url(bookable_event(terms={"fee": 40}))).context["form"]
    known = [form[name].value() for name in ("manager_email", "pays_by", "invoice_to", "invoice_email", "purchase_order")]
    assert known == ["head@school.example", "invoice", "Alder Trust", "pay@school.example", None]


def test_what_was_said_elsewhere_is_not_shown(signed_in, person):
    BookingFactory(person=person, manager_email="old.head@school.example")
    new = OrganisationFactory()
    Person.objects.filter(pk=person.pk).update(manager_email="", organisation=new, organisation_text=new.name)
    assert signed_in.get(book_url(bookable_event())).context["form"]["manager_email"].value() == ""
