"""What officers see and do about the certificates of an event and of a person."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Booking, MessageSettings
from bookings.operations import hold_back
from events.models import Event
from notifications.models import Message, MessageState
from office.leaving import due_now
from people.models import Partnership, Person
from people.operations import look_after
from records.models import Certificate
from registers.certificates import LOOKED_BACK
from registers.due import give_certificates
from registers.operations import add_walk_in
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, subgroup_member
from tests.factories.records import CertificateFactory
from tests.factories.registers import event_with_people, session_of, take_register
from tests.office.pages import sent_by

pytestmark = pytest.mark.django_db

KIND = "certificate_ready"
CLOSED = datetime(2027, 1, 26, 17, tzinfo=UTC)
LEAVES = datetime(2027, 1, 29, 8, tzinfo=UTC)
TIMES = "/office/partnership/messages/"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(CLOSED, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sam(at: datetime) -> Person:
    person = PersonFactory(forename="Sam", surname="Smith")
    look_after(person=person, partnership=PartnershipFactory(), by=None, at=at)
    return person


def text_of(response: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def held_event(people: int = 1) -> tuple[Event, list[Person]]:
    event, came = event_with_people(people)
    take_register(session_of(event), dict.fromkeys(came, "present"))
    return event, came


def row(client: Client, event: Event) -> tuple[str, int, str]:
    planned = client.get(reverse("office_event_messages", args=[event.pk])).context["planned"]
    return next((one.when, one.to, one.state_words) for one in planned if one.kind == KIND)


def page(client: Client, event: Event, **query: str) -> Any:
    return client.get(reverse("office_event_planned", args=[event.pk, KIND]), query)


def act(client: Client, name: str, *args: Any, **values: str) -> Any:
    return client.post(reverse(name, args=args), values, follow=True)


def test_the_tab_says_when_they_are_given_and_to_how_many(client: Client, olu: Person, clock: Any) -> None:
    event, [person] = event_with_people(1)
    assert row(client, event) == ("After every register is closed", 0, "Not yet")
    assert "Whoever attended all that counts, not known yet" in text_of(page(client, event))
    take_register(session_of(event), {person: "present"})
    assert row(client, event) == ("Friday 29 January 2027, 8am", 1, "Planned")
    clock.move_to(LEAVES)
    assert row(client, event) == ("Now", 1, "Planned")
    give_certificates(LEAVES)
    assert row(client, event) == ("It has left", 0, "1 on the way")
    Message.objects.update(state=MessageState.SENT, sent_at=LEAVES)
    assert row(client, event) == ("It has left", 0, "Everybody has it")


def test_the_tab_says_where_none_are_given_and_where_it_is_too_late(client: Client, olu: Person, clock: Any) -> None:
    event, _ = held_event()
    MessageSettings.objects.create(partnership=event.lead_host, certificate_days=None)
    assert row(client, event) == ("Never", 1, "Not sent")
    clock.move_to(CLOSED + LOOKED_BACK)
    assert row(client, event) == ("Nobody is certified so long afterwards", 1, "Too old")
    assert "Send it now" not in text_of(page(client, event))


def test_the_letter_is_previewed_before_there_is_a_certificate_and_after(client: Client, olu: Person) -> None:
    event, [person] = held_event()
    assert f"As {person.name} reads it" in text_of(page(client, event))
    assert "Your certificate is ready" in text_of(page(client, event))
    assert "/my-learning/" in page(client, event).content.decode()
    give_certificates(LEAVES)
    assert reverse("certificate", args=[Certificate.objects.get().pk]) in page(client, event).content.decode()


def test_it_is_held_back_from_everybody_and_from_one_person(client: Client, olu: Person) -> None:
    event, [ana, ben] = held_event(2)
    shown = act(client, "office_planned_hold", event.pk, KIND, do="hold")
    assert "until then no more certificates are given either" in text_of(shown)
    assert row(client, event)[2] == "Held back"
    act(client, "office_planned_hold", event.pk, KIND, do="let_go")
    booking = Booking.objects.get(person=ben)
    shown = act(client, "office_planned_person", event.pk, KIND, booking.pk, do="hold")
    assert f"{ben.name} does not get it." in text_of(shown)
    assert give_certificates(LEAVES) == 1
    assert {message.person for message in Message.objects.all()} == {ana}
    assert row(client, event)[2] == "1 on the way"
    Message.objects.update(state=MessageState.SENT, sent_at=LEAVES)
    assert row(client, event)[2] == "Held back from 1 person"


def test_who_came_without_a_booking_is_counted_beside_the_list(client: Client, olu: Person) -> None:
    event, [ana] = event_with_people(1)
    walked_in = PersonFactory(surname="Walkersson")
    add_walk_in(session=session_of(event), person=walked_in, by=olu, at=CLOSED - timedelta(hours=2))
    take_register(session_of(event), {ana: "present"})
    shown = text_of(page(client, event))
    assert ("And 1 person who came without a booking." in shown, row(client, event)[1]) == (True, 2)


def test_an_officer_gives_them_at_once(client: Client, olu: Person) -> None:
    event, _ = held_event(2)
    address = reverse("office_planned_send", args=[event.pk, KIND])
    assert "Send to 2 people" in text_of(client.get(address))
    assert Certificate.objects.count() == 0
    assert "It leaves within a minute, to 2 people." in text_of(client.post(address, follow=True))
    assert (Certificate.objects.count(), Message.objects.count()) == (2, 2)
    assert "Nobody is left to write to" in text_of(client.post(address, follow=True))


def test_an_event_has_days_of_its_own_also_before_its_registers_are_closed(client: Client, olu: Person) -> None:
    event, [person] = event_with_people(1)
    client.post(reverse("office_event_planned", args=[event.pk, KIND]), {"days": "4", "note": ""})
    assert sent_by(page(client, event))["days"] == ["4"]
    take_register(session_of(event), {person: "present"})
    assert row(client, event)[0] == "Tuesday 2 February 2027, 8am"
    refused = client.post(reverse("office_event_planned", args=[event.pk, KIND]), {"days": "21", "note": ""})
    assert "Give 20 working days at most." in text_of(refused)


def test_the_partnership_says_after_how_many_days_or_that_there_are_none(client: Client, olu: Person) -> None:
    assert sent_by(client.get(TIMES))["certificate_days"] == ["2"]
    for typed, kept in (("0", 0), ("", None), ("5", 5)):
        client.post(TIMES, sent_by(client.get(TIMES), certificate_days=typed))
        assert MessageSettings.of(PartnershipFactory()).certificate_days == kept
    assert "give 20 at most" in text_of(client.post(TIMES, sent_by(client.get(TIMES), certificate_days="21")))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (2, "2 working days after the last register was closed, as your settings say."),
        (0, "As soon as the last register is closed, as your settings say."),
        (None, "Not sent: your settings give no certificates."),
    ],
)
def test_the_texts_say_when_it_leaves(client: Client, olu: Person, days: int | None, words: str) -> None:
    MessageSettings.objects.create(partnership=PartnershipFactory(), certificate_days=days)
    assert words in text_of(client.get(reverse("office_texts")))


@pytest.mark.both_databases
def test_what_would_leave_at_once_is_counted_as_the_worker_writes_it(client: Client, olu: Person, clock: Any) -> None:
    event, _ = held_event(3)
    hold_back(event=event, kind=KIND, by=olu, at=CLOSED)
    clock.move_to(LEAVES)
    asked = act(client, "office_planned_hold", event.pk, KIND, do="let_go")
    assert "3 messages would leave at once" in text_of(asked)
    client.post(reverse("office_planned_hold", args=[event.pk, KIND]), sent_by(asked, do="let_go", checked="yes"))
    assert due_now(event.lead_host, at=LEAVES) == {KIND: 3}
    assert (give_certificates(LEAVES), due_now(event.lead_host, at=LEAVES)) == (3, {})


def test_what_another_partnership_would_send_is_not_counted(olu: Person) -> None:
    event, _ = held_event()
    other = OtherPartnershipFactory()
    assert due_now(other, at=LEAVES) == {}
    assert due_now(Partnership.objects.get(pk=event.lead_host_id), at=LEAVES) == {KIND: 1}


def test_a_persons_page_lists_certificates_and_says_what_became_of_them(client: Client, olu: Person, sam: Person) -> None:
    address = reverse("office_person", args=[sam.pk])
    assert "None yet. If your settings give certificates" in text_of(client.get(address))
    stands = CertificateFactory(person=sam, title="Recognising neglect", code="7K3QD9XM2PTV")
    CertificateFactory(
        person=sam,
        title="Other day",
        withdrawn_at=CLOSED,
        withdrawn_reason="The register was corrected.",
        awarded_on="2026-11-02",
    )
    CertificateFactory(person=sam, title="Elsewhere", partnership=OtherPartnershipFactory())
    for shown in (client.get(address), client.get(reverse("office_person_certificates", args=[sam.pk]))):
        words = text_of(shown)
        assert "1 Dec 2026 Recognising neglect 7K3Q-D9XM-2PTV Stands Issued 4 Dec 2026" in words
        assert "Withdrawn 26 Jan 2027: The register was corrected." in words
        assert ("Elsewhere" in words, reverse("certificate", args=[stands.pk]) in shown.content.decode()) == (False, True)


def test_somebody_with_very_many_has_them_on_pages_at_a_fixed_cost(client: Client, olu: Person, sam: Person) -> None:
    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return len(seen)

    addresses = [reverse("office_person", args=[sam.pk]), reverse("office_person_certificates", args=[sam.pk])]
    CertificateFactory(person=sam)
    with_one = [cost(address) for address in addresses]
    for _ in range(60):
        CertificateFactory(person=sam)
    assert [cost(address) for address in addresses] == with_one
    assert "See all 61 certificates" in text_of(client.get(addresses[0]))
    assert [len(client.get(addresses[1], {"page": number}).context["page"]) for number in (1, 2)] == [50, 11]


def test_an_officer_gives_one_anew_in_the_name_that_the_person_has_today(client: Client, olu: Person) -> None:
    _, [person] = held_event()
    give_certificates(LEAVES)
    look_after(person=person, partnership=PartnershipFactory(), by=None, at=LEAVES)
    old = Certificate.objects.get()
    address, do = reverse("office_person_certificates", args=[person.pk]), "office_person_certificate_name"
    assert "Give it in the name" not in text_of(client.get(address))
    assert "It says their name as it is." in text_of(act(client, do, person.pk, old.pk))
    Person.objects.filter(pk=person.pk).update(surname="Right")
    for shown in (client.get(address), client.get(reverse("office_person", args=[person.pk]))):
        assert f"In the name {old.name} Give it in the name {person.forename} Right" in text_of(shown)
        assert reverse(do, args=[person.pk, old.pk]) in shown.content.decode()
    assert f"Given anew to {person.forename} Right, with another code." in text_of(act(client, do, person.pk, old.pk))
    assert Certificate.objects.standing().get().name == f"{person.forename} Right"
    assert "Give it in the name" not in text_of(client.get(address))


def test_a_name_is_corrected_by_sending_and_where_it_was_issued_and_by_who_looks_after_people(
    client: Client, olu: Person
) -> None:
    _, [person] = held_event()
    give_certificates(LEAVES)
    look_after(person=person, partnership=PartnershipFactory(), by=None, at=LEAVES)
    Person.objects.filter(pk=person.pk).update(surname="Right")
    address = reverse("office_person_certificate_name", args=[person.pk, Certificate.objects.get().pk])
    elsewhere = CertificateFactory(person=person, partnership=OtherPartnershipFactory())
    foreign = reverse("office_person_certificate_name", args=[person.pk, elsewhere.pk])
    member = Client()
    member.force_login(subgroup_member(), backend="allauth.account.auth_backends.AuthenticationBackend")
    answers = [client.get(address), client.post(foreign), member.post(address)]
    assert [answer.status_code for answer in answers] == [405, 404, 403]
    assert Certificate.objects.standing().count() == 2


def test_without_any_the_page_says_when_they_are_given(client: Client, olu: Person, sam: Person) -> None:
    shown = client.get(reverse("office_person_certificates", args=[sam.pk]))
    assert ("No certificate yet" in text_of(shown), TIMES in shown.content.decode()) == (True, True)


def test_who_does_not_look_after_people_does_not_see_them(client: Client, sam: Person) -> None:
    client.force_login(subgroup_member(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("office_person_certificates", args=[sam.pk])).status_code == 403
