"""Events that have happened, in a line: who was there, what they said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from events.models import Event, Session
from feedback.models import Answer, Channel, EvaluationForm, Purpose, Question, Response
from feedback.questionnaires import ensure_questionnaire
from people.models import AFFILIATION_FIELDS, Person
from registers.models import Attendance, Outcome, Register, RegisterState
from tests.factories.events import EventFactory
from tests.factories.people import PersonFactory


def held(on: date, *, sessions: int = 1, registers: int | None = None, **fields: Any) -> Event:
    """An event that began on that day. ``registers``: how many of its sessions have a closed one; all, unless said."""
    start = datetime(on.year, on.month, on.day, 9, 30, tzinfo=UTC)
    event = EventFactory(first_start=start, sessions=sessions, **fields)
    for session in Session.objects.filter(event=event).order_by("number")[: sessions if registers is None else registers]:
        Register.objects.create(session=session, state=RegisterState.CLOSED, closed_at=session.ends_at)
    return event


def was_there(event: Event, person: Person | None = None, outcome: str = Outcome.ATTENDED, **fields: Any) -> Person:
    """The attendance row of one person, as the register leaves it."""
    person = person or PersonFactory(address=None, address__none=True)
    snapshot = {field: getattr(person, field) for field in AFFILIATION_FIELDS}
    Attendance.objects.create(
        event=event,
        person=person,
        course=event.course,
        event_kind=event.kind,
        date=event.starts_on,
        outcome=outcome,
        **{**snapshot, **fields},
    )
    return person


def said(event: Event, *answers: dict[str, Any], channel: str = Channel.EMAIL) -> None:
    """One evaluation for each of ``answers``, which maps a question's key to a choice or a number."""
    questionnaire = ensure_questionnaire(event.lead_host, Purpose.EVALUATION)
    end = datetime(event.ends_on.year, event.ends_on.month, event.ends_on.day, 17, tzinfo=UTC)
    form, _ = EvaluationForm.objects.get_or_create(
        event=event,
        defaults={"questionnaire": questionnaire, "code": str(event.pk)[:12], "opens_at": end, "closes_at": end.replace(hour=18)},
    )
    questions = {question.key: question for question in Question.objects.filter(questionnaire=questionnaire)}
    for given in answers:
        response = Response.objects.create(form=form, channel=channel, day=event.ends_on)
        for key, value in given.items():
            held_as = {"number": value} if isinstance(value, int) else {"choice": value}
            Answer.objects.create(response=response, question=questions[key], **held_as)
