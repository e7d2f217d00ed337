"""Signing in with a code sent by e-mail, from the first page to the last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from people.models import Partnership, Person
from tests.factories.people import GrantFactory, PartnershipFactory, PersonFactory

pytestmark = pytest.mark.django_db

SIGN_IN, CODE, PROFILE = "/sign-in/", "/sign-in/code/", "/profile/"


@pytest.fixture(autouse=True)
def _no_limits_used_up() -> Iterator[None]:
    cache.clear()
    PartnershipFactory()
    yield
    cache.clear()


def ask(client: Client, address: str, **data: str) -> Any:
    return client.post(SIGN_IN, {"email": address, **data})


def latest_code() -> str:
    return re.search(r"^(\d{4}-\d{4})$", str(mail.outbox[-1].body), re.M)[1]


def other_code() -> str:
    return "0000-0000" if latest_code() != "0000-0000" else "1111-1111"


def sign_in(client: Client, address: str, **data: str) -> Any:
    ask(client, address)
    return client.post(CODE, {"code": latest_code(), **data})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def texts(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_a_code_from_the_mail_signs_a_person_in(client: Client) -> None:
    person = PersonFactory(address="sam@school.example")
    assert ask(client, "sam@school.example").url == CODE
    assert mail.outbox[0].to == ["sam@school.example"]
    assert mail.outbox[0].reply_to == ["training@riverside.example"]
    assert mail.outbox[0].subject == f"{latest_code()} is your code for Riverside Safeguarding Children Partnership"
    assert client.post(CODE, {"code": latest_code(), "next": PROFILE}).url == PROFILE
    assert client.session["_auth_user_id"] == str(person.pk)


def test_an_address_is_the_same_in_capitals_and_with_spaces(client: Client) -> None:
    person = PersonFactory(address="sam@school.example")
    sign_in(client, "  Sam@SCHOOL.example ", next=PROFILE)
    assert client.session["_auth_user_id"] == str(person.pk)
    assert mail.outbox[0].to == ["sam@school.example"]


def test_the_dash_and_spaces_of_a_code_do_not_matter(client: Client) -> None:
    ask(client, "new@school.example")
    client.post(CODE, {"code": f"  {latest_code().replace('-', ' ')} ", "next": PROFILE})
    assert is_signed_in(client)


def test_somebody_new_is_made_by_the_first_code_and_proved_by_entering_it(client: Client) -> None:
    ask(client, "New@School.example")
    person = Person.objects.get()
    assert (person.made_by_sign_in, person.last_login, person.emailaddress_set.get().email) == (True, None, "new@school.example")
    assert person.emailaddress_set.get().verified is False
    client.post(CODE, {"code": latest_code(), "next": PROFILE})
    assert person.emailaddress_set.get().verified is True
    assert Person.objects.get().last_login is not None


def test_nobody_can_tell_whether_an_address_is_known(client: Client) -> None:
    PersonFactory(address="known@school.example")
    PersonFactory(address="stopped@school.example", is_active=False)
    answers, mails = [], []
    for address in ("known@school.example", "unknown@school.example", "stopped@school.example"):
        visitor = Client()
        response = ask(visitor, address)
        page = visitor.get(CODE).content.decode().replace(address, "…")
        answers.append((response.status_code, response.url, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)))
        mails.append((mail.outbox[-1].subject.replace(latest_code(), "…"), str(mail.outbox[-1].body).replace(latest_code(), "…")))
    assert answers == [answers[0]] * 3
    assert mails == [mails[0]] * 3
    assert len(mail.outbox) == 3


def test_a_wrong_code_says_what_to_do_and_the_right_one_still_works(client: Client) -> None:
    ask(client, "sam@school.example")
    response = client.post(CODE, {"code": other_code()})
    assert response.context["form"].errors["code"] == [
        "This is not the code in our latest e-mail to you. Check it, or ask for a new one."
    ]
    client.post(CODE, {"code": latest_code(), "next": PROFILE})
    assert is_signed_in(client)


@pytest.mark.parametrize("code", ["", "  ", "é", "x" * 5000, "=cmd", "<script>", "\x00"])
def test_a_strange_code_is_a_wrong_code(client: Client, code: str) -> None:
    ask(client, "sam@school.example")
    response = client.post(CODE, {"code": code})
    assert (response.status_code, is_signed_in(client)) == (200, False)
    assert list(response.context["form"].errors) == ["code"]


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(client: Client) -> None:
    ask(client, "sam@school.example")
    for _ in range(4):
        assert client.post(CODE, {"code": other_code()}).status_code == 200
    last = client.post(f"{CODE}?next=/profile/", {"code": other_code()}, follow=True)
    assert last.redirect_chain == [("/sign-in/?next=%2Fprofile%2F", 302)]
    assert texts(last) == ["That was one wrong code too many. Enter your e-mail address to get a new one."]
    assert client.post(CODE, {"code": latest_code()}).url == SIGN_IN
    assert not is_signed_in(client)


def test_a_code_is_too_old_after_15_minutes(client: Client, at: Any) -> None:
    with time_machine.travel(at, tick=False) as clock:
        ask(client, "sam@school.example")
        clock.shift(timedelta(minutes=15, seconds=1))
        response = client.post(CODE, {"code": latest_code()}, follow=True)
    assert not is_signed_in(client)
    assert texts(response) == [
        "That code was used already or is more than 15 minutes old, or you asked for it in another browser. "
        "Enter your e-mail address to get a new one."
    ]


def test_a_code_works_once(client: Client) -> None:
    sign_in(client, "sam@school.example", next=PROFILE)
    client.post("/sign-out/")
    response = client.post(CODE, {"code": latest_code()})
    assert (response.url, is_signed_in(client)) == (SIGN_IN, False)


def test_a_code_is_of_no_use_in_another_browser(client: Client) -> None:
    ask(client, "sam@school.example")
    stranger = Client()
    assert stranger.post(CODE, {"code": latest_code()}).url == SIGN_IN
    ask(stranger, "other@school.example")
    code_of_other = latest_code()
    response = client.post(CODE, {"code": code_of_other})
    assert list(response.context["form"].errors) == ["code"]


def test_a_new_code_takes_the_place_of_the_old_one(client: Client) -> None:
    ask(client, "sam@school.example")
    old = latest_code()
    assert ask(client, "sam@school.example", next=PROFILE).url == f"{CODE}?next=%2Fprofile%2F"
    if old != latest_code():
        assert client.post(CODE, {"code": old}).status_code == 200
    client.post(CODE, {"code": latest_code(), "next": PROFILE})
    assert is_signed_in(client)


def test_somebody_who_mistyped_the_address_can_go_back(client: Client) -> None:
    ask(client, "wrong@school.example")
    assert client.get(SIGN_IN).status_code == 200
    ask(client, "right@school.example")
    client.post(CODE, {"code": latest_code(), "next": PROFILE})
    assert EmailAddress.objects.get(user_id=client.session["_auth_user_id"]).email == "right@school.example"


@pytest.mark.parametrize("address", ["", "sam", "sam@", "sam@school", "a@b.example\nBcc: x@y.example", "x" * 300 + "@a.example"])
def test_what_is_no_address_gets_no_mail(client: Client, address: str) -> None:
    response = ask(client, address)
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["email"])
    assert (len(mail.outbox), Person.objects.count()) == (0, 0)


def test_the_fourth_code_within_a_minute_is_refused_and_says_what_to_do(client: Client) -> None:
    for _ in range(3):
        ask(client, "sam@school.example")
    response = ask(Client(), "SAM@school.example")
    assert response.context["form"].errors["email"] == [
        "We have sent several codes already. Use the latest one, or wait a few minutes and ask again."
    ]
    assert len(mail.outbox) == 3


def test_a_stranger_asking_for_codes_does_not_lock_the_person_out(client: Client) -> None:
    for _ in range(4):
        client.post(SIGN_IN, {"email": "sam@school.example"}, REMOTE_ADDR="192.0.2.9")
    assert len(mail.outbox) == 3
    sign_in(client, "sam@school.example", next=PROFILE)
    assert is_signed_in(client)


def test_many_askers_together_can_not_fill_a_mailbox() -> None:
    for number in range(70):
        Client().post(SIGN_IN, {"email": "sam@school.example"}, REMOTE_ADDR=f"192.0.2.{number}")
    assert len(mail.outbox) == 60


def test_one_machine_can_not_ask_for_everybody() -> None:
    for number in range(70):
        Client().post(SIGN_IN, {"email": f"person{number}@school.example"})
    assert len(mail.outbox) == 60


def test_a_made_up_forwarding_header_does_not_get_round_the_limit() -> None:
    for number in range(5):
        Client().post(SIGN_IN, {"email": "sam@school.example"}, headers={"X-Forwarded-For": f"192.0.2.{number}"})
    assert len(mail.outbox) == 3


def test_guesses_in_many_tabs_of_one_browser_are_counted_together(client: Client) -> None:
    ask(client, "sam@school.example")
    waiting = client.session["account_login"]
    for _ in range(10):
        client.post(CODE, {"code": other_code()})
        session = client.session
        session["account_login"] = waiting  # as if this guess had been on its way before the others were counted
        session.save()
    client.post(CODE, {"code": latest_code()})
    assert not is_signed_in(client)


def test_a_person_who_was_stopped_is_told_whom_to_ask(client: Client) -> None:
    PersonFactory(address="sam@school.example", is_active=False)
    response = sign_in(client, "sam@school.example")
    assert (response.url, is_signed_in(client)) == ("/sign-in/stopped/", False)
    assert "training@riverside.example" in client.get(response.url).content.decode()


def test_a_person_who_is_stopped_while_signed_in_is_out_at_once(client: Client) -> None:
    sign_in(client, PersonFactory(address="sam@school.example").main_address())
    assert client.get(PROFILE).status_code == 200
    Person.objects.update(is_active=False)
    assert client.get(PROFILE).url == "/sign-in/?next=/profile/"


def test_the_session_has_a_new_key_after_signing_in_and_lasts_60_days(client: Client) -> None:
    ask(client, "sam@school.example")
    before = client.session.session_key
    client.post(CODE, {"code": latest_code(), "next": PROFILE})
    assert client.session.session_key != before
    assert client.session.get_expiry_age() == 60 * 24 * 60 * 60
    assert client.cookies["sessionid"]["max-age"] == 60 * 24 * 60 * 60


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:///evil.example",
        "http:evil.example", "javascript:alert(1)", "\x08//evil.example", "https://testserver.evil.example/",
        "https://testserver@evil.example/", "ftp://testserver/",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(client: Client, elsewhere: str) -> None:
    PersonFactory(address="sam@school.example")
    ask(client, "sam@school.example", next=elsewhere)
    response = client.post(CODE, {"code": latest_code(), "next": elsewhere})
    assert (response.status_code, response.url) == (302, "/my-learning/")
    response = client.get(SIGN_IN, {"next": elsewhere})
    assert response.url == "/my-learning/"


def test_somebody_goes_on_to_where_they_were_going(client: Client) -> None:
    PersonFactory(address="sam@school.example")
    assert client.get("/profile/").url == "/sign-in/?next=/profile/"
    assert ask(client, "sam@school.example", next="/profile/").url == "/sign-in/code/?next=%2Fprofile%2F"
    assert client.post(CODE, {"code": latest_code(), "next": "/profile/"}).url == "/profile/"


def test_signing_out_is_by_post_only(client: Client) -> None:
    sign_in(client, PersonFactory(address="sam@school.example").main_address())
    assert client.get("/sign-out/").status_code == 405
    assert is_signed_in(client)
    assert client.post("/sign-out/").url == "/"
    assert not is_signed_in(client)


def test_opening_the_pages_signs_nobody_in_and_uses_no_code_up(client: Client) -> None:
    ask(client, "sam@school.example")
    for _ in range(10):
        client.get(CODE)
        client.head(CODE)
    assert not is_signed_in(client)
    client.post(CODE, {"code": latest_code(), "next": PROFILE})
    assert is_signed_in(client)


def test_a_mail_server_that_is_down_is_said_on_the_page(client: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    response = ask(client, "sam@school.example")
    assert response.context["form"].errors["email"] == ["We could not send the e-mail just now. Try again in a few minutes."]


@pytest.mark.parametrize(
    "address", ["/login/", "/signup/", "/password/reset/", "/email/", "/accounts/login/", "/sign-in/password/"]
)
def test_no_other_page_of_the_sign_in_library_is_there(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_somebody_can_sign_in_before_there_is_a_partnership(client: Client) -> None:
    Partnership.objects.all().delete()
    sign_in(client, "first@school.example", next="/")
    assert is_signed_in(client)
    assert mail.outbox[0].subject == f"{latest_code()} is your code for Turnout"


@pytest.mark.parametrize(
    ("role", "page"),
    [("officer", "/office/"), ("trainer", "/registers/"), ("subgroup_member", "/reports/reach/"), ("", "/my-learning/")],
)
def test_signing_in_leads_everybody_to_their_work(client: Client, role: str, page: str) -> None:
    person = PersonFactory(address="work@school.example")
    if role:
        GrantFactory(person=person, role=role)
    ask(client, "work@school.example")
    assert client.post(CODE, {"code": latest_code()}).url == page  # type: ignore[attr-defined]
