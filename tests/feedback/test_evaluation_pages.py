"""The form as a delegate's phone gets it: no sign-in, no cookie that tells anything, nothing typed is lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from feedback.models import Answer, EvaluationForm, Response
from tests.factories.events import EventFactory
from tests.factories.feedback import GOOD_DAY, evaluated_event
from tests.factories.people import OtherPartnershipFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_the_last_half_hour")]
HALF_PAST_THREE = datetime(2027, 1, 26, 15, 30, tzinfo=UTC)


@pytest.fixture
def in_the_last_half_hour() -> Any:
    with time_machine.travel(HALF_PAST_THREE, tick=False) as traveller:
        yield traveller


def address(form: EvaluationForm) -> str:
    return reverse("evaluation", args=[form.code])


def text_of(page: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def page_mark(page: HttpResponse) -> str:
    return re.search(r'name="sent_as" value="([^"]+)"', page.content.decode()).group(1)  # type: ignore[union-attr]


def test_the_form_opens_without_sign_in_and_says_why_it_is_anonymous(client: Client) -> None:
    page = client.get(address(evaluated_event(title="Recognising neglect")))
    assert page.status_code == 200
    assert "Recognising neglect" in text_of(page)
    assert "We keep your answers and the day, never your name, device or time" in text_of(page)
    assert len(re.findall(r"<fieldset|<textarea", page.content.decode())) == 5


def test_the_page_is_small_enough_for_a_hall_with_a_bad_signal(client: Client) -> None:
    assert len(client.get(address(evaluated_event())).content) < 50_000


@pytest.mark.parametrize("shape", ["/E/{}/", "/e/{}/"])
def test_the_address_works_in_either_case_as_a_reader_may_give_it(client: Client, shape: str) -> None:
    form = evaluated_event()
    assert client.get(shape.format(form.code)).status_code == 200
    assert client.get(shape.format(form.code.lower())).status_code == 200


def test_sending_keeps_the_answers_and_says_thank_you(client: Client) -> None:
    form = evaluated_event()
    sent = client.post(address(form), {**GOOD_DAY, "comment": "Thank you"}, follow=True)
    assert sent.redirect_chain == [(reverse("evaluation_done", args=[form.code]), 302)]
    assert "Your answers have been received." in text_of(sent)
    assert Response.objects.get().channel == "qr"
    assert Answer.objects.count() == 5


def test_answers_that_came_by_an_e_mailed_link_are_counted_as_such(client: Client) -> None:
    form = evaluated_event()
    page = client.get(address(form), {"via": "email"}).content.decode()
    assert '<input type="hidden" name="via" value="email"' in page
    client.post(address(form), {**GOOD_DAY, "via": "email"})
    assert Response.objects.get().channel == "email"


def test_nothing_but_a_hash_of_the_code_is_left_on_the_device(client: Client) -> None:
    form = evaluated_event()
    assert dict(client.get(address(form)).cookies) == {}
    sent = client.post(address(form), GOOD_DAY)
    ((name, cookie),) = sent.cookies.items()
    assert (re.fullmatch("answered-[0-9a-f]{16}", name) is not None, cookie.value) == (True, "1")
    assert form.code not in sent.cookies.output()
    assert dict(client.get(reverse("evaluation_done", args=[form.code])).cookies) == {}


def test_two_people_are_left_the_very_same_cookie() -> None:
    form = evaluated_event()
    left = {Client().post(address(form), GOOD_DAY).cookies.output() for _ in range(2)}
    assert len(left) == 1


def test_somebody_who_is_signed_in_answers_just_as_anonymously(client: Client) -> None:
    form, person = evaluated_event(), PersonFactory(forename="Marguerite")
    client.force_login(person)
    session_before = dict(client.session)
    page = client.get(address(form))
    sent = client.post(address(form), {**GOOD_DAY, "sent_as": page_mark(page)})
    assert (dict(page.cookies), [name[:8] for name in sent.cookies]) == ({}, ["answered"])
    assert "Marguerite" not in page.content.decode()
    assert dict(client.session) == session_before
    assert Response.objects.count() == 1


def test_no_token_is_asked_of_somebody_who_acts_for_nobody() -> None:
    strict = Client(enforce_csrf_checks=True)
    form = evaluated_event()
    assert strict.post(address(form), GOOD_DAY).status_code == 302


def test_a_second_send_from_the_same_device_is_thanked_and_changes_nothing(client: Client) -> None:
    form = evaluated_event()
    client.post(address(form), GOOD_DAY)
    again = client.post(address(form), {**GOOD_DAY, "overall": "poor"}, follow=True)
    assert "Thank you, already received" in text_of(again)
    assert Response.objects.count() == 1
    assert Answer.objects.filter(choice="poor").count() == 0


def test_opening_the_form_again_on_a_device_that_answered_says_so(client: Client) -> None:
    form = evaluated_event()
    client.post(address(form), GOOD_DAY)
    assert "Thank you, already received" in text_of(client.get(address(form), follow=True))


def test_a_double_press_on_a_device_that_takes_no_cookies_counts_once() -> None:
    form = evaluated_event()
    page = Client().get(address(form))
    for _ in range(2):
        assert Client().post(address(form), {**GOOD_DAY, "sent_as": page_mark(page)}).status_code == 302
    assert Response.objects.count() == 1


def test_each_opened_page_has_a_mark_of_its_own(client: Client) -> None:
    form = evaluated_event()
    assert page_mark(client.get(address(form))) != page_mark(client.get(address(form)))
    assert "no-store" in client.get(address(form)).headers["Cache-Control"]


def test_a_made_up_mark_is_ignored(client: Client) -> None:
    form = evaluated_event()
    client.post(address(form), {**GOOD_DAY, "sent_as": "' OR 1=1 --"})
    assert Response.objects.count() == 1


def test_a_form_that_misses_the_rating_says_so_and_keeps_what_was_typed(client: Client) -> None:
    page = client.post(address(evaluated_event()), {"overall": "", "confidence_after": "4", "comment": "The <b>bold</b> part"})
    html = page.content.decode()
    assert "<title>Error: " in html
    assert "Answer the question “How was it overall?”" in text_of(page)
    assert "The &lt;b&gt;bold&lt;/b&gt; part</textarea>" in html
    assert re.search(r'name="confidence_after" value="4"[^>]* checked', html)
    assert Response.objects.count() == 0


def test_a_comment_of_a_hundred_thousand_characters_is_refused_in_a_sentence_and_kept(client: Client) -> None:
    long_text = "=cmd|' /C calc'!A0 " + "x" * 99_981
    page = client.post(address(evaluated_event()), {**GOOD_DAY, "comment": long_text})
    assert "Your answer has 100,000 characters. Shorten it to 4,000 or fewer" in text_of(page)
    assert "=cmd|&#x27; /C calc&#x27;!A0 " + "x" * 99_981 in page.content.decode()
    assert Response.objects.count() == 0


def test_control_characters_are_left_out_and_the_rest_is_kept_as_typed(client: Client) -> None:
    client.post(address(evaluated_event()), {**GOOD_DAY, "comment": "<script>\x00alert(1)\x07</script>\r\n=1+2"})
    assert Answer.objects.exclude(text="").get().text == "<script>alert(1)</script>\n=1+2"


def test_an_answer_that_was_not_offered_gets_a_clear_sentence(client: Client) -> None:
    page = client.post(address(evaluated_event()), {**GOOD_DAY, "overall": "<img src=x>", "confidence_before": "99"})
    assert "Choose one of the answers to “How was it overall?”" in text_of(page)
    assert "<img src=x>" not in page.content.decode()
    assert Response.objects.count() == 0


def test_an_unknown_code_says_what_to_do(client: Client) -> None:
    page = client.get(reverse("evaluation", args=["000000000000"]))
    assert page.status_code == 404
    assert "No form has this code" in text_of(page)
    assert client.post(reverse("evaluation", args=["nonsense"]), GOOD_DAY).status_code == 404
    assert client.get(reverse("evaluation_done", args=["000000000000"])).status_code == 404


def test_too_early_says_when_it_opens(client: Client, in_the_last_half_hour: Any) -> None:
    form = evaluated_event()
    in_the_last_half_hour.move_to(HALF_PAST_THREE - timedelta(days=1))
    assert "This form opens on Tuesday 26 January 2027 at 9.30am." in text_of(client.get(address(form)))


def test_a_closed_form_says_so_and_loses_nothing_of_what_was_being_written(client: Client, in_the_last_half_hour: Any) -> None:
    form = evaluated_event()
    in_the_last_half_hour.move_to(form.closes_at)
    assert "This form closed at the end of Tuesday 9 February 2027." in text_of(client.get(address(form)))
    late = client.post(address(form), {**GOOD_DAY, "comment": "Written at midnight"})
    assert "This form closed at the end of Tuesday 9 February 2027." in text_of(late)
    assert "Written at midnight" in text_of(late)
    assert Response.objects.count() == 0


def test_a_closed_event_is_called_by_its_neutral_title(client: Client) -> None:
    form = evaluated_event(title="Learning from Child Q", is_closed=True, neutral_title="Learning event")
    for page in (client.get(address(form)), client.get(reverse("evaluation_done", args=[form.code]))):
        assert "Child Q" not in page.content.decode()
        assert "Learning event" in text_of(page)


def test_the_page_carries_the_name_of_the_lead_host(client: Client) -> None:
    form = evaluated_event(lead_host=OtherPartnershipFactory())
    assert "Kingsbridge Safeguarding Children Partnership" in text_of(client.get(address(form)))


def test_an_address_that_guesses_waits_and_a_hall_that_answers_does_not(client: Client, in_the_last_half_hour: Any) -> None:
    form = evaluated_event()
    for _ in range(70):
        assert Client().post(address(form), GOOD_DAY).status_code == 302
    answers = [client.get(f"/e/{number:012}/").status_code for number in range(61)]
    assert answers == [404] * 60 + [429]
    stopped = Client().get(address(form))
    assert (stopped.status_code, stopped.headers["Retry-After"]) == (429, "60")
    assert "Wait a minute" in text_of(stopped)
    assert Client(REMOTE_ADDR="10.1.2.3").get(address(form)).status_code == 200
    in_the_last_half_hour.shift(timedelta(minutes=1))
    assert Client().get(address(form)).status_code == 200


def test_opening_and_sending_take_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    form = evaluated_event()
    for number in range(3):
        EventFactory()
        Client().post(address(form), {**GOOD_DAY, "comment": str(number)})
    with django_assert_max_num_queries(6):
        page = client.get(address(form))
    with django_assert_max_num_queries(16):
        client.post(address(form), {**GOOD_DAY, "sent_as": page_mark(page)})
