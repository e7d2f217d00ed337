"""Everything that can happen to questionnaires, evaluations and follow-ups; asking for them is in asking.py and follow_ups.py."""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from datetime import datetime, time, timedelta

from django.db import transaction

from bookings.messages import letters
from bookings.policies.planned import EVALUATION_OPEN_DAYS
from core import audit
from core.clock import london_date, london_instant
from core.codes import new_code
from core.refusals import Refused
from events.models import Event
from feedback.models import (
    Answer,
    EvaluationForm,
    FollowUp,
    FollowUpAnswer,
    NoFollowUps,
    Purpose,
    Question,
    Questionnaire,
    Response,
)
from feedback.policies import check_can_be_answered, check_follow_up_can_be_answered
from feedback.questionnaires import check_answers, ensure_questionnaire
from notifications.keys import withdraw_and_free_key
from notifications.models import Message
from people.models import Person

ANSWERS_A_DAY = 1000  # of one form: three times the largest hall we know of, and an end to a machine that fills one
BATCH = 500


def answering_times(event: Event) -> tuple[datetime, datetime]:
    """When an event's form opens and closes.

    It opens as the last session starts, so that a trainer may give the last ten minutes to it, and closes with the end of the
    fourteenth day after the event. Raises Refused for an event without a session.
    """
    sessions = sorted(event.sessions.all(), key=lambda session: session.starts_at)
    if not sessions:
        raise Refused("Give the event a session first: its evaluation opens with the last one.", code="event_has_no_session")
    last_end = max(session.ends_at for session in sessions)
    day_after = london_date(last_end) + timedelta(days=EVALUATION_OPEN_DAYS + 1)
    return sessions[-1].starts_at, london_instant(datetime.combine(day_after, time.min))


@transaction.atomic
def ensure_evaluation_form(*, event: Event, at: datetime) -> EvaluationForm:
    """The event's form with its code, made where there is none, its times those of the event as it stands now."""
    opens_at, closes_at = answering_times(event)
    form, is_new = EvaluationForm.objects.get_or_create(
        event=event,
        defaults={
            "questionnaire": ensure_questionnaire(event.lead_host, Purpose.EVALUATION),
            "code": new_code(),
            "opens_at": opens_at,
            "closes_at": closes_at,
        },
    )
    if is_new:
        audit.record(action="evaluation form made", about=form, by=None, at=at)
    elif form.mixed_at is None and (form.opens_at, form.closes_at) != (opens_at, closes_at):
        changes = {
            "opens_at": [form.opens_at.isoformat(), opens_at.isoformat()],
            "closes_at": [form.closes_at.isoformat(), closes_at.isoformat()],
        }
        form.opens_at, form.closes_at = opens_at, closes_at
        form.save(update_fields=["opens_at", "closes_at"])
        audit.record(action="evaluation form moved", about=form, by=None, at=at, changes=changes)
    return form


@transaction.atomic
def submit_evaluation(
    *, form: EvaluationForm, channel: str, answers: dict[str, str], at: datetime, sent_as: uuid.UUID | None = None
) -> Response:
    """Keep one anonymous evaluation: what was answered and the London day, nothing of who, where from or when.

    ``answers`` maps a question's key to what was chosen or typed. ``sent_as`` is the random mark of the page it was typed on: the
    same page sent twice is kept once. Raises Refused for a form that is not open, an answer that won't do, and a form that has
    had ANSWERS_A_DAY today. Leaves no audit entry, because an entry for each answer would be its time.
    """
    form = EvaluationForm.objects.select_for_update(of=("self",)).select_related("event").get(pk=form.pk)
    check_can_be_answered(form, at)
    checked = check_answers(list(Question.objects.filter(questionnaire=form.questionnaire_id)), answers)
    response, is_new = Response.objects.get_or_create(
        pk=uuid.uuid5(form.pk, str(sent_as or uuid.uuid4())),
        defaults={"form": form, "channel": channel, "day": london_date(at)},
    )
    if is_new:
        _check_not_flooded(form, at)
        Answer.objects.bulk_create(
            Answer(response=response, question=question, number=answer.number, choice=answer.choice, text=answer.text)
            for question, answer in checked.items()
        )
    return response


def _check_not_flooded(form: EvaluationForm, at: datetime) -> None:
    if Response.objects.filter(form=form, day=london_date(at)).count() > ANSWERS_A_DAY:
        raise Refused(
            "This form has had more answers today than any event has people. Send yours tomorrow, or write to the training team.",
            code="evaluation_flooded",
        )


