"""The officers' pages about people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.clock import now
from events.models import EventHost
from notifications.models import Message
from office.views.people import MOST_BOOKINGS
from people.models import Grant, Person, Role
from people.operations import look_after
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import (
    GrantFactory,
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
    officer,
    subgroup_member,
    trainer,
)

pytestmark = pytest.mark.django_db

LIST = "/office/people/"
A_YEAR_AGO, IN_A_MONTH = (now().replace(microsecond=0) + timedelta(days=days) for days in (-365, 30))


@pytest.fixture
def by(client: Client) -> Person:
    person = officer(forename="Olu", surname="Officer")
    client.force_login(person)
    return person


def known(at: Any, **fields: Any) -> Person:
    """Somebody the default partnership looks after."""
    person = PersonFactory(**fields)
    look_after(person=person, partnership=PartnershipFactory(), by=None, at=at)
    return person


def names(response: Any) -> list[str]:
    return [person.name for person in response.context["page"]]


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    assert "<title>Error: " in response.content.decode()
    return dict(response.context["form"].errors)


def test_an_officer_sees_whom_the_partnership_has_to_do_with(client: Client, by: Person, at: Any) -> None:
    looked_after = known(at)
    booked = BookingFactory(event=bookable_event()).person
    teaches = trainer()
    gone = GrantFactory(role=Role.TRAINER, ended_at=at).person
    PersonFactory(forename="Nobody", surname="Ofours")
    BookingFactory(event=bookable_event(lead_host=OtherPartnershipFactory(), course=None, venue=None))
    seen = sorted([looked_after.name, booked.name, teaches.name, gone.name, by.name])
    assert sorted(names(client.get(LIST))) == seen


def test_people_are_found_by_name_address_organisation_and_role(client: Client, by: Person, at: Any) -> None:
    sam = known(at, forename="Sam", surname="Smith", organisation=OrganisationFactory(name="Alder Primary School"))
    known(at, forename="Ana", surname="Núñez", address="ana@trust.example", organisation_text="The Trust")
    assert names(client.get(LIST, {"q": "sam smi"})) == ["Sam Smith"]
    assert names(client.get(LIST, {"q": "trust.example"})) == ["Ana Núñez"]
    assert names(client.get(LIST, {"organisation": "alder"})) == [sam.name]
    assert names(client.get(LIST, {"role": "officer"})) == ["Olu Officer"]
    both = client.get(LIST, {"role": "officer", "q": "olu"})
    assert [tag["href"] for tag in both.context["tags"]] == ["/office/people/?role=officer", "/office/people/?q=olu"]
    assert names(client.get(LIST, {"role": "king", "page": "x"})) == ["Ana Núñez", "Olu Officer", "Sam Smith"]


def test_fifty_people_stand_on_a_page(client: Client, by: Person, at: Any) -> None:
    for _ in range(51):
        known(at)
    assert [len(names(client.get(LIST, {"page": number}))) for number in (1, 2, 99)] == [50, 2, 2]


def test_the_list_asks_the_database_as_often_for_one_as_for_three(client: Client, by: Person, at: Any) -> None:
    counts = []
    for _ in range(3):
        GrantFactory(person=known(at), role=Role.TRAINER)
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST, {"q": "a"})
        counts.append(len(asked))
    assert counts == [counts[0]] * 3


def test_somebody_of_another_partnership_is_found_by_the_whole_address_only(client: Client, by: Person) -> None:
    ana = PersonFactory(forename="Ana", surname="Núñez", address="ana@trust.example")
    for text in ("Ana", "trust.example", "ana@trust", "na@trust.example"):
        response = client.get(LIST, {"q": text})
        assert (names(response), response.context["elsewhere"]) == ([], None)
    assert client.get(LIST, {"q": " ANA@trust.example"}).context["elsewhere"] == ana
    assert client.get(f"{LIST}{ana.pk}/").status_code == 404
    assert client.post(f"{LIST}look-after/", {"address": "ana@trust.example"}).url == f"{LIST}{ana.pk}/"
    assert client.get(f"{LIST}{ana.pk}/").status_code == 200


def test_an_address_nobody_has_adds_nobody(client: Client, by: Person) -> None:
    assert client.post(f"{LIST}look-after/", {"address": "x"}).url == LIST


def test_a_person_page_shows_bookings_roles_messages_and_history(client: Client, by: Person, at: Any) -> None:
    person = known(at, forename="Sam", surname="Smith")
    BookingFactory(person=person, event=bookable_event(title="Recognising neglect"))
    BookingFactory(
        person=person, event=bookable_event(title="Elsewhere", lead_host=OtherPartnershipFactory(), course=None, venue=None)
    )
    GrantFactory(person=person, role=Role.TRAINER, given_by=by, reason="Asked to teach")
    for partnership, subject in ((PartnershipFactory(), "Your place"), (OtherPartnershipFactory(), "Their place")):
        Message.objects.create(
            partnership=partnership, person=person, kind="confirmed", about="booking:1", dedupe_key=subject, subject=subject,
            to_address="sam@school.example", text="", created_at=at, due_at=at, next_attempt_at=at,
        )  # fmt: skip
    client.post(f"{LIST}{person.pk}/sign-in/", {"reason": "Left the school"})
    page = client.get(f"{LIST}{person.pk}/").content.decode()
    shown = ["Recognising neglect", "Elsewhere", "Asked to teach", "Your place", "Their place", "Left the school"]
    assert [text for text in shown if text in page] == ["Recognising neglect", "Asked to teach", "Your place", "Left the school"]


def test_the_person_page_asks_the_database_as_often_for_one_as_for_three(client: Client, by: Person, at: Any) -> None:
    person = known(at)
    counts = []
    for role in (Role.TRAINER, Role.SUBGROUP_MEMBER, Role.OFFICER):
        BookingFactory(person=person)
        GrantFactory(person=person, role=role, given_by=by)
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{LIST}{person.pk}/")
        counts.append(len(asked))
    assert counts == [counts[0]] * 3


DETAILS = {"forename": "Ana", "surname": "Núñez", "organisation_text": "", "job_role": "", "manager_email": ""}


def test_the_list_leads_straight_to_what_each_has_booked(client: Client, by: Person, at: Any) -> None:
    person, event = known(at, surname="Lee"), bookable_event(title="Neglect", first_start=IN_A_MONTH)
    booking = BookingFactory(event=event, person=person)
    over = BookingFactory(event=bookable_event(first_start=A_YEAR_AGO), person=person)
    ended = {"status": "cancelled", "cancelled_by": "delegate", "ended_at": at}
    gone = BookingFactory(event=bookable_event(first_start=IN_A_MONTH), person=person, **ended)
    html = client.get(LIST, {"q": "lee"}).content.decode()
    assert f"/office/bookings/{booking.pk}/" in html
    assert f"/office/people/{person.pk}/book/" in html
    assert not any(f"/office/bookings/{other.pk}/" in html for other in (over, gone))


def test_a_person_page_has_what_is_coming_up_and_what_is_past(client: Client, by: Person, at: Any) -> None:
    person = known(at)
    coming = BookingFactory(event=bookable_event(first_start=IN_A_MONTH), person=person)
    over = BookingFactory(event=bookable_event(first_start=A_YEAR_AGO), person=person)
    ended = {"status": "cancelled", "cancelled_by": "delegate", "ended_at": at}
    gone = BookingFactory(event=bookable_event(first_start=IN_A_MONTH), person=person, **ended)
    page = client.get(f"{LIST}{person.pk}/")
    assert ([one.pk for one in page.context["upcoming"]], [one.pk for one in page.context["past"]]) == (
        [coming.pk],
        [gone.pk, over.pk],
    )
    html = page.content.decode()
    assert all(f"/office/bookings/{coming.pk}/{step}/" in html for step in ("substitute", "move", "cancel"))
    assert f"/office/bookings/{over.pk}/cancel/" not in html


def test_what_has_begun_offers_no_step_that_would_be_refused(client: Client, by: Person, at: Any) -> None:
    person = known(at)
    booking = BookingFactory(event=bookable_event(first_start=IN_A_MONTH), person=person)
    session = booking.event.sessions.get()
    steps = [f"/office/bookings/{booking.pk}/{step}/" for step in ("substitute", "move", "cancel")]
    last = timedelta(minutes=1)
    for moment, said in ((session.starts_at - last, ""), (session.starts_at, "Now on"), (session.ends_at, "Over")):
        with time_machine.travel(moment, tick=False):
            client.force_login(by, backend="allauth.account.auth_backends.AuthenticationBackend")
            page = client.get(f"{LIST}{person.pk}/")
        html = page.content.decode()
        assert [one.pk for one in page.context["upcoming"]] == [booking.pk]
        assert ([step in html for step in steps], f'<td class="t-actions">{said}</td>' in html) == ([not said] * 3, bool(said))


def test_very_many_bookings_are_cut_and_all_of_them_are_one_step_away(client: Client, by: Person, at: Any) -> None:
    person = known(at)
    for _ in range(MOST_BOOKINGS + 2):
        BookingFactory(person=person, event=bookable_event())
    page = f"{LIST}{person.pk}/"
    assert len(client.get(page).context["upcoming"]) == MOST_BOOKINGS
    assert "See 2 more bookings" in client.get(page).content.decode()
    assert len(client.get(page, {"bookings": "all"}).context["upcoming"]) == MOST_BOOKINGS + 2


def test_an_event_is_booked_from_the_person(client: Client, by: Person, at: Any) -> None:
    person, event = known(at, forename="Ana"), bookable_event(title="Neglect", first_start=IN_A_MONTH)
    other = bookable_event(title="Forum", course=None, first_start=IN_A_MONTH)
    booked = BookingFactory(event=other, person=person)
    for left_out in ({"first_start": A_YEAR_AGO}, {"status": "draft", "first_start": IN_A_MONTH}):
        bookable_event(title="Neglect left out", **left_out)
    theirs = {"lead_host": OtherPartnershipFactory(), "course": None, "venue": None, "first_start": IN_A_MONTH}
    bookable_event(title="Neglect elsewhere", **theirs)
    html = client.get(f"{LIST}{person.pk}/book/").content.decode()
    assert f"/office/events/{event.pk}/book/{person.pk}/" in html
    assert f"/office/bookings/{booked.pk}/" in html
    assert "left out" not in html
    assert "elsewhere" not in html
    assert "Neglect" not in client.get(f"{LIST}{person.pk}/book/", {"q": "forum"}).content.decode()
    assert "No event to come fits" in client.get(f"{LIST}{person.pk}/book/", {"q": "nothing"}).content.decode()


def test_a_person_is_added_with_and_without_an_address(client: Client, by: Person) -> None:
    for address in ("Ana@trust.example", ""):
        response = client.post(f"{LIST}new/", {**DETAILS, "address": address}, follow=True)
        person = response.context["person"]
        assert (person.name, person.address) == ("Ana Núñez", address.lower() or None)


def test_a_taken_address_is_said_beside_the_field(client: Client, by: Person) -> None:
    PersonFactory(address="ana@trust.example")
    response = client.post(f"{LIST}new/", {**DETAILS, "address": "Ana@trust.example"})
    assert errors(response) == {
        "address": ["Somebody with this e-mail address is here already. Search for the address to find them."]
    }


def test_details_are_changed(client: Client, by: Person, at: Any) -> None:
    person, school = known(at), OrganisationFactory(name="Alder Primary School")
    address = f"{LIST}{person.pk}/change/"
    assert client.get(address).context["form"].initial["surname"] == person.surname
    assert list(errors(client.post(address, {**DETAILS, "organisation_text": "Alder"}))) == ["organisation_choice"]
    client.post(address, {**DETAILS, "organisation_text": "Alder", "organisation_choice": school.name})
    person.refresh_from_db()
    assert (person.name, person.organisation) == ("Ana Núñez", school)


def test_an_address_is_changed_with_a_reason(client: Client, by: Person, at: Any) -> None:
    person = known(at)
    address = f"{LIST}{person.pk}/address/"
    assert list(errors(client.post(address, {"address": "new@school.example"}))) == ["reason"]
    client.post(address, {"address": "new@school.example", "reason": "Moved"})
    assert person.main_address() == "new@school.example"


def test_sign_in_is_stopped_and_allowed_again(client: Client, by: Person, at: Any) -> None:
    person = known(at)
    for expected in (False, True):
        assert client.post(f"{LIST}{person.pk}/sign-in/", {"reason": "Asked to"}).url == f"{LIST}{person.pk}/"
        person.refresh_from_db()
        assert person.is_active is expected


def test_an_officer_can_not_lock_themselves_out(client: Client, by: Person) -> None:
    response = client.post(f"{LIST}{by.pk}/sign-in/", {"reason": "x"})
    assert errors(response) == {"__all__": ["You can't stop yourself from signing in. Ask another officer."]}
    grant = by.grants.get()
    response = client.post(f"{LIST}{by.pk}/roles/{grant.pk}/end/", {"reason": "x"})
    assert errors(response) == {"__all__": ["This is the partnership's last officer. Make somebody else an officer first."]}


def test_a_role_is_given_and_ended(client: Client, by: Person, at: Any) -> None:
    person = known(at)
    client.post(f"{LIST}{person.pk}/roles/new/", {"role": "trainer", "reason": "Teaches neglect"})
    grant = Grant.objects.get(person=person)
    assert (grant.role, grant.given_by, grant.reason) == ("trainer", by, "Teaches neglect")
    address = f"{LIST}{person.pk}/roles/{grant.pk}/end/"
    assert list(errors(client.post(address, {"reason": " "}))) == ["reason"]
    client.post(address, {"reason": "Left"})
    grant.refresh_from_db()
    assert (grant.ended_by, grant.end_reason) == (by, "Left")
    assert client.get(address).status_code == 404


def test_a_training_lead_leads_an_agency_we_know(client: Client, by: Person, at: Any) -> None:
    person, school = known(at), OrganisationFactory(name="Alder Primary School")
    address = f"{LIST}{person.pk}/roles/new/"
    wanted = {"role": "training_lead", "reason": ""}
    assert list(errors(client.post(address, wanted))) == ["organisation_text"]
    assert list(errors(client.post(address, {**wanted, "organisation_text": "Nowhere"}))) == ["organisation_text"]
    assert list(errors(client.post(address, {**wanted, "organisation_text": "Alder"}))) == ["organisation_choice"]
    client.post(address, {**wanted, "organisation_text": "alder primary school"})
    assert Grant.objects.get(person=person).organisation == school


@pytest.mark.parametrize("end", ["", "change/", "address/", "sign-in/", "roles/new/"])
def test_a_person_of_another_partnership_is_not_there(client: Client, by: Person, end: str) -> None:
    stranger = PersonFactory()
    assert client.get(f"{LIST}{stranger.pk}/{end}").status_code == 404
    assert client.post(f"{LIST}{stranger.pk}/{end}", {"reason": "x"}).status_code in (404, 405)


def test_a_role_in_another_partnership_can_not_be_ended_here(client: Client, by: Person, at: Any) -> None:
    grant = GrantFactory(person=known(at), role=Role.TRAINER, partnership=OtherPartnershipFactory())
    assert client.post(f"{LIST}{grant.person_id}/roles/{grant.pk}/end/", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize("who", [PersonFactory, trainer, subgroup_member])
def test_only_officers_see_people(client: Client, who: Any, at: Any) -> None:
    person = known(at)
    client.force_login(who())
    pages = [LIST, f"{LIST}new/", *(f"{LIST}{person.pk}/{end}" for end in ("", "change/", "address/", "sign-in/", "roles/new/"))]
    assert [client.get(page).status_code for page in pages] == [403] * len(pages)
    assert client.post(f"{LIST}look-after/", {"address": "x@y.example"}).status_code == 403


def test_an_officer_of_another_partnership_sees_nobody_of_ours(client: Client, at: Any) -> None:
    person = known(at)
    other = GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory()).person
    client.force_login(other)
    assert names(client.get(LIST)) == [other.name]
    assert client.get(f"{LIST}{person.pk}/").status_code == 404


def test_visitors_sign_in_first(client: Client) -> None:
    PartnershipFactory()
    assert client.get(LIST).url == "/sign-in/?next=/office/people/"


def test_acts_on_these_pages_are_an_officers_in_the_audit_trail(client: Client, by: Person) -> None:
    from core.models import AuditEntry

    client.post(f"{LIST}new/", {**DETAILS, "address": ""})
    assert list(AuditEntry.objects.values_list("action", "actor_label", "actor_id")) == [("person added", "an officer", by.pk)]


def test_a_booking_at_an_event_that_another_host_leads_is_shown_without_a_way_in(client: Client, by: Person) -> None:
    joint = bookable_event(lead_host=OtherPartnershipFactory(), course=None, venue=None, title="Joint conference")
    EventHost.objects.create(event=joint, partnership=PartnershipFactory())
    booking = BookingFactory(event=joint)
    page = client.get(f"{LIST}{booking.person_id}/").content.decode()
    led_by = "Joint conference, led by Kingsbridge Safeguarding Children Partnership"
    assert (led_by in page, f"/bookings/{booking.pk}/" in page) == (True, False)


def test_a_manager_whom_only_a_booking_names_is_said(client: Client, by: Person, at: Any) -> None:
    person = known(at)
    event = bookable_event(first_start=IN_A_MONTH)
    BookingFactory(person=person, event=event, manager_email="lead@school.example")
    page = client.get(f"{LIST}{person.pk}/").content.decode()
    assert "Not given</span>. The latest booking names" in page
    assert page.count("lead@school.example") == 1
    Person.objects.filter(pk=person.pk).update(manager_email="boss@school.example")
    page = client.get(f"{LIST}{person.pk}/").content.decode()
    assert (page.count("boss@school.example"), page.count("lead@school.example")) == (1, 0)
