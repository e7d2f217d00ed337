"""Evaluations and follow-ups of an older system, written in bulk: no messages, one audit entry for each call.

An evaluation arrives mixed: in a random order, without its time, and without its day where the day has one answer.
"""

from __future__ import annotations

import secrets
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Count

from core import audit
from core.codes import new_code
from events.models import Event
from feedback.models import Answer, EvaluationForm, FollowUp, FollowUpAnswer, Purpose, Question, QuestionKind, Response
from feedback.operations import answering_times
from feedback.questionnaires import ensure_questionnaire, plain_text
from people.models import Partnership, Person


@dataclass(frozen=True, slots=True)
class PastEvaluation:
    """What one person answered, by question key: a number for a scale, else text. ``day`` is the London day it came in."""

    event_id: uuid.UUID
    channel: str
    day: date
    answers: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class PastFollowUp:
    """``answered_on`` None: it was sent and never answered."""

    id: uuid.UUID
    event_id: uuid.UUID
    person_id: uuid.UUID
    sent_on: date
    answered_on: date | None
    answers: dict[str, str | int]


@transaction.atomic
def record_past_evaluations(
    *, evaluations: Sequence[PastEvaluation], about: models.Model, by: Person | None, at: datetime
) -> None:
    """Evaluations of events that are over. A form that is missing is made, closed and mixed already."""
    forms = _forms({row.event_id for row in evaluations}, at)
    questions = _questions({form.questionnaire_id for form in forms.values()})
    shuffle = secrets.SystemRandom().shuffle
    responses, answers = [], []
    for row in evaluations:
        form = forms[row.event_id]
        response = Response(form=form, channel=row.channel, day=row.day)
        responses.append(response)
        asked = questions[form.questionnaire_id]
        answers += [Answer(response=response, question=asked[key], **_stored(asked[key], v)) for key, v in row.answers.items()]
    shuffle(responses)
    shuffle(answers)
    Response.objects.bulk_create(responses)
    Answer.objects.bulk_create(answers)
    _leave_out_days_of_one(forms.values())
    if evaluations:
        counts = {"evaluations": [0, len(evaluations)]}
        audit.record(action="past evaluations recorded", about=about, by=by, at=at, changes=counts)


def _forms(event_ids: set[uuid.UUID], at: datetime) -> dict[uuid.UUID, EvaluationForm]:
    """The events' forms. One that is there and has been mixed is to be mixed again, with its new answers."""
    forms = {form.event_id: form for form in EvaluationForm.objects.filter(event_id__in=event_ids)}
    for form in forms.values():
        form.mixed_at = None
    EvaluationForm.objects.bulk_update(forms.values(), ["mixed_at"])
    events = Event.objects.filter(pk__in=event_ids - set(forms)).select_related("lead_host").prefetch_related("sessions")
    questionnaires: dict[uuid.UUID, Any] = {}
    made = []
    for event in events:
        opens_at, closes_at = answering_times(event)
        if event.lead_host_id not in questionnaires:
            questionnaires[event.lead_host_id] = ensure_questionnaire(event.lead_host, Purpose.EVALUATION)
        made.append(
            EvaluationForm(
                event=event,
                questionnaire=questionnaires[event.lead_host_id],
                code=new_code(),
                opens_at=opens_at,
                closes_at=closes_at,
                mixed_at=at if closes_at <= at else None,
            )
        )
    EvaluationForm.objects.bulk_create(made)
    return forms | {form.event_id: form for form in made}


def _leave_out_days_of_one(forms: Iterable[EvaluationForm]) -> None:
    """A day that has one answer points at whoever is known to have answered on it."""
    days: dict[date, list[uuid.UUID]] = defaultdict(list)
    dated = Response.objects.filter(form__in=[form.pk for form in forms], day__isnull=False).order_by()
    for form_id, day, number in dated.values_list("form_id", "day").annotate(number=Count("id")):
        if number == 1 and day is not None:
            days[day].append(form_id)
    for lonely, form_ids in days.items():
        Response.objects.filter(form_id__in=form_ids, day=lonely).update(day=None)


def _questions(questionnaire_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, Question]]:
    asked: dict[uuid.UUID, dict[str, Question]] = defaultdict(dict)
    for question in Question.objects.filter(questionnaire_id__in=set(questionnaire_ids)):
        asked[question.questionnaire_id][question.key] = question
    return asked


def _stored(question: Question, value: str | int) -> dict[str, Any]:
    if question.kind == QuestionKind.SCALE:
        return {"number": value}
    if question.kind == QuestionKind.CHOICE:
        return {"choice": value}
    return {"text": plain_text(str(value))}


@transaction.atomic
def record_past_follow_ups(
    *, partnership: Partnership, follow_ups: Sequence[PastFollowUp], about: models.Model, by: Person | None, at: datetime
) -> None:
    """Follow-ups as they were sent and, where they were, answered."""
    if not follow_ups:
        return
    questionnaire = ensure_questionnaire(partnership, Purpose.FOLLOW_UP)
    asked = _questions([questionnaire.pk])[questionnaire.pk]
    FollowUp.objects.bulk_create(
        [
            FollowUp(
                id=row.id,
                event_id=row.event_id,
                person_id=row.person_id,
                questionnaire=questionnaire,
                sent_on=row.sent_on,
                answered_on=row.answered_on,
            )
            for row in follow_ups
        ]
    )
    FollowUpAnswer.objects.bulk_create(
        [
            FollowUpAnswer(follow_up_id=row.id, question=asked[key], **_stored(asked[key], value))
            for row in follow_ups
            for key, value in row.answers.items()
        ]
    )
    counts = {"follow_ups": [0, len(follow_ups)]}
    audit.record(action="past follow-ups recorded", about=about, by=by, at=at, changes=counts)
