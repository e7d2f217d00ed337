"""Officers deal with charges: many at once, each with its history, and the files for the finance team."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.charging.finance import COLUMNS
from bookings.models import BillingDetails, Charge, ChargeList, ExcuseReason
from bookings.operations import (
    approve_charges,
    excuse_charges,
    list_for_finance,
    record_billing_details,
    reverse_charge,
    switch_charges,
)
from core.clock import now
from notifications.models import Message, OwnText
from people.models import Person
from tests.bookings.published_policies import PUBLISHED
from tests.factories.bookings import bookable_event
from tests.factories.charging import accepted_booking, cancelled_late, charging, priced_event
from tests.factories.people import OrganisationFactory, OtherPartnershipFactory, PartnershipFactory, PersonFactory, officer
from tests.office.pages import sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("olu")]

CHARGES, DECIDE, LISTS = "/office/charges/", "/office/charges/decide/", "/office/charges/lists/"


@pytest.fixture
def when(at: Any) -> Any:
    """Charging is on."""
    charging(at=at)
    return at


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def drafts(count: int, at: Any, **fields: Any) -> list[Charge]:
    return [cancelled_late(at=at, **fields) for _ in range(count)]


def states() -> list[str]:
    return sorted(Charge.objects.values_list("state", flat=True))


def test_the_drafts_wait_with_how_each_came_about(client: Client, when: Any) -> None:
    drafts(2, when)
    page = text_of(client.get(CHARGES))
    assert "Drafts: 2 (£100). Approved: 0 (£0). Listed for finance: 0 (£0)." in page
    assert "2 charges, £100 in all" in page
    assert page.count("Less than 2 working days before: 1 day at £50") == 2


def test_calling_an_event_off_says_beforehand_how_many_charges_for_cancelling_late_fall(client: Client, when: Any) -> None:
    event = bookable_event()
    address, host = reverse("office_event_cancel", args=[event.pk]), event.lead_host
    assert "Charges for cancelling late" not in text_of(client.get(address))
    first, second, third, fourth, fifth = drafts(5, when, event=event)
    drafts(1, when)  # of another event
    late = "Charges for cancelling late:"
    assert f"{late} 5 drafts are excused.</p>" in text_of(client.get(address))
    approve_charges(partnership=host, charges=[one.pk for one in (first, second, third)], by=None, at=when)
    excuse_charges(partnership=host, charges=[fourth.pk], reason="sickness", by=None, at=when)
    reverse_charge(charge=first, reason="A mistake", by=None, at=when)
    said = f"{late} 1 draft is excused; 2 approved ones are taken back, each by a credit that an officer checks.</p>"
    assert said in text_of(client.get(address))
    client.post(address, {"reason": "Snow"})
    assert Charge.objects.filter(reverses__in=[first, second, third]).count() == 3
    fifth.refresh_from_db()
    assert (fifth.state, late in text_of(client.get(address))) == ("excused", False)


def test_a_page_without_any_charge_says_where_they_come_from(client: Client, when: Any) -> None:
    assert "No draft waits" in text_of(client.get(CHARGES))
    assert "No charge fits" in text_of(client.get(f"{CHARGES}?state=every"))
    assert "No approved charge waits" in text_of(client.get(LISTS))


def test_charges_are_found_by_state_kind_organisation_person_and_event(client: Client, when: Any) -> None:
    mill = OrganisationFactory(name="Mill Lane School")
    ada = cancelled_late(at=when, person=PersonFactory(forename="Ada", organisation=mill), event=bookable_event(title="Neglect"))
    bob = cancelled_late(at=when, person=PersonFactory(forename="Bob"), event=bookable_event(title="Exploitation"))
    approve_charges(partnership=PartnershipFactory(), charges=[bob.pk], by=officer(), at=when)

    def shown(query: str) -> list[Charge]:
        return list(client.get(f"{CHARGES}?{query}").context["page"])

    assert shown("") == [ada]
    assert set(shown("state=every")) == {ada, bob}
    assert shown("state=approved") == [bob]
    assert shown("state=every&q=ada+neglect") == [ada]
    assert shown("state=every&q=exploit") == [bob]
    assert shown("state=every&organisation=mill+school") == [ada]
    assert shown("state=every&kind=fee") == []
    assert shown("state=nonsense&kind=nonsense") == [ada]


def test_the_chosen_are_approved_after_saying_what_it_means(client: Client, when: Any) -> None:
    first, second, third = drafts(3, when)
    ids = [str(first.pk), str(second.pk)]
    asked = client.post(DECIDE, {"action": "approve", "charge": ids})
    assert "Approve 2 charges of £100?" in text_of(asked)
    assert states() == ["draft"] * 3
    done = client.post(DECIDE, sent_by(asked), follow=True)
    assert "2 charges approved, £100 in all." in text_of(done)
    assert list(Charge.objects.filter(state="draft")) == [third]


def test_the_chosen_are_excused_with_a_reason(client: Client, when: Any) -> None:
    ids = [str(charge.pk) for charge in drafts(2, when)]
    asked = client.post(DECIDE, {"action": "excuse", "charge": ids, "state": "draft"})
    assert "Excuse 2 charges of £100?" in text_of(asked)
    values = sent_by(asked)
    again = client.post(DECIDE, values)
    assert again.context["form"].errors == {"reason": ["Choose why they are excused."]}
    assert client.post(DECIDE, {**values, "reason": "other"}).context["form"].errors == {
        "note": ["Say why they are excused. The reason is kept."]
    }
    done = client.post(DECIDE, {**values, "reason": "operational_duty", "note": "Court"})
    assert done.url == f"{CHARGES}?state=draft"
    assert set(Charge.objects.values_list("state", "excused_reason", "excused_note")) == {
        ("excused", "operational_duty", "Court")
    }


def test_choosing_nothing_or_nonsense_changes_nothing(client: Client, when: Any) -> None:
    drafts(1, when)
    for charge in ([], ["nonsense"], ["0" * 32]):
        page = client.post(DECIDE, {"action": "approve", "charge": charge, "confirmed": "yes"}, follow=True)
        assert "Choose at least one draft first" in text_of(page)
    assert states() == ["draft"]
    assert client.get(DECIDE).status_code == 405


def test_what_may_not_be_approved_is_left_and_says_why(client: Client, olu: Person, when: Any) -> None:
    own, raised = cancelled_late(at=when, person=olu), cancelled_late(at=when, by=olu)
    switch_charges(partnership=PartnershipFactory(), is_on=True, needs_second_person=True, by=None, at=when)
    ids = [str(own.pk), str(raised.pk), *(str(charge.pk) for charge in drafts(1, when))]
    page = text_of(client.post(DECIDE, {"action": "approve", "charge": ids, "confirmed": "yes"}, follow=True))
    assert "1 charge approved, £50 in all." in page
    assert "1 charge left as it was: This charge is your own, so another officer deals with it." in page
    assert "1 charge left as it was: You raised this charge, so another officer approves it." in page


def test_the_question_counts_only_what_the_officer_may_deal_with(client: Client, olu: Person, when: Any) -> None:
    own, raised = cancelled_late(at=when, person=olu), cancelled_late(at=when, by=olu)
    switch_charges(partnership=PartnershipFactory(), is_on=True, needs_second_person=True, by=None, at=when)
    ids = [str(own.pk), str(raised.pk), *(str(charge.pk) for charge in drafts(1, when))]
    page = text_of(client.post(DECIDE, {"action": "approve", "charge": ids}))
    assert "Approve 1 charge of £50?" in page
    assert "1 more stays as it is:</strong> This charge is your own, so another officer deals with it." in page
    assert "1 more stays as it is:</strong> You raised this charge, so another officer approves it." in page
    page = text_of(client.post(DECIDE, {"action": "excuse", "charge": ids}))
    assert "Excuse 2 charges of £100?" in page
    page = text_of(client.post(DECIDE, {"action": "approve", "charge": ids[:2]}, follow=True))
    assert ("Approve 0 charges" in page, "another officer deals with it" in page, "another officer approves it" in page) == (
        False,
        True,
        True,
    )
    assert states() == ["draft"] * 3


def test_nothing_is_offered_to_be_chosen_where_no_draft_is_left(client: Client, when: Any) -> None:
    charge, other = drafts(2, when)
    approve_charges(partnership=charge.partnership, charges=[charge.pk], by=None, at=when)
    assert "Approve the chosen" in text_of(client.get(f"{CHARGES}?state=every"))
    page = text_of(client.get(f"{CHARGES}?state=approved"))
    assert (charge.person.name in page, "Approve the chosen" in page, "checkbox" in page) == (True, False, False)
    approve_charges(partnership=charge.partnership, charges=[other.pk], by=None, at=when)
    assert "the chosen" not in text_of(client.get(f"{CHARGES}?state=every"))


def test_everything_on_a_page_can_be_chosen_at_once(client: Client, when: Any) -> None:
    drafts(2, when)
    assert "checked" not in text_of(client.get(CHARGES))
    assert text_of(client.get(f"{CHARGES}?chosen")).count(" checked>") == 2


def test_a_charge_says_how_it_came_about_and_who_did_what(client: Client, when: Any) -> None:
    charge = cancelled_late(at=when)
    record_billing_details(
        booking=charge.booking, pays_by="internal_recharge", cost_code="C-100", purchase_order="PO 7", by=None, at=when
    )
    page = text_of(client.get(f"{CHARGES}{charge.pk}/"))
    for said in ("Less than 2 working days before: 1 day at £50", "C-100", "PO 7", "version 1", "everybody else", "Draft"):
        assert said in page


def test_an_approved_charge_is_taken_back_and_an_excused_one_brought_back(client: Client, when: Any) -> None:
    charge = cancelled_late(at=when)
    address = f"{CHARGES}{charge.pk}/"
    client.post(DECIDE, {"action": "excuse", "charge": [str(charge.pk)], "confirmed": "yes", "reason": ExcuseReason.SICKNESS})
    assert "Make it a draft again" in text_of(client.get(address))
    assert client.post(f"{address}restore/", {"reason": ""}).context["form"].errors
    assert client.post(f"{address}restore/", {"reason": "Seen at the beach"}).url == address
    client.post(DECIDE, {"action": "approve", "charge": [str(charge.pk)], "confirmed": "yes"})
    assert "Take it back by a credit" in text_of(client.get(address))
    credit = client.post(f"{address}credit/", {"reason": "She had told us"}, follow=True)
    assert "A credit of £50 is drafted." in text_of(credit)
    assert "Takes back late cancellation of £50: She had told us" in text_of(credit)
    assert "Take it back" not in text_of(client.get(address))
    refused = client.post(f"{address}credit/", {"reason": "Again"})
    assert refused.context["form"].non_field_errors() == ["This charge has been taken back already."]


def test_a_bill_that_the_finance_team_has_is_not_changed_behind_its_back(client: Client, when: Any) -> None:
    listed = cancelled_late(at=when)
    record_billing_details(booking=listed.booking, pays_by="internal_recharge", cost_code="C-100", by=None, at=when)
    approve_charges(partnership=listed.partnership, charges=[listed.pk], by=None, at=when)
    list_for_finance(partnership=listed.partnership, by=None, at=when)
    credit = reverse_charge(charge=listed, reason="She was ill", by=None, at=when)
    address = f"{CHARGES}{credit.pk}/bill/"
    said = text_of(client.post(address, {"pays_by": "internal_recharge", "cost_code": "C-200"}))
    assert "The finance team has a charge of this booking on a list already" in said
    assert BillingDetails.objects.get(booking=listed.booking).cost_code == "C-100"


def test_a_draft_without_a_bill_says_so_and_takes_one(client: Client, when: Any) -> None:
    charge = cancelled_late(at=when)
    page, address = f"{CHARGES}{charge.pk}/", f"{CHARGES}{charge.pk}/bill/"
    assert "Nobody has said where the bill goes" in text_of(client.get(page))
    assert f'value="{charge.organisation}"' in text_of(client.get(address))
    assert "Enter the cost code that is recharged." in text_of(client.post(address, {"pays_by": "internal_recharge"}))
    done = text_of(client.post(address, {"pays_by": "internal_recharge", "cost_code": "C7"}, follow=True))
    assert "Saved. It counts for every charge of this booking from now on." in done
    assert "Nobody has said where the bill goes" not in done
    assert "Cost code C7" in done
    approve_charges(partnership=charge.partnership, charges=[charge.pk], by=None, at=when)
    listed = list_for_finance(partnership=charge.partnership, by=None, at=when)
    rows = csv.DictReader(io.StringIO(client.get(f"{LISTS}{listed.number}.csv").content.decode("utf-8-sig")))
    assert next(iter(rows))["Cost code"] == "C7"
    client.post(address, {"pays_by": "internal_recharge", "cost_code": "C8"})
    assert BillingDetails.objects.get().cost_code == "C7"


def test_the_bill_of_a_booking_is_seen_and_put_right_before_there_is_any_charge(client: Client, when: Any) -> None:
    booking = accepted_booking(at=when)
    page = reverse("office_booking", args=[booking.pk])
    shown = text_of(client.get(page))
    assert ("Not coming: £50" in shown, "None was named at booking" in shown) == (True, True)
    address = reverse("office_booking_bill", args=[booking.pk])
    assert address in shown
    assert "Enter the cost code that is recharged." in text_of(client.post(address, {"pays_by": "internal_recharge"}))
    done = client.post(address, {"pays_by": "internal_recharge", "cost_code": "C7"}, follow=True)
    assert (done.redirect_chain[-1][0], "Cost code C7" in text_of(done)) == (page, True)
    client.force_login(booking.person, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Cost code C7" in text_of(client.get(reverse("booking", args=[booking.pk])))
    assert client.get(address).status_code == 403


def test_a_draft_is_worked_out_again_on_its_page(client: Client, at: Any) -> None:
    charging(PUBLISHED["Wirral"], at=at)
    charge = cancelled_late(at=at, event=priced_event(120))
    address = f"{CHARGES}{charge.pk}/"
    assert "Work it out again" in text_of(client.get(address))
    assert set(client.post(f"{address}again/", {"payer_class": "king"}).context["form"].errors) == {"payer_class", "reason"}
    done = text_of(client.post(f"{address}again/", {"payer_class": "school", "reason": "It is a school"}, follow=True))
    assert "Worked out again. It comes to £120." in done
    client.post(DECIDE, {"action": "approve", "charge": [str(charge.pk)], "confirmed": "yes"})
    assert "Work it out again" not in text_of(client.get(address))


def test_the_officers_day_says_what_waits(client: Client, when: Any) -> None:
    assert "to approve or excuse" not in text_of(client.get("/office/"))
    first, _ = drafts(2, when)
    client.post(DECIDE, {"action": "approve", "charge": [str(first.pk)], "confirmed": "yes"})
    page = text_of(client.get("/office/"))
    assert "1 charge of £50 to approve or excuse" in page
    assert "1 approved charge of £50 to list for finance" in page


def test_another_partnerships_charge_is_not_there(client: Client, at: Any) -> None:
    elsewhere = OtherPartnershipFactory()
    charging(partnership=elsewhere, at=at)
    charge = cancelled_late(at=at, event=bookable_event(lead_host=elsewhere))
    for part in ("", "credit/", "restore/", "again/"):
        assert client.get(f"{CHARGES}{charge.pk}/{part}").status_code == 404
    assert list(client.get(f"{CHARGES}?state=every").context["page"]) == []
    client.post(DECIDE, {"action": "approve", "charge": [str(charge.pk)], "confirmed": "yes"})
    assert states() == ["draft"]


def listed(at: Any, **fields: Any) -> Charge:
    charge = cancelled_late(at=at, **fields)
    ann = Person.objects.filter(surname="Approver").first() or officer(forename="Ann", surname="Approver")
    approve_charges(partnership=PartnershipFactory(), charges=[charge.pk], by=ann, at=at)
    return charge


def test_a_list_is_made_and_fetched_as_often_as_needed(client: Client, when: Any) -> None:
    charge = listed(when)
    record_billing_details(
        booking=charge.booking, pays_by="invoice", invoice_to="Bursar", invoice_email="b@school.example", by=None, at=when
    )
    assert "1 approved charge of £50 waits to be listed" in text_of(client.get(LISTS))
    assert "List 1 is made, with 1 charge." in text_of(client.post(LISTS, {"due_by": ""}, follow=True))
    response = client.get(f"{LISTS}1.csv")
    header, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert header == list(COLUMNS)
    said = dict(zip(header, row, strict=True))
    assert (said["Amount in pounds"], said["Person"], said["Invoice to"], said["Approved by"]) == (
        "50.00",
        charge.person.name,
        "Bursar",
        "Ann Approver",
    )
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{LISTS}1.xlsx").content)).active
    cells = dict(zip(header, (cell for cell in next(sheet.iter_rows(min_row=2))), strict=True))
    assert (cells["Amount in pounds"].value, cells["Event starts on"].is_date, cells["Person"].value) == (
        50,
        True,
        charge.person.name,
    )
    assert client.get(f"{LISTS}2.csv").status_code == 404
    assert client.post(LISTS, {"due_by": ""}).context["form"].non_field_errors() == [
        "No approved charge waits to be listed. Approve some first."
    ]


def test_no_name_and_no_code_in_a_list_is_ever_a_formula(client: Client, when: Any) -> None:
    evil = '=HYPERLINK("http://evil.example","Pay")'
    charge = listed(when, person=PersonFactory(forename=evil, surname="+1"), organisation_text="@SUM(1)")
    Charge.objects.filter(pk=charge.pk).update(organisation=None, organisation_text="@SUM(1)", workings="-1+1")
    record_billing_details(booking=charge.booking, pays_by="internal_recharge", cost_code="=1+1", by=None, at=when)
    list_for_finance(partnership=PartnershipFactory(), by=None, at=when)
    row = list(csv.reader(io.StringIO(client.get(f"{LISTS}1.csv").content.decode("utf-8-sig"))))[1]
    assert [cell for cell in row if cell.startswith(("=", "+", "@", "-"))] == []
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{LISTS}1.xlsx").content)).active
    assert {cell.data_type for cell in next(sheet.iter_rows(min_row=2))} <= {"s", "n", "d"}
    assert evil in str(next(sheet.iter_rows(min_row=2, values_only=True)))


def test_another_partnerships_list_is_not_there(client: Client, at: Any) -> None:
    ChargeList.objects.create(partnership=OtherPartnershipFactory(), number=1, made_at=at)
    assert client.get(f"{LISTS}1.csv").status_code == 404
    assert client.get(f"{LISTS}1.xlsx").status_code == 404


def test_an_events_money_shows_its_charges_and_takes_its_course_cost(client: Client, at: Any) -> None:
    charging(PUBLISHED["Plymouth"], at=at)
    event = priced_event()
    money = f"/office/events/{event.pk}/money/"
    assert "This event has no course cost" in text_of(client.get(money))
    assert client.post(money, {"fee": "many"}).context["form"].errors == {"fee": ["Write pounds like 50 or 37.50."]}
    client.post(money, {"fee": "£120"})
    page = client.get(money)
    assert page.context["form"].initial["fee"] == 120
    assert "This event has no course cost" not in text_of(page)
    cancelled_late(at=at, event=event)
    assert "1 charge, £120 in all" in text_of(client.get(money))


def test_an_extra_cost_is_added_at_the_event(client: Client, when: Any) -> None:
    booking = accepted_booking(at=now() - timedelta(days=1))
    extra = f"/office/events/{booking.event_id}/money/{booking.pk}/"
    assert booking.person.name in text_of(client.get(f"/office/events/{booking.event_id}/money/"))
    assert set(client.post(extra, {}).context["form"].errors) == {"what", "amount"}
    assert "£90 for" in text_of(client.post(extra, {"what": "Interpreter", "amount": "90"}, follow=True))
    assert Charge.objects.get().workings == "Interpreter: £90"
    assert client.get(f"/office/events/{bookable_event().pk}/money/{booking.pk}/").status_code == 404


@pytest.mark.parametrize("address", [f"{CHARGES}?state=every", DECIDE, LISTS, "money"])
def test_each_list_asks_a_fixed_number_of_questions(client: Client, when: Any, address: str) -> None:
    event = bookable_event()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            if address == DECIDE:
                ids = [str(pk) for pk in Charge.objects.filter(state="draft").values_list("pk", flat=True)]
                client.post(DECIDE, {"action": "excuse", "charge": ids})
            else:
                client.get(f"/office/events/{event.pk}/money/" if address == "money" else address)
        return len(queries)

    def more() -> None:
        drafts(1, when, event=event)
        listed(when, event=event)
        list_for_finance(partnership=PartnershipFactory(), by=officer(), at=when)

    more()
    one = asked()
    for _ in range(2):
        more()
    assert asked() == one


def test_a_list_of_many_charges_asks_a_fixed_number_of_questions(client: Client, when: Any) -> None:
    counts = []
    for number in (1, 2):
        for _ in range(number * 2 - 1):
            listed(when)
        list_for_finance(partnership=PartnershipFactory(), by=None, at=when)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{LISTS}{number}.xlsx")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_charged_people_without_an_address_are_counted_and_their_letters_printed(client: Client, when: Any) -> None:
    ada = PersonFactory(forename="Ada", surname="Byron")
    EmailAddress.objects.filter(user=ada).delete()
    charge = drafts(1, when, person=ada)[0]
    drafts(1, when)
    page = f"{CHARGES}{charge.pk}/"
    assert "Ada Byron has no e-mail address" in text_of(client.get(page))
    assert client.get(f"{page}letter/").status_code == 404
    sent = {"action": "approve", "charge": list(Charge.objects.values_list("pk", flat=True)), "confirmed": "1"}
    assert "1 letter has no e-mail address to go to" in text_of(client.post(DECIDE, sent, follow=True))
    assert "1 charged person has no e-mail address" in text_of(client.get(CHARGES))
    assert "1 charged person has no e-mail address: print or post the letter" in text_of(client.get("/office/"))
    waiting = client.get(CHARGES, {"state": "every", "post": "waits"})
    assert [row.pk for row in waiting.context["page"]] == [charge.pk]
    letter = text_of(client.get(f"{page}letter/"))
    for said in ("A charge of £50", "Hello Ada,", "Late cancellation".lower(), "The letter has left"):
        assert said in letter
    assert "Noted: the letter is printed or posted." in text_of(client.post(f"{page}letter/", follow=True))
    assert "no e-mail address</h2>" not in text_of(client.get(CHARGES))
    assert "Print it again" in text_of(client.get(page))
    assert "No letter about this charge waits to be posted." in text_of(client.post(f"{page}letter/", follow=True))


def test_whoever_has_an_address_now_is_sent_the_letter_that_was_to_be_printed(client: Client, when: Any) -> None:
    ada = PersonFactory(forename="Ada", surname="Byron")
    EmailAddress.objects.filter(user=ada).delete()
    charge = drafts(1, when, person=ada)[0]
    page, mail = f"{CHARGES}{charge.pk}/", {"do": "mail"}
    client.post(DECIDE, {"action": "approve", "charge": [charge.pk], "confirmed": "1"})
    assert "This person has no e-mail address yet." in text_of(client.post(f"{page}letter/", mail, follow=True))
    EmailAddress.objects.create(user=ada, email="ada@school.example", primary=True)
    for address in (CHARGES, "/office/"):
        said = text_of(client.get(address))
        assert ("has an e-mail address now" in said, "has no e-mail address" in said) == (True, False)
    said = text_of(client.get(page))
    assert ("Ada Byron has an e-mail address now" in said, "no e-mail address" in said.lower()) == (True, False)
    assert "Letter to send" in text_of(client.get(CHARGES, {"state": "every", "post": "waits"}))
    assert "The letter leaves within a minute." in text_of(client.post(f"{page}letter/", mail, follow=True))
    letter = Message.objects.get(kind="charge_approved")
    assert (letter.to_address, letter.state, letter.person) == ("ada@school.example", "waiting", ada)
    assert "The letter was sent by e-mail." in text_of(client.get(page))
    assert "No letter about this charge waits" in text_of(client.post(f"{page}letter/", mail, follow=True))
    assert Message.objects.filter(kind="charge_approved").count() == 1
    assert "e-mail address now" not in text_of(client.get(CHARGES))


def test_the_letter_on_paper_is_in_the_partnerships_own_words(client: Client, when: Any, olu: Person) -> None:
    ada = PersonFactory()
    EmailAddress.objects.filter(user=ada).delete()
    charge = drafts(1, when, person=ada)[0]
    body = "We charge {amount}. {next_step} Ask {team_email}."
    ours = {"partnership": charge.partnership, "kind": "charge_approved"}
    OwnText.objects.create(id=OwnText.number(**ours), subject="Our charge", body=body, changed_at=when, **ours)
    approve_charges(partnership=PartnershipFactory(), charges=[charge.pk], by=olu, at=when)
    letter = text_of(client.get(f"{CHARGES}{charge.pk}/letter/"))
    assert "We charge £50." in letter
