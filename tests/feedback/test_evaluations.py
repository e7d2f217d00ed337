"""One anonymous answer: when it may be given, what is kept of it, and what is not."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from core.models import AuditEntry
from core.refusals import Refused
from events.models import EventStatus, Session
from feedback.due import make_missing_forms
from feedback.models import Answer, EvaluationForm, Response
from feedback.operations import ensure_evaluation_form, submit_evaluation
from feedback.queries import form_by_code
from tests.factories.events import EventFactory
from tests.factories.feedback import GOOD_DAY, answer, evaluated_event
from tests.factories.people import OtherPartnershipFactory

pytestmark = pytest.mark.django_db
AFTERNOON = datetime(2027, 1, 26, 15, 50, tzinfo=UTC)


def test_the_form_opens_with_the_last_session_and_closes_after_the_fourteenth_day(at: datetime) -> None:
    form = ensure_evaluation_form(event=EventFactory(sessions=2), at=at)
    assert form.opens_at == datetime(2027, 1, 27, 9, 30, tzinfo=UTC)
    assert form.closes_at == datetime(2027, 2, 11, 0, 0, tzinfo=UTC)
    assert form.last_day == date(2027, 2, 10)


@pytest.mark.both_databases
def test_the_form_closes_at_midnight_in_london_across_the_change_of_clocks(at: datetime) -> None:
    form = ensure_evaluation_form(event=EventFactory(first_start=datetime(2027, 3, 18, 9, 30, tzinfo=UTC)), at=at)
    assert form.closes_at == datetime(2027, 4, 1, 23, 0, tzinfo=UTC)
    assert form.last_day == date(2027, 4, 1)


def test_an_event_has_one_form_with_one_code(at: datetime) -> None:
    event = EventFactory()
    first = ensure_evaluation_form(event=event, at=at)
    again = ensure_evaluation_form(event=event, at=at)
    assert (again.pk, again.code, again.questionnaire.partnership) == (first.pk, first.code, event.lead_host)
    assert AuditEntry.objects.filter(action="evaluation form made").count() == 1


def test_a_moved_event_moves_its_form_and_keeps_its_code(at: datetime) -> None:
    form = evaluated_event()
    Session.objects.filter(event=form.event).update(starts_at=AFTERNOON, ends_at=AFTERNOON + timedelta(hours=2))
    moved = ensure_evaluation_form(event=form.event.__class__.objects.get(pk=form.event_id), at=at)
    assert (moved.code, moved.opens_at) == (form.code, AFTERNOON)


def test_an_event_without_a_session_has_no_form_yet(at: datetime) -> None:
    event = EventFactory()
    event.sessions.all().delete()
    with pytest.raises(Refused) as refusal:
        ensure_evaluation_form(event=event, at=at)
    assert refusal.value.code == "event_has_no_session"
    assert make_missing_forms(at) == 0


def test_the_worker_makes_a_form_for_each_published_event_forums_too(at: datetime) -> None:
    course, forum = EventFactory(), EventFactory(kind="forum", course=None)
    EventFactory(status=EventStatus.DRAFT)
    EventFactory(status=EventStatus.CANCELLED)
    EventFactory(first_start=at - timedelta(days=16))
    assert make_missing_forms(at) == 2
    assert set(EvaluationForm.objects.values_list("event_id", flat=True)) == {course.pk, forum.pk}
    assert make_missing_forms(at) == 0


def test_the_worker_moves_the_form_of_a_moved_event_once(at: datetime) -> None:
    form = evaluated_event()
    Session.objects.filter(event=form.event).update(starts_at=AFTERNOON, ends_at=AFTERNOON + timedelta(hours=2))
    assert (make_missing_forms(at), make_missing_forms(at)) == (1, 0)
    form.refresh_from_db()
    assert form.opens_at == AFTERNOON


def test_what_was_answered_is_kept_with_the_day_and_the_channel() -> None:
    form = evaluated_event()
    typed = {"overall": "excellent", "confidence_before": "2", "confidence_after": "5", "apply": "likely", "comment": "Thanks"}
    response = submit_evaluation(form=form, channel="email", answers=typed, at=AFTERNOON)
    response.refresh_from_db()
    kept = {a.question.key: a.choice or a.number or a.text for a in response.answers.select_related("question")}
    assert (response.channel, response.day) == ("email", date(2027, 1, 26))
    assert kept == {"overall": "excellent", "confidence_before": 2, "confidence_after": 5, "apply": "likely", "comment": "Thanks"}


def test_the_day_is_the_one_in_london() -> None:
    form = evaluated_event(first_start=datetime(2027, 6, 8, 9, 30, tzinfo=UTC))
    late = submit_evaluation(form=form, channel="qr", answers=GOOD_DAY, at=datetime(2027, 6, 8, 23, 30, tzinfo=UTC))
    assert late.day == date(2027, 6, 9)


def test_a_question_left_out_leaves_no_row() -> None:
    response = submit_evaluation(form=evaluated_event(), channel="qr", answers={"overall": "fair", "apply": ""}, at=AFTERNOON)
    assert [a.question.key for a in response.answers.select_related("question")] == ["overall"]


def test_a_refused_answer_leaves_nothing_behind() -> None:
    with pytest.raises(Refused):
        submit_evaluation(form=evaluated_event(), channel="qr", answers={**GOOD_DAY, "comment": "x" * 4001}, at=AFTERNOON)
    assert (Response.objects.count(), Answer.objects.count()) == (0, 0)


def test_too_early_says_when_it_opens() -> None:
    form = evaluated_event()
    with pytest.raises(Refused) as refusal:
        answer(form, days_later=-1)
    assert refusal.value.code == "evaluation_too_early"
    assert str(refusal.value) == "This form opens on Tuesday 26 January 2027 at 9.30am. Scan the code again then."


def test_it_can_be_answered_until_the_last_moment_and_not_after() -> None:
    form = evaluated_event()
    submit_evaluation(form=form, channel="qr", answers=GOOD_DAY, at=form.closes_at - timedelta(seconds=1))
    with pytest.raises(Refused) as refusal:
        submit_evaluation(form=form, channel="qr", answers=GOOD_DAY, at=form.closes_at)
    assert refusal.value.code == "evaluation_closed"
    assert str(refusal.value).startswith("This form closed at the end of Tuesday 9 February 2027.")


def test_a_cancelled_event_is_not_evaluated() -> None:
    form = evaluated_event()
    form.event.status = EventStatus.CANCELLED
    form.event.save()
    with pytest.raises(Refused) as refusal:
        answer(form)
    assert refusal.value.code == "event_cancelled"


@pytest.mark.both_databases
def test_the_same_page_sent_twice_is_kept_once() -> None:
    form, page = evaluated_event(), uuid.uuid4()
    sent = {"form": form, "channel": "qr", "at": AFTERNOON, "sent_as": page}
    first = submit_evaluation(**sent, answers=GOOD_DAY)
    again = submit_evaluation(**sent, answers={**GOOD_DAY, "overall": "poor"})
    assert (again.pk, Response.objects.count(), Answer.objects.filter(choice="poor").count()) == (first.pk, 1, 0)


def test_the_mark_of_a_page_is_not_found_in_the_database() -> None:
    page = uuid.uuid4()
    response = submit_evaluation(form=evaluated_event(), channel="qr", answers=GOOD_DAY, at=AFTERNOON, sent_as=page)
    assert response.pk != page


def test_one_page_mark_on_two_forms_is_two_answers() -> None:
    page = uuid.uuid4()
    for form in (evaluated_event(), evaluated_event()):
        submit_evaluation(form=form, channel="qr", answers=GOOD_DAY, at=AFTERNOON, sent_as=page)
    assert Response.objects.count() == 2


def test_a_machine_that_fills_a_form_is_stopped_for_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedback.operations.ANSWERS_A_DAY", 3)
    form = evaluated_event()
    for _ in range(3):
        answer(form)
    with pytest.raises(Refused) as refusal:
        answer(form)
    assert (refusal.value.code, Response.objects.count()) == ("evaluation_flooded", 3)
    assert answer(form, days_later=1).form == form


def test_nothing_that_is_kept_leads_to_a_person_or_a_moment() -> None:
    """The whole list of what a response and its answers hold: a new field has to be argued for here."""
    held = {model: {field.name for field in model._meta.get_fields()} for model in (Response, Answer)}
    assert held == {
        Response: {"id", "form", "channel", "day", "answers"},
        Answer: {"id", "response", "question", "number", "choice", "text"},
    }


def test_an_answer_leaves_no_trace_in_the_audit_trail() -> None:
    form = evaluated_event()
    before = AuditEntry.objects.count()
    answer(form)
    assert AuditEntry.objects.count() == before


def test_a_form_is_found_by_its_code_and_belongs_to_its_lead_host() -> None:
    form = evaluated_event(lead_host=OtherPartnershipFactory())
    found = form_by_code(form.code.lower())
    assert found is not None
    assert (found, found.event.lead_host.short_name) == (form, "Kingsbridge")
    assert form_by_code("000000000000") is None


def test_two_pages_that_say_the_same_are_two_answers() -> None:
    """The control of the tests of a page sent twice: the page's mark decides, not what it says."""
    form = evaluated_event()
    for _ in range(2):
        submit_evaluation(form=form, channel="qr", answers=GOOD_DAY, at=AFTERNOON, sent_as=uuid.uuid4())
    assert Response.objects.count() == 2
