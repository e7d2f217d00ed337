"""The certificate as its owner shows it, and as anybody checks it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from people.models import Partnership, Person, Role
from records.models import Certificate
from tests.factories.courses import CourseFactory
from tests.factories.people import GrantFactory, OtherPartnershipFactory, PartnershipFactory, PersonFactory, officer, trainer
from tests.factories.records import CertificateFactory

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CODE = "7K3QD9XM2PTV"


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Any:
    with time_machine.travel(at, tick=False) as traveller:
        yield traveller


@pytest.fixture
def partnership() -> Partnership:
    return PartnershipFactory()


@pytest.fixture
def certificate(partnership: Partnership) -> Certificate:
    course = CourseFactory(outcomes="see neglect\n\nname it")
    return CertificateFactory(person=PersonFactory(forename="Ana", surname="Obi"), course=course, code=CODE)


def text_of(page: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def page_of(certificate: Certificate) -> str:
    return reverse("certificate", args=[certificate.pk])


def test_its_owner_reads_all_of_it_and_how_to_check_it(certificate: Certificate) -> None:
    page = client_of(certificate.person).get(page_of(certificate))
    words = text_of(page)
    for said in (
        "Riverside Safeguarding Children Partnership",
        "Certificate of attendance",
        "Ana Obi attended Recognising neglect on Tuesday 1 December 2026, 6 hours of learning",
        "see neglect name it",
        "127.0.0.1:8000/c/7K3Q-D9XM-2PTV",
        "Code 7K3Q-D9XM-2PTV. Issued on Friday 4 December 2026.",
    ):
        assert said in words
    assert page.content.count(b"<li>") == 2
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert client_of(certificate.person).get(reverse("certificate_qr", args=[certificate.pk]))["Content-Type"] == "image/svg+xml"


def test_without_course_and_hours_it_says_neither(partnership: Partnership) -> None:
    bare = CertificateFactory(course=None, hours=None)
    words = text_of(client_of(bare.person).get(page_of(bare)))
    assert ("on Tuesday 1 December 2026 Check" in words, "What the course is for" in words) == (True, False)


def test_what_took_several_days_names_the_first_and_the_last(client: Client, partnership: Partnership) -> None:
    certificate = CertificateFactory(code=CODE, ended_on=date(2026, 12, 8))
    days = "Tuesday 1 December 2026 to Tuesday 8 December 2026"
    assert f"Recognising neglect from {days}, 6 hours" in text_of(client_of(certificate.person).get(page_of(certificate)))
    assert f"From {days} Hours" in text_of(client.get(f"/c/{CODE}/"))


@pytest.mark.parametrize(
    ("outcomes", "shown"), [(["a" * 100] * 12, 5), (["see it"] * 12, 8), ([" ", "see it"], 1), (["a" * 600], 0)]
)
def test_no_more_of_what_the_course_is_for_than_the_sheet_holds(
    outcomes: list[str], shown: int, partnership: Partnership
) -> None:
    certificate = CertificateFactory(course=CourseFactory(outcomes="\n".join(outcomes)))
    assert client_of(certificate.person).get(page_of(certificate)).content.count(b"<li>") == shown


def test_only_its_owner_and_who_sees_their_record_opens_it(certificate: Certificate) -> None:
    lead = GrantFactory(role=Role.TRAINING_LEAD, organisation=certificate.person.organisation).person
    elsewhere = GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory()).person
    asked = [certificate.person, officer(), PersonFactory(), trainer(), lead, elsewhere]
    for address in (page_of(certificate), reverse("certificate_qr", args=[certificate.pk])):
        assert [client_of(one).get(address).status_code for one in asked] == [200, 200, 404, 404, 404, 404]
        assert Client().get(address)["Location"] == f"/sign-in/?next={address}"


def test_an_officer_of_two_partnerships_opens_it_where_it_was_issued(certificate: Certificate) -> None:
    both = officer()
    other = OtherPartnershipFactory(name="A partnership that comes first")
    GrantFactory(role=Role.OFFICER, partnership=other, person=both)
    client = client_of(both)
    for at_work, status in ((certificate.partnership, 200), (other, 404)):
        session = client.session
        session["partnership"] = str(at_work.pk)
        session.save()
        assert client.get(page_of(certificate)).status_code == status


def test_what_was_withdrawn_says_so_to_its_owner_with_the_reason_and_leads_to_the_new_one(
    certificate: Certificate, at: datetime
) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(withdrawn_at=at, withdrawn_reason="The register was corrected.")
    client = client_of(certificate.person)
    words = text_of(client.get(page_of(certificate)))
    for said in (
        "Withdrawn on Monday 11 January 2027",
        "The register was corrected.",
        "It no longer holds. Code 7K3Q-D9XM-2PTV.",
        "Is that wrong?",
    ):
        assert said in words
    assert "Check that this certificate holds" not in words
    new = CertificateFactory(person=certificate.person, source_uuid=certificate.source_uuid)
    page = client.get(page_of(certificate)).content.decode()
    assert (page_of(new) in page, "Is that wrong?" in page) == (True, False)


@pytest.mark.parametrize("address", [f"/c/{CODE}/", f"/C/{CODE}/", "/c/7k3q-d9xm-2ptv/", "/c/7k3qd9xm2ptv/"])
def test_anybody_with_the_code_reads_whether_it_holds(client: Client, certificate: Certificate, address: str) -> None:
    page = client.get(address)
    words = text_of(page)
    for said in (
        "This certificate holds",
        "Issued to Ana Obi Attended Recognising neglect On Tuesday 1 December 2026 Hours of learning 6",
        "Issued on Friday 4 December 2026 Issued by Riverside Safeguarding",
        "name, title, day and hours must be the same",
    ):
        assert said in words
    assert (page.status_code, page["X-Robots-Tag"], page.cookies) == (200, "noindex", {})


def test_who_checks_one_that_was_withdrawn_reads_when_and_not_why(client: Client, certificate: Certificate, at: datetime) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(withdrawn_at=at, withdrawn_reason="Was not there at all.")
    words = text_of(client.get(f"/c/{CODE}/"))
    assert "This certificate was withdrawn" in words
    assert "on Monday 11 January 2027" in words
    assert ("Was not there" in words, "This certificate holds" in words) == (False, False)


def test_every_code_that_no_certificate_has_gets_the_same_answer(client: Client, certificate: Certificate) -> None:
    answers = [client.get(f"/c/{code}/") for code in ("7K3QD9XM2PTW", "nonsense", "%00%00", "a" * 500)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r'value="[^"]{60,}"', "", answer.content.decode()) for answer in answers}) == 1


def test_the_form_takes_the_code_as_it_is_typed_and_leads_to_its_page(client: Client, certificate: Certificate) -> None:
    assert "Check a certificate" in text_of(client.get("/c/"))
    sent = client.post("/c/", {"code": " 7k3q d9xm 2ptv "}, follow=True)
    assert sent.redirect_chain == [(f"/c/{CODE}/", 302)]
    assert "This certificate holds" in text_of(sent)
    assert client.post("/c/", {"code": "7K3QD9XM2PTW"}, follow=True).status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Write the code that stands on the certificate."), ("12", "A code has twelve letters and figures.")]
)
def test_what_can_not_be_a_code_is_asked_for_again(client: Client, partnership: Partnership, typed: str, said: str) -> None:
    page = client.post("/c/", {"code": typed})
    assert (page.status_code, said in text_of(page), "There is a problem" in text_of(page)) == (200, True, True)


def test_guessing_stops_an_address_for_a_minute_and_nobody_else(client: Client, certificate: Certificate, clock: Any) -> None:
    for _ in range(70):
        assert Client().get(f"/c/{CODE}/").status_code == 200
    assert [client.get(f"/c/{number:012}/").status_code for number in range(61)] == [404] * 60 + [429]
    stopped = Client().get(f"/c/{CODE}/")
    assert (stopped.status_code, stopped["Retry-After"], "Wait a minute" in text_of(stopped)) == (429, "60", True)
    assert Client(REMOTE_ADDR="10.1.2.3").get(f"/c/{CODE}/").status_code == 200
    clock.shift(timedelta(minutes=1))
    assert Client().get(f"/c/{CODE}/").status_code == 200


def test_guessing_forms_does_not_stop_who_checks_certificates(client: Client, certificate: Certificate) -> None:
    for number in range(61):
        client.get(f"/e/{number:012}/")
    assert client.get(f"/c/{CODE}/").status_code == 200


@pytest.mark.parametrize("name", ["certificate", "certificate_qr", "verify"])
def test_looking_changes_nothing_and_only_looking_is_allowed(certificate: Certificate, name: str) -> None:
    address = reverse(name, args=[certificate.code if name == "verify" else certificate.pk])
    assert client_of(certificate.person).post(address).status_code == 405
