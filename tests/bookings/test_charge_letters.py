"""Who is charged reads what, why, by which rules, and how to ask for it to be excused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.charging.finance import reference
from bookings.models import Charge, ExcuseReason
from bookings.operations import (
    approve_charges,
    book_place,
    cancel_booking,
    excuse_charges,
    record_billing_details,
    reverse_charge,
    say_letter_is_posted,
)
from core.refusals import Refused
from events.models import Event
from events.queries import starts_at
from notifications.models import Message, MessageState
from tests.factories.bookings import bookable_event
from tests.factories.charging import accepted_booking, cancelled_late, charging
from tests.factories.people import PersonFactory, officer

pytestmark = pytest.mark.django_db

BILL = {"pays_by": "invoice", "invoice_to": "Alder School", "invoice_email": "pay@alder.example"}


@pytest.fixture
def charge(at) -> Charge:
    charging(at=at)
    person = PersonFactory(forename="Ada", surname="Byron", address="ada@school.example")
    return cancelled_late(at=at, person=person, event=bookable_event(title="Neglect"))


def approve(charge: Charge, at) -> None:
    assert len(approve_charges(partnership=charge.partnership, charges=[charge.pk], by=officer(), at=at).done) == 1


def letters(kind: str = "charge_approved") -> list[str]:
    found = Message.objects.filter(kind=kind).exclude(state=MessageState.WITHDRAWN)
    return sorted(found.values_list("to_address", flat=True))


def test_the_person_reads_what_why_by_which_rules_and_whom_to_ask(charge, at):
    assert letters() == []
    approve(charge, at)
    letter = Message.objects.get(kind="charge_approved")
    assert (letter.to_address, letter.subject) == ("ada@school.example", "A charge of £50: Neglect")
    assert f"{charge.policy_version}, accepted with the booking." in letter.text
    assert f"What for: late cancellation. {charge.workings}" in letter.text
    assert "Write to training@riverside.example and give the reference. Leave out details of any case." in letter.text
    assert reference(charge) in letter.text
    assert letter.links == {"booking": f"/bookings/{charge.booking_id}/"}


def test_the_letters_say_from_the_first_that_it_can_cost_and_at_the_end_what_it_costs(at):
    charging(at=at)
    person, event = PersonFactory(), bookable_event(title="Neglect")
    booking = book_place(event=event, person=person, by=person, at=at)
    assert "may cost something: your booking’s page says whether, and what." in Message.objects.get(kind="booking_confirmed").text
    late = starts_at(event) - timedelta(hours=1)
    cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=late)
    said = "If somebody waits, it goes on to them. This was late, so £50 is drafted as a charge: an officer checks it"
    assert said in Message.objects.get(kind="booking_cancelled").text


def test_an_organisers_cancelling_speaks_of_no_charge(at):
    charging(at=at)
    booking = accepted_booking(at=at)
    late = starts_at(booking.event) - timedelta(hours=1)
    cancel_booking(booking=booking, cancelled_by="organiser", by=officer(), at=late)
    assert "charge" not in Message.objects.get(kind="booking_cancelled").text


def test_whoever_gets_the_invoice_reads_it_too_without_the_persons_link(charge, at):
    record_billing_details(booking=charge.booking, by=None, at=at, **BILL)
    approve(charge, at)
    assert letters() == ["ada@school.example", "pay@alder.example"]
    letter = Message.objects.get(to_address="pay@alder.example")
    assert "There is a charge of £50 for Ada Byron of" in letter.text
    assert "the finance team sends the invoice to Alder School" in letter.text
    assert (letter.person, letter.links) == (None, {})


def test_whoever_pays_for_themselves_has_one_letter(charge, at):
    record_billing_details(booking=charge.booking, by=None, at=at, **{**BILL, "invoice_email": "Ada@school.example"})
    approve(charge, at)
    assert letters() == ["ada@school.example"]


def test_a_draft_that_is_excused_is_written_about_to_nobody(charge, at):
    excuse_charges(partnership=charge.partnership, charges=[charge.pk], reason=ExcuseReason.CORRECTION, by=officer(), at=at)
    assert letters() == []


def test_a_charge_that_is_taken_back_is_written_about_once_the_credit_is_approved(charge, at):
    approve(charge, at)
    Message.objects.update(state=MessageState.SENT, sent_at=at)
    credit = reverse_charge(charge=charge, reason="She was ill", by=officer(), at=at)
    assert letters("charge_taken_back") == []
    approve(credit, at)
    letter = Message.objects.get(kind="charge_taken_back")
    assert letter.subject == "Taken back: the charge of £50 for Neglect"
    assert f"Its reference was {reference(charge)}." in letter.text
    assert "She was ill" not in letter.text


def test_a_charge_that_is_taken_back_before_its_letter_left_is_never_heard_of(charge, at):
    approve(charge, at)
    approve(reverse_charge(charge=charge, reason="A mistake", by=officer(), at=at), at)
    assert (letters(), letters("charge_taken_back")) == ([], [])


def test_a_charge_that_stands_after_all_is_still_written_about(charge, at):
    """A credit that is only a draft keeps no letter back."""
    approve(charge, at)
    credit = reverse_charge(charge=charge, reason="A mistake", by=officer(), at=at)
    excuse_charges(partnership=charge.partnership, charges=[credit.pk], reason=ExcuseReason.CORRECTION, by=officer(), at=at)
    assert letters() == ["ada@school.example"]


def test_only_whoever_read_of_a_charge_reads_that_it_is_taken_back(charge, at):
    record_billing_details(booking=charge.booking, by=None, at=at, **BILL)
    approve(charge, at)
    Message.objects.filter(to_address="ada@school.example").update(state=MessageState.SENT, sent_at=at)
    Message.objects.filter(to_address="pay@alder.example").update(state=MessageState.FAILED)
    approve(reverse_charge(charge=charge, reason="She was ill", by=officer(), at=at), at)
    assert letters("charge_taken_back") == ["ada@school.example"]


def test_an_internal_recharge_promises_no_invoice(charge, at):
    record_billing_details(booking=charge.booking, by=None, at=at, pays_by="internal_recharge", cost_code="C-100")
    approve(charge, at)
    text = Message.objects.get(kind="charge_approved").text
    assert "recharges it to the cost code you gave" in text
    assert "sends the invoice" not in text


@pytest.mark.parametrize("later", [date(2027, 1, 12), date(2028, 1, 12)])
def test_what_an_event_keeps_silent_about_is_kept_silent_here_too(charge, at, later):
    Event.objects.filter(pk=charge.event_id).update(messages_from=later)
    approve(charge, at)
    assert letters() == []


def test_many_are_written_about_in_a_fixed_number_of_questions_apart_from_their_history(at):
    charging(at=at)

    def asked(number: int) -> int:
        drafts = [cancelled_late(at=at) for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            approve_charges(partnership=drafts[0].partnership, charges=[one.pk for one in drafts], by=None, at=at)
        return sum(query["sql"].startswith("SELECT") for query in queries.captured_queries)

    assert asked(1) == asked(4)


def without_address(charge: Charge) -> Charge:
    EmailAddress.objects.filter(user=charge.person).delete()
    return charge


def by_post(charge: Charge) -> str:
    return Charge.objects.values_list("by_post", flat=True).get(pk=charge.pk)


@pytest.mark.both_databases
def test_a_letter_to_somebody_without_an_address_waits_to_be_posted(charge, at):
    approve(without_address(charge), at)
    assert (letters(), by_post(charge)) == ([], "waits")
    say_letter_is_posted(charge=charge, by=officer(), at=at)
    assert by_post(charge) == "done"
    assert charge.changes.filter(reason="The letter was printed or posted.").count() == 1
    with pytest.raises(Refused) as refused:
        say_letter_is_posted(charge=charge, by=officer(), at=at)
    assert refused.value.code == "not_to_post"


def test_the_control_a_letter_to_an_address_does_not(charge, at):
    approve(charge, at)
    assert (letters(), by_post(charge)) == (["ada@school.example"], "")


def test_where_the_invoice_goes_by_mail_the_person_still_gets_theirs_by_post(charge, at):
    record_billing_details(booking=charge.booking, by=None, at=at, **BILL)
    approve(without_address(charge), at)
    assert (letters(), by_post(charge)) == (["pay@alder.example"], "waits")


@pytest.mark.parametrize(("is_posted", "expected"), [(True, ("done", "waits")), (False, ("", ""))])
def test_that_it_is_taken_back_is_posted_only_to_whoever_had_the_first_letter(charge, at, is_posted, expected):
    approve(without_address(charge), at)
    if is_posted:
        say_letter_is_posted(charge=charge, by=officer(), at=at)
    credit = reverse_charge(charge=charge, reason="A mistake", by=officer(), at=at)
    approve(credit, at)
    assert (by_post(charge), by_post(credit)) == expected


def test_who_had_the_first_letter_by_post_and_has_an_address_now_reads_by_mail_that_it_is_taken_back(charge, at):
    approve(without_address(charge), at)
    say_letter_is_posted(charge=charge, by=officer(), at=at)
    EmailAddress.objects.create(user=charge.person, email="new@school.example", primary=True)
    credit = reverse_charge(charge=charge, reason="A mistake", by=officer(), at=at)
    approve(credit, at)
    assert (letters("charge_taken_back"), by_post(credit)) == (["new@school.example"], "")


@pytest.mark.parametrize(("is_sent", "expected"), [(True, "waits"), (False, "")])
def test_who_had_the_first_letter_by_mail_and_has_no_address_now_has_the_second_by_post(charge, at, is_sent, expected):
    approve(charge, at)
    if is_sent:
        Message.objects.update(state=MessageState.SENT, sent_at=at)
    credit = reverse_charge(charge=without_address(charge), reason="A mistake", by=officer(), at=at)
    approve(credit, at)
    assert (letters("charge_taken_back"), by_post(credit)) == ([], expected)


def test_of_a_time_before_we_wrote_to_anybody_nothing_waits_to_be_posted(charge, at):
    Event.objects.filter(pk=charge.event_id).update(messages_from=date(2030, 1, 1))
    approve(without_address(charge), at)
    assert by_post(charge) == ""


def test_who_read_of_a_charge_at_the_bills_address_which_is_theirs_now_reads_that_it_is_taken_back(charge, at):
    record_billing_details(booking=charge.booking, by=None, at=at, **BILL)
    approve(without_address(charge), at)
    Message.objects.update(state=MessageState.SENT, sent_at=at)
    EmailAddress.objects.create(user=charge.person, email=BILL["invoice_email"], primary=True)
    credit = reverse_charge(charge=charge, reason="A mistake", by=officer(), at=at)
    approve(credit, at)
    assert (letters("charge_taken_back"), by_post(credit)) == ([BILL["invoice_email"]], "")
