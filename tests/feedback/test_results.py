"""What an officer and the event's trainer see: the response rate first, n of N with every share, nothing below five answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import time_machine
import zxingcpp
from django.db import connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from core.codes import picture_text
from events.models import Event, EventStatus
from feedback.due import make_missing_forms, mix_closed_forms
from feedback.models import EvaluationForm
from feedback.queries import Share, counts, office_tab, results
from people.models import Person
from registers.models import HeadCount, Outcome
from tests.factories.events import EventFactory, EventTrainerFactory
from tests.factories.feedback import answer, attended, evaluated_event
from tests.factories.people import (
    LONG_AGO,
    GrantFactory,
    OtherPartnershipFactory,
    PersonFactory,
    officer,
    subgroup_member,
    trainer,
)

pytestmark = pytest.mark.django_db


def page_text(page: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def answered_form(count: int = 8) -> EvaluationForm:
    """Of eight: two excellent, four good, two fair; five rose, one fell, one stayed, one gave only one number."""
    form = evaluated_event()
    ratings = ["excellent", "excellent", "good", "good", "good", "good", "fair", "fair"]
    before = ["1", "2", "3", "1", "4", "5", "3", ""]
    after = ["3", "4", "4", "2", "5", "4", "3", "5"]
    apply = ["likely", "likely", "likely", "unsure", "unlikely", "likely", "", "unsure"]
    for n in range(count):
        answer(
            form,
            channel="email" if n == 0 else "qr",
            overall=ratings[n],
            confidence_before=before[n],
            confidence_after=after[n],
            apply=apply[n],
            comment="" if n else "=1+1 <b>bold</b>",
        )
    return form


@pytest.mark.both_databases
def test_every_share_is_of_those_who_answered_that_question() -> None:
    found = results(answered_form())
    assert (found.good_or_excellent, found.confidence_rose, found.likely_to_apply) == (Share(6, 8), Share(5, 7), Share(4, 7))
    assert [share.percent for share in (Share(6, 8), Share(5, 7), Share(4, 7))] == [
        Decimal("75.0"),
        Decimal("71.4"),
        Decimal("57.1"),
    ]


@pytest.mark.both_databases
def test_the_figures_are_the_same_after_the_answers_were_mixed() -> None:
    form = answered_form()
    before = results(form)
    mix_closed_forms(form.closes_at)
    after = results(form)
    assert (after.counts, after.distributions) == (before.counts, before.distributions)
    assert (after.good_or_excellent, after.confidence_rose) == (before.good_or_excellent, before.confidence_rose)


def test_a_distribution_counts_every_answer_that_could_be_given() -> None:
    overall, apply, _, _ = results(answered_form()).distributions
    assert [(row["label"], row["sum"]) for row in overall.rows] == [
        ("Poor", "0 of 8"),
        ("Fair", "2 of 8"),
        ("Good", "4 of 8"),
        ("Excellent", "2 of 8"),
    ]
    assert (apply.answered, [row["value"] for row in apply.rows]) == (7, ["57.1%", "28.6%", "14.3%"])


def test_the_response_rate_is_of_those_who_attended_with_head_counts_apart() -> None:
    form = answered_form()
    attended(form.event, 10)
    attended(form.event, 2, outcome=Outcome.DID_NOT_ATTEND)
    attended(form.event, 1, outcome=Outcome.PART_ATTENDED)
    HeadCount.objects.create(event=form.event, count=25, entered_at=LONG_AGO)
    found = counts(form)
    assert (found.response_rate, found.by_qr, found.by_email) == (Share(8, 10), 7, 1)
    assert (found.counted_without_names, found.more_than_came) == (25, False)


def test_more_answers_than_people_raise_a_flag_unless_a_head_count_explains_them() -> None:
    form = answered_form()
    attended(form.event, 7)
    assert counts(form).more_than_came
    HeadCount.objects.create(event=form.event, count=1, entered_at=LONG_AGO)
    assert not counts(form).more_than_came


def test_four_answers_show_nothing_but_how_many_are_missing() -> None:
    found = results(answered_form(4))
    assert (found.counts.missing, found.good_or_excellent, found.distributions, found.comments) == (1, None, [], [])
    assert results(answered_form(5)).counts.missing == 0


def test_a_question_that_nobody_answered_has_no_percentage() -> None:
    form = evaluated_event()
    for _ in range(5):
        answer(form, confidence_before="", apply="")
    found = results(form)
    assert (found.confidence_rose, found.likely_to_apply) == (Share(0, 0), Share(0, 0))
    assert found.likely_to_apply is not None
    assert found.likely_to_apply.percent is None
    assert [row["value"] for row in found.distributions[1].rows] == ["–", "–", "–"]


def test_the_page_prints_the_rate_before_any_share_and_escapes_comments(client: Client) -> None:
    form = answered_form()
    attended(form.event, 10)
    client.force_login(officer())
    page = client.get(reverse("event_results", args=[form.event_id]))
    text, html = page_text(page), page.content.decode()
    assert text.index("80.0% answered: 8 of 10 who attended.") < text.index("Rated it good or excellent 75.0% 6 of 8")
    assert "=1+1 &lt;b&gt;bold&lt;/b&gt;" in html
    assert "7 by QR code, 1 by e-mail." in text


def test_the_page_says_how_many_answers_are_missing(client: Client) -> None:
    form = answered_form(3)
    client.force_login(officer())
    text = page_text(client.get(reverse("event_results", args=[form.event_id])))
    assert "2 more needed" in text
    assert "bold" not in text
    assert "There is no response rate until a register with somebody present is closed." in text


def test_an_event_without_a_form_says_when_it_comes(client: Client) -> None:
    event = EventFactory(status=EventStatus.DRAFT)
    client.force_login(officer())
    for name in ("event_results", "event_qr"):
        assert "within a minute of publishing" in page_text(client.get(reverse(name, args=[event.pk])))
    assert client.get(reverse("event_qr_svg", args=[event.pk])).status_code == 404


def test_results_take_the_same_queries_for_five_answers_as_for_eight(client: Client) -> None:
    client.force_login(officer())
    taken = []
    for form in (answered_form(5), answered_form(8)):
        attended(form.event, 3)
        client.get(reverse("event_results", args=[form.event_id]))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("event_results", args=[form.event_id]))
        taken.append(len(queries))
    assert taken[0] == taken[1]
    assert taken[0] <= 14


def trainer_of(event: Event) -> Person:
    person = trainer()
    EventTrainerFactory(event=event, person=person)
    return person


def another_trainer(event: Event) -> Person:
    person = trainer()
    EventTrainerFactory(person=person)
    return person


def their_officer(event: Event) -> Person:
    return GrantFactory(partnership=OtherPartnershipFactory()).person


@pytest.mark.parametrize("name", ["event_results", "event_qr", "event_qr_svg", "event_qr_png"])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        (lambda event: officer(), 200),
        (trainer_of, 200),
        (another_trainer, 403),
        (lambda event: subgroup_member(), 403),
        (lambda event: PersonFactory(), 403),
        (their_officer, 404),
        (None, 302),
    ],
)
def test_results_and_codes_are_for_officers_and_the_events_own_trainer(
    client: Client, who: Callable[[Event], Person] | None, status: int, name: str
) -> None:
    form = evaluated_event()
    if who is not None:
        client.force_login(who(form.event))
    assert client.get(reverse(name, args=[form.event_id])).status_code == status


def test_the_trainer_of_another_partnerships_event_sees_it(client: Client) -> None:
    form = evaluated_event(lead_host=OtherPartnershipFactory())
    client.force_login(trainer_of(form.event))
    assert client.get(reverse("event_results", args=[form.event_id])).status_code == 200


def test_an_officer_of_a_partnership_that_only_helps_to_host_is_not_shown_the_results(client: Client) -> None:
    form = evaluated_event(lead_host=OtherPartnershipFactory())
    client.force_login(officer())
    assert client.get(reverse("event_results", args=[form.event_id])).status_code == 404


def test_the_picture_to_download_leads_a_phone_to_the_form(client: Client) -> None:
    form = evaluated_event()
    client.force_login(officer())
    picture = client.get(reverse("event_qr_png", args=[form.event_id]))
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture.content)).convert("L"))
    assert found.text == picture_text("evaluation", form.code) == f"HTTP://127.0.0.1:8000/E/{form.code}/"
    assert picture.headers["Content-Disposition"].startswith('attachment; filename="evaluation-2027-01-26-recognising-neglect')


def test_the_poster_shows_the_address_in_words_and_the_picture_by_name(client: Client) -> None:
    form = evaluated_event()
    client.force_login(officer())
    page = client.get(reverse("event_qr", args=[form.event_id]))
    grouped = f"127.0.0.1:8000/e/{form.code[:4]}-{form.code[4:8]}-{form.code[8:]}"
    assert grouped in page_text(page)
    assert f'alt="QR code that leads to {grouped}"' in page.content.decode()
    svg = client.get(reverse("event_qr_svg", args=[form.event_id]))
    assert svg.headers["Content-Type"] == "image/svg+xml"


def test_the_poster_of_a_closed_event_bears_the_neutral_title(client: Client) -> None:
    form = evaluated_event(title="Learning from Child Q", is_closed=True, neutral_title="Learning event")
    client.force_login(officer())
    poster = re.search(
        r'(?s)<div class="e-poster">.*?</div>', client.get(reverse("event_qr", args=[form.event_id])).content.decode()
    )
    assert poster is not None
    assert "Child Q" not in poster.group()
    assert "child-q" not in client.get(reverse("event_qr_png", args=[form.event_id])).headers["Content-Disposition"]


def test_the_offices_tab_says_how_it_stands(at: datetime) -> None:
    form = answered_form(3)
    attended(form.event, 4)
    tab = office_tab(event=form.event, at=form.opens_at)
    html = render_to_string("feedback/_office_tab.html", {"evaluation": tab})
    assert tab["state"] == "Open until the end of Tuesday 9 February 2027."
    assert office_tab(event=form.event, at=at)["state"].startswith("This form opens on Tuesday 26 January 2027 at 9.30am.")
    assert "3 of 4 who attended" in " ".join(re.sub("<[^>]+>", "", html).split())
    assert "2 more needed" in html


COMES = "No evaluation form yet"
NEVER = "No evaluation"


@pytest.mark.parametrize(
    ("fields", "days_after", "title", "why"),
    [
        ({"status": EventStatus.DRAFT}, 0, COMES, "The form and its QR code are made within a minute of publishing the event."),
        ({}, 0, COMES, "The form and its QR code are being made."),
        ({}, 14, COMES, "The form and its QR code are being made."),
        ({}, 15, NEVER, "This event was over before its evaluation could be asked for here, so it has no form and gets none."),
        ({"status": EventStatus.CANCELLED, "cancelled_reason": "Snow"}, 0, NEVER, "This event was called off"),
    ],
)
def test_without_a_form_the_pages_say_whether_one_comes(
    client: Client, fields: dict[str, Any], days_after: int, title: str, why: str
) -> None:
    event = EventFactory(**fields)
    at = event.sessions.get().ends_at + timedelta(days=days_after)
    tab = office_tab(event=event, at=at)
    html = render_to_string("feedback/_office_tab.html", {"evaluation": tab})
    assert (f">{title}<" in html, why in html) == (True, True)
    with time_machine.travel(at, tick=False):
        client.force_login(officer())
        for page in ("event_results", "event_qr"):
            assert why in client.get(reverse(page, args=[event.pk])).content.decode()
        make_missing_forms(at)
    is_made = EvaluationForm.objects.filter(event=event).exists()
    assert is_made == (title == COMES and event.status == EventStatus.PUBLISHED)


def test_an_event_without_a_session_is_told_what_its_form_waits_for(at: datetime) -> None:
    event = EventFactory()
    event.sessions.all().delete()
    assert office_tab(event=event, at=at)["no_form"].why.endswith("Give the event a session first.")