@transaction.atomic
def mix_answers(*, form: EvaluationForm, at: datetime) -> int:
    """Give a closed form's answers new ids in a new order; how many responses were mixed.

    A database remembers in which order and in which transaction its rows came. Here they are all written again in one
    transaction, shuffled, and a day that one response stands alone on is left out, so that nobody who knows who answered when can
    tell who said what. Done once; a mixed form takes no more answers.
    """
    form = EvaluationForm.objects.select_for_update(of=("self",)).get(pk=form.pk)
    if form.mixed_at is not None or at < form.closes_at:
        return 0
    old = list(form.responses.prefetch_related("answers"))
    days = Counter(response.day for response in old)
    responses, answers = [], []
    for response in old:
        day = response.day if days[response.day] > 1 else None
        fresh = Response(form=form, channel=response.channel, day=day)
        responses.append(fresh)
        answers += [
            Answer(response=fresh, question_id=kept.question_id, number=kept.number, choice=kept.choice, text=kept.text)
            for kept in response.answers.all()
        ]
    shuffle = secrets.SystemRandom().shuffle
    shuffle(responses)
    shuffle(answers)
    form.responses.all().delete()
    Response.objects.bulk_create(responses, batch_size=BATCH)
    Answer.objects.bulk_create(answers, batch_size=BATCH)
    form.mixed_at = at
    form.save(update_fields=["mixed_at"])
    audit.record(action="evaluation answers mixed", about=form, by=None, at=at)
    return len(responses)


@transaction.atomic
def next_version(*, questionnaire: Questionnaire, by: Person | None, at: datetime) -> Questionnaire:
    """A copy that may be changed, one version up: forms made from now on ask it, those made before keep theirs."""
    newest = Questionnaire.objects.filter(
        partnership=questionnaire.partnership_id, purpose=questionnaire.purpose, title=questionnaire.title
    ).latest("version")
    made = Questionnaire.objects.create(
        partnership=questionnaire.partnership,
        purpose=questionnaire.purpose,
        title=questionnaire.title,
        version=newest.version + 1,
    )
    copied = ("position", "key", "kind", "text", "hint", "options", "is_required")
    Question.objects.bulk_create(
        Question(questionnaire=made, **{field: getattr(question, field) for field in copied})
        for question in questionnaire.questions.all()
    )
    changes = {"version": [questionnaire.version, made.version]}
    audit.record(action="questionnaire version made", about=made, by=by, at=at, changes=changes)
    return made


@transaction.atomic
def answer_follow_up(*, follow_up: FollowUp, answers: dict[str, str], at: datetime) -> FollowUp:
    """Keep what one person answered months later, once. ``answers`` maps a question's key to what was chosen or typed.

    Raises Refused: follow_up_gone, follow_up_answered, follow_up_closed, and those of an answer that won't do.
    """
    found = FollowUp.objects.select_for_update(of=("self",)).filter(pk=follow_up.pk).first()
    if found is None:
        raise Refused("These questions are not asked any more: nothing of yours was kept.", code="follow_up_gone")
    check_follow_up_can_be_answered(found, at)
    checked = check_answers(list(Question.objects.filter(questionnaire=found.questionnaire_id)), answers)
    found.answered_on = max(found.sent_on, london_date(at))  # a clock may have been set back since
    found.save(update_fields=["answered_on"])
    FollowUpAnswer.objects.bulk_create(
        FollowUpAnswer(follow_up=found, question=question, number=answer.number, choice=answer.choice, text=answer.text)
        for question, answer in checked.items()
    )
    audit.record(action="follow-up answered", about=found, by=None, at=at)
    return found


@transaction.atomic
def set_follow_ups(*, person: Person, wanted: bool, by: Person | None, at: datetime) -> None:
    """Whether somebody may be asked what became of their learning. What waits for one who does not want it is withdrawn.

    The rows of who was to be asked go with the worker's next look (follow_ups.take_back_follow_ups), and so does a letter that is
    written at this very moment.
    """
    if wanted:
        has_changed = bool(NoFollowUps.objects.filter(person=person).delete()[0])
    else:
        _, has_changed = NoFollowUps.objects.get_or_create(person=person, defaults={"since": london_date(at)})
        withdraw_and_free_key(Message.objects.unsent().filter(kind=letters.FOLLOW_UP, person=person))
    if has_changed:
        audit.record(action="follow-ups wanted changed", about=person, by=by, at=at, changes={"wanted": [not wanted, wanted]})
