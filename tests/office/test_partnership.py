from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from people.models import Partnership, Role
from tests.factories.people import GrantFactory, OtherPartnershipFactory, PartnershipFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db
PAGE = "/office/partnership/"


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(officer())
    return client


def details(**changed: object) -> dict[str, object]:
    typed = {
        "name": "Riverside SCP",
        "strapline": "Learning together",
        "primary_colour": "#0f4c5c",
        "team_email": "team@riverside.example",
        "messages_from": "01/04/2026",
    }
    return {**typed, **changed}


def picture(kind: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (1200, 300), "#884422").save(out, kind)
    return SimpleUploadedFile("logo.png", out.getvalue() + b"<script>alert(1)</script>")


def test_an_officer_changes_how_the_partnership_is_called(desk: Client) -> None:
    assert desk.post(PAGE, details()).status_code == 302
    assert "Riverside SCP" in desk.get("/").content.decode()


def test_a_colour_on_which_white_is_hard_to_read_is_refused_at_its_field(desk: Client) -> None:
    page = desk.post(PAGE, details(primary_colour="#ffee00"))
    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["primary_colour"]
    assert Partnership.objects.get().primary_colour == "#0f4c5c"


@pytest.mark.parametrize("address", ["learning@localhost", "learning", "@council.example"])
def test_messages_come_from_no_address_that_nobody_could_answer(desk: Client, address: str) -> None:
    page = desk.post(PAGE, details(sender_address=address))
    assert (page.status_code, list(page.context["form"].errors)) == (200, ["sender_address"])
    assert Partnership.objects.get().sender_address == ""


def test_a_logo_is_drawn_anew_and_shown_to_everybody(desk: Client, settings: object, tmp_path: object) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    desk.post(PAGE, details(logo=picture()))
    served = Client().get(reverse("partnership_logo", args=[PartnershipFactory().pk]))
    content = served.content
    assert served["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(content)).size == (600, 150)
    assert b"script" not in content
    assert "/logos/" in desk.get("/").content.decode()
    desk.post(PAGE, details(takes_logo_away="on"))
    assert "/logos/" not in desk.get("/").content.decode()


def test_something_that_is_no_picture_is_refused(desk: Client) -> None:
    page = desk.post(PAGE, details(logo=SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>")))
    assert page.context["form"].errors["logo"] == ["This is not a PNG or JPEG picture. Choose another file."]


def test_a_practitioner_has_no_business_there(client: Client) -> None:
    client.force_login(PersonFactory())
    assert client.get(PAGE).status_code == 403


def test_somebody_with_two_offices_goes_from_one_to_the_other(desk: Client) -> None:
    kingsbridge = OtherPartnershipFactory()
    person = GrantFactory(role=Role.OFFICER, partnership=kingsbridge).person
    GrantFactory(role=Role.OFFICER, person=person)
    desk.force_login(person)
    desk.post("/office/partnership/choose/", {"partnership": str(kingsbridge.pk)})
    assert "Kingsbridge Safeguarding Children Partnership" in desk.get(PAGE).content.decode()


def test_nobody_chooses_a_partnership_they_have_no_role_in(desk: Client) -> None:
    desk.post("/office/partnership/choose/", {"partnership": str(OtherPartnershipFactory().pk)})
    assert desk.get(PAGE).context["shown"].short_name == "Riverside"


def test_another_role_elsewhere_leads_to_no_page_that_nobody_comes_back_from(desk: Client) -> None:
    kingsbridge, person = OtherPartnershipFactory(), officer()
    GrantFactory(person=person, role=Role.SUBGROUP_MEMBER, partnership=kingsbridge)
    desk.force_login(person)
    assert desk.get(PAGE).context["others"] == []
    desk.post("/office/partnership/choose/", {"partnership": str(kingsbridge.pk)})
    assert desk.get(PAGE).status_code == 200
