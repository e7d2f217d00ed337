"""A person's learning record on the officers' pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from events.models import EventHost
from people.models import Person
from people.operations import look_after
from records.models import Credit
from records.operations import withdraw_equal
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, subgroup_member
from tests.factories.records import AcceptedFactory, CreditFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam(at: Any) -> Person:
    """Somebody the default partnership looks after."""
    person = PersonFactory(forename="Sam", surname="Smith")
    look_after(person=person, partnership=PartnershipFactory(), by=None, at=at)
    return person


def page_of(person: Person, *more: str) -> str:
    return "/".join(["/office/people", str(person.pk), *more, ""])


def titles(response: Any) -> list[str]:
    return [credit.title for credit in response.context["page"]]


def attended(person: Person, **fields: Any) -> Credit:
    """A credit from an event of the default partnership."""
    event = bookable_event()
    return CreditFactory(person=person, course=event.course, source_uuid=event.pk, **fields)


def elsewhere(**fields: Any) -> Any:
    return bookable_event(lead_host=OtherPartnershipFactory(), course=None, venue=None, **fields)


def test_a_record_without_anything_says_how_it_fills(client: Client, olu: Person, sam: Person) -> None:
    for address in (page_of(sam), page_of(sam, "learning")):
        page = client.get(address).content.decode()
        assert "Nothing on their record yet" in page
        assert page_of(sam, "learning", "accept") in page


def test_the_record_says_what_when_and_from_what(client: Client, olu: Person, sam: Person, at: Any) -> None:
    credit = attended(sam, title="Recognising neglect", earned_on=date(2026, 12, 1))
    AcceptedFactory(person=sam, title="Core day", note="Did it at Bexmoor", given_by=olu, earned_on=date(2026, 11, 2))
    gone = AcceptedFactory(person=sam, title="Other day", earned_on=date(2026, 10, 2))
    withdraw_equal(credit=gone, reason="Another course", by=olu, at=at)

    response = client.get(page_of(sam, "learning"))

    assert titles(response) == ["Recognising neglect", "Core day", "Other day"]
    page = response.content.decode()
    shown = ["1 Dec 2026", "Attended", "Accepted as equal", "Did it at Bexmoor", "Olu Officer", "Withdrawn: Another course"]
    assert [text for text in shown if text in page] == shown
    assert f'href="/office/events/{credit.source_uuid}/"' in page
    assert page.count("/withdraw/") == 1
    assert "Did it at Bexmoor" in client.get(page_of(sam)).content.decode()


def test_what_was_learned_with_another_partnership_is_not_shown(client: Client, olu: Person, sam: Person) -> None:
    attended(sam, title="Ours")
    CreditFactory(person=sam, title="Theirs", course=None, source_uuid=elsewhere().pk)
    AcceptedFactory(person=sam, title="Accepted there", course=CourseFactory(partnership=OtherPartnershipFactory()))
    assert titles(client.get(page_of(sam, "learning"))) == ["Ours"]


def test_an_event_hosted_together_is_named_and_only_its_lead_may_open_it(client: Client, olu: Person, sam: Person) -> None:
    event = elsewhere()
    EventHost.objects.create(event=event, partnership=PartnershipFactory())
    CreditFactory(person=sam, title="Together", course=None, source_uuid=event.pk)
    response = client.get(page_of(sam, "learning"))
    assert titles(response) == ["Together"]
    assert f"/office/events/{event.pk}/" not in response.content.decode()


def test_fifty_stand_on_a_page_of_the_record_and_ten_on_the_persons(client: Client, olu: Person, sam: Person) -> None:
    event = bookable_event()
    for number in range(51):
        CreditFactory(person=sam, course=event.course, earned_on=date(2026, 12, 1) - timedelta(days=number))
    lengths = [len(titles(client.get(page_of(sam, "learning"), {"page": number}))) for number in (1, 2, "x")]
    assert lengths == [50, 1, 50]
    response = client.get(page_of(sam))
    assert (len(response.context["learning"]), "See all 51 on their record" in response.content.decode()) == (10, True)


def test_the_record_asks_the_database_as_often_for_one_as_for_three(client: Client, olu: Person, sam: Person) -> None:
    counts: list[list[int]] = []
    for _ in range(3):
        attended(sam)
        AcceptedFactory(person=sam, given_by=PersonFactory())
        asked = []
        for address in (page_of(sam), page_of(sam, "learning")):
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            asked.append(len(captured))
        counts.append(asked)
    assert counts == [counts[0]] * 3


def test_other_learning_is_accepted_as_equal(client: Client, olu: Person, sam: Person) -> None:
    course = CourseFactory()
    sent = {"course": str(course.pk), "note": "Same day\r\nat Bexmoor", "earned_on": "27/03/2026"}
    response = client.post(page_of(sam, "learning", "accept"), sent)
    assert response.url == page_of(sam, "learning")
    credit = Credit.objects.get()
    assert (credit.person, credit.course, credit.note) == (sam, course, "Same day at Bexmoor")
    assert (credit.given_by, credit.earned_on) == (olu, date(2026, 3, 27))
    assert f"It counts as “{course}” from now on." in client.get(response.url).content.decode()


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"course": ""}, {"course": ["Choose a course"]}),
        ({"course": "00000000-0000-0000-0000-000000000009"}, {"course": ["Choose one of your courses"]}),
        ({"note": " "}, {"note": ["Write what they learned and why it is equal"]}),
        ({"earned_on": "31/02/2026"}, {"earned_on": ["Write a date that exists, like 27/01/2027."]}),
        ({"earned_on": "1/1/2999"}, {"earned_on": ["This day is still to come. Accept the learning once it is done."]}),
    ],
)
def test_what_can_not_be_accepted_is_said_beside_the_field(
    changed: dict[str, str], errors: dict[str, list[str]], client: Client, olu: Person, sam: Person
) -> None:
    sent = {"course": str(CourseFactory().pk), "note": "Did it at Bexmoor", "earned_on": ""}
    response = client.post(page_of(sam, "learning", "accept"), {**sent, **changed})
    assert dict(response.context["form"].errors) == errors
    assert "<title>Error: " in response.content.decode()
    assert Credit.objects.count() == 0


def test_a_course_accepted_already_is_said_beside_the_field(client: Client, olu: Person, sam: Person) -> None:
    course = CourseFactory(title="Core day")
    AcceptedFactory(person=sam, course=course)
    response = client.post(page_of(sam, "learning", "accept"), {"course": str(course.pk), "note": "Again"})
    assert dict(response.context["form"].errors) == {
        "course": ["Other learning is accepted as equal to “Core day” already. Withdraw that first, or choose another course."]
    }


def test_another_partnerships_course_can_not_be_chosen(client: Client, olu: Person, sam: Person) -> None:
    theirs = CourseFactory(partnership=OtherPartnershipFactory())
    response = client.post(page_of(sam, "learning", "accept"), {"course": str(theirs.pk), "note": "Did it"})
    assert dict(response.context["form"].errors) == {"course": ["Choose one of your courses"]}
    assert theirs.title not in response.content.decode()


def test_accepted_learning_is_withdrawn_with_a_reason(client: Client, olu: Person, sam: Person) -> None:
    credit = AcceptedFactory(person=sam)
    address = page_of(sam, "learning", str(credit.pk), "withdraw")
    assert client.get(address).status_code == 200
    assert Credit.objects.standing().count() == 1
    empty = client.post(address, {"reason": ""})
    assert dict(empty.context["form"].errors) == {"reason": ["Say why: the reason is kept."]}

    assert client.post(address, {"reason": "Another course"}).url == page_of(sam, "learning")

    credit.refresh_from_db()
    assert (credit.withdrawn_by, credit.withdrawn_reason) == (olu, "Another course")
    assert AuditEntry.objects.filter(action="accepted learning withdrawn").count() == 1
    assert client.get(address).status_code == 404


def test_what_was_attended_is_not_withdrawn_here(client: Client, olu: Person, sam: Person) -> None:
    credit = attended(sam)
    assert client.post(page_of(sam, "learning", str(credit.pk), "withdraw"), {"reason": "x"}).status_code == 404


def test_people_and_credits_of_another_partnership_are_not_found(client: Client, olu: Person, sam: Person) -> None:
    stranger = BookingFactory(event=elsewhere()).person
    theirs = AcceptedFactory(person=sam, course=CourseFactory(partnership=OtherPartnershipFactory()))
    ours_of_a_stranger = AcceptedFactory(person=stranger)
    of_another_person = AcceptedFactory()
    for address in (
        page_of(stranger, "learning"),
        page_of(stranger, "learning", "accept"),
        page_of(stranger, "learning", str(ours_of_a_stranger.pk), "withdraw"),
        page_of(sam, "learning", str(theirs.pk), "withdraw"),
        page_of(sam, "learning", str(of_another_person.pk), "withdraw"),
    ):
        assert client.get(address).status_code == 404, address


def test_only_officers_see_and_change_a_record(client: Client, sam: Person) -> None:
    client.force_login(subgroup_member())
    credit = AcceptedFactory(person=sam)
    for more in (["learning"], ["learning", "accept"], ["learning", str(credit.pk), "withdraw"]):
        assert client.get(page_of(sam, *more)).status_code == 403
