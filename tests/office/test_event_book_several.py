"""An officer pastes a list of addresses, checks what would become of each, and books them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from zeal import zeal_ignore

from bookings.models import BillingDetails, Booking, Condition, ConditionKind, ManagerRole
from bookings.operations import Colleague, Newcomers, book_colleagues
from events.models import Event
from notifications.models import Message
from people.models import Organisation, Person
from people.operations import look_after
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import charging
from tests.factories.people import OrganisationFactory, OtherPartnershipFactory, PartnershipFactory, PersonFactory, SectorFactory
from tests.office.pages import Page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Any:
    with time_machine.travel(at, tick=False) as traveller:
        yield traveller


def known(at: datetime, **fields: Any) -> Person:
    person = PersonFactory(**fields)
    look_after(person=person, partnership=PartnershipFactory(), by=None, at=at)
    return person


def send(client: Client, event: Event, **said: Any) -> Any:
    return client.post(reverse("office_event_book_several", args=[event.pk]), said)


def check(client: Client, event: Event, *people: Person | str) -> Any:
    pasted = "\n".join(one if isinstance(one, str) else one.main_address() for one in people)
    return send(client, event, pasted=pasted, check="1")


def lines(response: Any) -> Any:
    return response.context["page"].lines


def fates(response: Any) -> list[tuple[str, str]]:
    return [(line.seen.colleague.name, line.seen.fate) for line in lines(response)]


def book(client: Client, event: Event, checked: Any, **said: Any) -> Any:
    return send(client, event, line=[line.key for line in lines(checked)], book="1", **said)


def test_a_pasted_list_is_checked_first_and_booked_then(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=1)
    ada, ben = known(at, forename="Ada"), known(at, forename="Ben")
    checked = check(client, event, ada, ben)
    assert fates(checked) == [(ada.name, "place"), (ben.name, "queue")]
    assert "Book 1, and put 1 on the waiting list" in checked.content.decode()
    assert (Booking.objects.count(), Message.objects.count()) == (0, 0)
    done = book(client, event, checked).content.decode()
    assert "1 booked, 1 on the waiting list" in done
    assert list(Booking.objects.order_by("booked_at", "queue_number").values_list("person__forename", "status", "booked_by")) == [
        ("Ada", "confirmed", olu.pk),
        ("Ben", "waiting", olu.pk),
    ]
    assert Message.objects.filter(kind="booking_confirmed").count() == 1


def test_the_same_list_sent_twice_books_nobody_twice(client: Client, olu: Person, at: datetime) -> None:
    event, ada = bookable_event(), known(at)
    checked = check(client, event, ada)
    book(client, event, checked)
    again = book(client, event, checked).content.decode()
    assert ("Nobody was booked" in again, "has a booking already" in again) == (True, True)
    assert Booking.objects.count() == 1


def test_bad_lines_strangers_and_rules_are_said_and_the_others_are_booked(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event()
    police = Condition.objects.create(event=event, kind=ConditionKind.SECTOR)
    police.sectors.add(SectorFactory(name="Police"))
    allowed = known(at, organisation__sector=SectorFactory(name="Police"))
    other = known(at)
    booked = BookingFactory(event=event, person=known(at)).person
    elsewhere = PersonFactory()
    elsewhere.partnerships.add(OtherPartnershipFactory())
    checked = check(client, event, allowed, other, booked, elsewhere, "not an address", allowed)
    assert fates(checked) == [
        (allowed.name, "place"),
        (other.name, "refused"),
        (booked.name, "has_booking"),
        (elsewhere.main_address(), "unknown"),
    ]
    page = checked.content.decode()
    assert ("not an address" in page, elsewhere.name in page, "to go over it" in page) == (True, False, True)
    book(client, event, checked)
    assert set(Booking.objects.values_list("person", flat=True)) == {allowed.pk, booked.pk}


def test_whoever_is_left_out_is_not_booked(client: Client, olu: Person, at: datetime) -> None:
    event, ada, ben = bookable_event(), known(at), known(at)
    checked = check(client, event, ada, ben)
    book(client, event, checked, leave=lines(checked)[0].key)
    assert list(Booking.objects.values_list("person", flat=True)) == [ben.pk]


def test_where_managers_approve_they_are_asked_and_somebody_without_one_is_booked_alone(
    client: Client, olu: Person, at: datetime
) -> None:
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    named, unnamed = known(at, manager_email="head@school.example"), known(at, manager_email="")
    checked = check(client, event, named, unnamed)
    page = checked.content.decode()
    assert (page.count("Manager is asked"), page.count("No manager named"), len(checked.context["page"].ready)) == (1, 1, 1)
    book(client, event, checked)
    assert list(Booking.objects.values_list("person", "status")) == [(named.pk, "awaiting_approval")]


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [("", "Paste the addresses"), ("\n".join(f"a{n}@b.example" for n in range(201)), "Book at most 200")],
)
def test_nothing_or_far_too_much_is_refused_and_kept(client: Client, olu: Person, pasted: str, sentence: str) -> None:
    event = bookable_event()
    page = send(client, event, pasted=pasted, check="1").content.decode()
    assert ("<title>Error: " in page, sentence in page, "a200@b.example" in page) == (True, True, bool(pasted))


def test_an_event_that_can_not_be_booked_says_so(client: Client, olu: Person, at: datetime) -> None:
    over = bookable_event(terms={"closes_at": at})
    page = client.get(reverse("office_event_book_several", args=[over.pk])).content.decode()
    assert ("Booking closed on" in page, "textarea" in page) == (True, False)


def test_another_partnerships_event_is_not_there(client: Client, olu: Person) -> None:
    event = bookable_event(lead_host=OtherPartnershipFactory())
    assert client.get(reverse("office_event_book_several", args=[event.pk])).status_code == 404
    client.force_login(PersonFactory())
    assert client.get(reverse("office_event_book_several", args=[bookable_event().pk])).status_code == 403


def test_checking_asks_the_database_as_often_for_one_as_for_three(client: Client, olu: Person, at: datetime) -> None:
    people = [known(at, organisation=OrganisationFactory(), manager_email=f"head{number}@school.example") for number in range(3)]
    event, addresses = bookable_event(terms={"manager_role": "approves"}), [one.main_address() for one in people]
    check(client, event, *addresses)
    counts = []
    for some in (addresses[:1], addresses):
        with CaptureQueriesContext(connection) as asked:
            check(client, event, *some)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_it_can_cost_is_said_on_the_page_and_in_the_letter(client: Client, olu: Person, at: datetime) -> None:
    event, ada = bookable_event(), known(at)
    assert "can cost something" not in check(client, event, ada).content.decode()
    charging(at=at)
    checked = check(client, event, ada)
    assert checked.content.decode().count("can cost something") == 1
    book(client, event, checked)
    assert "may cost something: your booking’s page says whether, and what." in Message.objects.get().text


SAM = "Sam Lee, sam@oak.example"
NAMED = {"forename:sam@oak.example": "Sam", "surname:sam@oak.example": "Lee"}
OAK = {"new-organisation_text": "Oak Primary"}


@pytest.fixture
def oak() -> Organisation:
    return OrganisationFactory(name="Oak Primary")


def titles(response: Any) -> list[str]:
    return [sentence for _, sentence in response.context["page"].problems]


def test_people_who_are_new_are_added_to_one_organisation_and_booked_in_the_same_step(
    client: Client, olu: Person, oak: Organisation, at: datetime
) -> None:
    event, ada = bookable_event(places=3), known(at, forename="Ada")
    checked = check(client, event, ada, SAM, "ana.ruiz@oak.example")
    assert fates(checked) == [(ada.name, "place"), ("Sam Lee", "place"), ("Ana Ruiz", "place")]
    page = checked.content.decode()
    assert ("2 are new to us" in page, "Book 3 people" in page, "There is a problem" in page) == (True, True, False)
    assert Person.objects.filter(surname="Lee").count() == 0
    names = NAMED | {"forename:ana.ruiz@oak.example": "Ana", "surname:ana.ruiz@oak.example": "Ruiz"}
    done = book(client, event, checked, **OAK, **names)
    assert "3 booked" in done.content.decode()
    sam = Person.objects.get(surname="Lee")
    assert (sam.forename, sam.organisation, sam.main_address()) == ("Sam", oak, "sam@oak.example")
    assert list(sam.partnerships.all()) == [event.lead_host]
    assert Booking.objects.get(person=sam).organisation == oak
    again = book(client, event, checked, **OAK, **names)
    assert ("Nobody was booked" in again.content.decode(), Person.objects.filter(surname="Lee").count()) == (True, 1)


def test_where_they_work_and_their_names_are_asked_before_anybody_is_booked(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event()
    checked = check(client, event, known(at), "head@oak.example")
    refused = book(client, event, checked)
    assert titles(refused) == [
        "Say where the people work who are new, or leave them out.",
        "Enter a first name for head@oak.example, or leave them out",
        "Enter a last name for head@oak.example, or leave them out",
    ]
    assert Booking.objects.count() == 0
    ids = Page(refused).ids
    assert {field for field, _ in refused.context["page"].problems} <= set(ids)
    book(client, event, checked, leave="address:head@oak.example")
    assert Booking.objects.count() == 1


def test_those_without_a_name_are_left_out_in_one_step(client: Client, olu: Person, oak: Organisation, at: datetime) -> None:
    event, ada = bookable_event(places=2), known(at, forename="Ada")
    checked = check(client, event, "head@oak.example", "officee@oak.example", ada, SAM)
    assert "Leave out the 2 without a name" in checked.content.decode()
    without = send(client, event, line=[line.key for line in lines(checked)], leave_nameless="1", **NAMED)
    assert "Book 2 people" in without.content.decode()
    assert [name for name, _ in fates(without)] == ["head@oak.example", "officee@oak.example", ada.name, "Sam Lee"]
    book(client, event, without, leave=["address:head@oak.example", "address:officee@oak.example"], **OAK, **NAMED)
    assert {one.person.name for one in Booking.objects.all()} == {ada.name, "Sam Lee"}


def test_an_organisation_that_is_spelled_otherwise_is_asked_about(client: Client, olu: Person, oak: Organisation) -> None:
    event = bookable_event()
    checked = check(client, event, SAM)
    asked = book(client, event, checked, **NAMED, **{"new-organisation_text": "Oak"})
    assert titles(asked) == ["Say which organisation you mean by “Oak”"]
    book(client, event, checked, **NAMED, **{"new-organisation_text": "Oak", "new-organisation_choice": "Oak Primary"})
    assert Booking.objects.get().organisation == oak


def test_what_is_wrong_about_those_who_are_new_is_asked_though_none_of_them_could_come(
    client: Client, olu: Person, oak: Organisation, at: datetime
) -> None:
    event = bookable_event()
    Condition.objects.create(event=event, kind=ConditionKind.SECTOR).sectors.add(SectorFactory(name="Police"))
    ada = known(at, organisation=OrganisationFactory(sector=SectorFactory(name="Police")))
    wrong = {"new-organisation_text": "Oak Primary", "new-has_no_organisation": "on"}
    done = book(client, event, check(client, event, ada, SAM), **NAMED, **wrong)
    assert "not both" in done.content.decode()
    assert not Booking.objects.exists()


def test_foster_carers_have_no_organisation(client: Client, olu: Person) -> None:
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    checked = check(client, event, SAM)
    both = book(client, event, checked, **NAMED, **OAK, **{"new-has_no_organisation": "on"})
    assert titles(both) == ["Say where they work or tick that they have no organisation, not both."]
    book(client, event, checked, **NAMED, **{"new-has_no_organisation": "on"})
    booking = Booking.objects.get()
    assert (booking.status, booking.organisation_state) == ("confirmed", "none")


def test_where_a_manager_approves_theirs_is_asked_for_once(client: Client, olu: Person, oak: Organisation) -> None:
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    checked = check(client, event, SAM)
    assert titles(book(client, event, checked, **NAMED, **OAK)) == ["Enter the address of the line manager who approves."]
    book(client, event, checked, **NAMED, **OAK, **{"new-manager_email": "head@oak.example"})
    assert list(Booking.objects.values_list("status", "manager_email")) == [("awaiting_approval", "head@oak.example")]


def test_a_rule_about_sectors_waits_for_where_they_work(client: Client, olu: Person, at: datetime) -> None:
    event, police = bookable_event(), SectorFactory(name="Police")
    Condition.objects.create(event=event, kind=ConditionKind.SECTOR).sectors.add(police)
    force = OrganisationFactory(name="Met Police", sector=police)
    checked = check(client, event, SAM)
    assert "Say above who they are and where they work, and check again." in checked.content.decode()
    with_org = send(client, event, line=["address:sam@oak.example"], check="1", **NAMED, **{"new-organisation_text": force.name})
    assert fates(with_org) == [("Sam Lee", "place")]
    book(client, event, checked, **NAMED, **{"new-organisation_text": force.name})
    assert Booking.objects.get().organisation == force


def test_somebody_of_another_partnership_is_never_added_twice(client: Client, olu: Person, oak: Organisation) -> None:
    event, elsewhere = bookable_event(), PersonFactory()
    elsewhere.partnerships.add(OtherPartnershipFactory())
    checked = check(client, event, elsewhere)
    assert fates(checked) == [(elsewhere.main_address(), "unknown")]
    page = book(client, event, checked, **OAK).content.decode()
    assert ("Nobody was booked" in page, elsewhere.name in page, Booking.objects.count()) == (True, False, 0)


def test_whoever_gets_an_address_meanwhile_is_not_booked_unseen(olu: Person, at: datetime) -> None:
    other = PersonFactory(address="sam@oak.example")
    people, new = [Colleague(None, "sam@oak.example", "Sam", "Lee")], Newcomers("Oak Primary")
    event = bookable_event()
    same: dict[str, Any] = {"event": event, "organisation": None, "partnership": event.lead_host, "by": olu, "at": at}
    [outcome] = book_colleagues(people=people, newcomers=new, **same)
    assert (outcome.refused.code if outcome.refused else "", Booking.objects.filter(person=other).count()) == ("address_taken", 0)
    [unsaid] = book_colleagues(people=[Colleague(None, "new@oak.example", "New", "Lee")], **same)
    assert unsaid.refused is not None
    assert unsaid.refused.code == "unknown"


def test_one_bill_is_asked_for_the_whole_list_where_it_can_cost(client: Client, olu: Person, at: datetime) -> None:
    event, ada, ben = bookable_event(), known(at), known(at)
    assert "Where the bills would go" not in check(client, event, ada).content.decode()
    charging(at=at)
    checked = check(client, event, ada, ben)
    assert "Where the bills would go (optional)" in checked.content.decode()
    bill = {"billing-pays_by": "internal_recharge", "billing-purchase_order": "PO 7"}
    kept = send(client, event, line=[line.key for line in lines(checked)], check="1", **bill).content.decode()
    assert ('value="PO 7"' in kept, "There is a problem" in kept) == (True, False)
    refused = book(client, event, checked, **bill)
    assert (titles(refused), Booking.objects.count()) == (["Enter the cost code that is recharged."], 0)
    with zeal_ignore():  # each bill is written as that of one booking is
        book(client, event, checked, **bill, **{"billing-cost_code": "R-200"})
    assert list(BillingDetails.objects.values_list("cost_code", "purchase_order")) == [("R-200", "PO 7")] * 2


def test_nobody_has_to_know_a_bill(client: Client, olu: Person, at: datetime) -> None:
    event, ada = bookable_event(), known(at)
    charging(at=at)
    book(client, event, check(client, event, ada))
    assert (Booking.objects.count(), BillingDetails.objects.count()) == (1, 0)


def test_checking_new_people_asks_as_often_for_one_as_for_three(client: Client, olu: Person, oak: Organisation) -> None:
    event, addresses = bookable_event(), [f"new{number}@oak.example" for number in range(3)]
    send(client, event, pasted="\n".join(addresses), check="1", **OAK)
    counts = []
    for some in (addresses[:1], addresses):
        with CaptureQueriesContext(connection) as asked:
            send(client, event, pasted="\n".join(some), check="1", **OAK)
        counts.append(len(asked))
    assert counts[0] == counts[1]
