"""What an event's evaluations say, and whose a follow-up is. Every share carries its n of N."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from core import personal_links, wording
from core.codes import can_be_a_code, read_code, short_address
from core.figures import percent
from core.ids import ids_in
from core.refusals import Refused
from events.models import Event
from feedback.missing import why_no_form
from feedback.models import (
    Answer,
    Channel,
    EvaluationForm,
    FollowUp,
    FollowUpAnswer,
    NoFollowUps,
    Question,
    QuestionKind,
    Response,
)
from feedback.policies import check_can_be_answered
from people.models import Person
from registers.models import Attendance, HeadCount, Outcome

SHOWN_FROM = 5  # whole-event results show from so many answers: fewer would point at people

SHOWN_IN_ORDER = (QuestionKind.CHOICE, QuestionKind.SCALE)  # so that before and after stand side by side


@dataclass(frozen=True)
class Share:
    n: int
    of: int

    @property
    def percent(self) -> Decimal | None:
        return percent(self.n, self.of)


@dataclass(frozen=True)
class Said:
    """What somebody wrote in answer to a question. Who it was stays out of it."""

    question: str
    text: str


@dataclass(frozen=True)
class Distribution:
    """How often each answer to one question was chosen, of those who answered it."""

    question: str
    answered: int
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Counts:
    """How many could answer and how many did. Head counts stand apart: they have no names and so no place in the rate."""

    attended: int
    counted_without_names: int
    by_qr: int
    by_email: int

    @property
    def responses(self) -> int:
        return self.by_qr + self.by_email

    @property
    def response_rate(self) -> Share:
        return Share(self.responses, self.attended)

    @property
    def more_than_came(self) -> bool:
        """More answers than people in the room: a code that was passed on, or a register that is not finished."""
        return self.responses > self.attended + self.counted_without_names

    @property
    def are_shown(self) -> bool:
        return self.responses >= SHOWN_FROM

    @property
    def missing(self) -> int:
        return max(0, SHOWN_FROM - self.responses)


@dataclass(frozen=True)
class Results:
    """An event's evaluation. Shares and comments are empty until enough have answered."""

    form: EvaluationForm
    counts: Counts
    good_or_excellent: Share | None = None
    confidence_rose: Share | None = None
    likely_to_apply: Share | None = None
    distributions: list[Distribution] = field(default_factory=list)
    texts: list[Said] = field(default_factory=list)

    @property
    def comments(self) -> list[str]:
        return [said.text for said in self.texts]


def form_by_code(typed: str) -> EvaluationForm | None:
    """The form a code leads to, however it was typed."""
    code = read_code(typed)
    if not can_be_a_code(code):
        return None
    return EvaluationForm.objects.select_related("event__lead_host", "questionnaire").filter(code=code).first()


def form_of(event: Event) -> EvaluationForm | None:
    return EvaluationForm.objects.filter(event=event).first()


def counts(form: EvaluationForm) -> Counts:
    channels = Counter(Response.objects.filter(form=form).values_list("channel", flat=True))
    counted = HeadCount.objects.filter(event=form.event_id).aggregate(total=Sum("count"))["total"]
    return Counts(
        attended=Attendance.objects.filter(event=form.event_id, outcome=Outcome.ATTENDED).count(),
        counted_without_names=counted or 0,
        by_qr=channels[Channel.QR],
        by_email=channels[Channel.EMAIL],
    )


def results(form: EvaluationForm) -> Results:
    """What the answers say, from five of them on. Five queries however many there are."""
    counted = counts(form)
    if not counted.are_shown:
        return Results(form=form, counts=counted)
    questions = list(Question.objects.filter(questionnaire=form.questionnaire_id))
    given: dict[str, list[Answer]] = {question.key: [] for question in questions}
    key_of = {question.pk: question.key for question in questions}
    for answer in Answer.objects.filter(response__form=form).order_by("id"):  # the ids are random: no order of coming
        given[key_of[answer.question_id]].append(answer)
    overall, apply = given.get("overall", []), given.get("apply", [])
    pairs = _pairs(given.get("confidence_before", []), given.get("confidence_after", []))
    return Results(
        form=form,
        counts=counted,
        good_or_excellent=Share(sum(answer.choice in ("good", "excellent") for answer in overall), len(overall)),
        confidence_rose=Share(sum(after > before for before, after in pairs), len(pairs)),
        likely_to_apply=Share(sum(answer.choice == "likely" for answer in apply), len(apply)),
        distributions=[distribution(q, given[q.key]) for kind in SHOWN_IN_ORDER for q in questions if q.kind == kind],
        texts=[Said(q.text, answer.text) for q in questions if q.kind == QuestionKind.TEXT for answer in given[q.key]],
    )


def _pairs(before: list[Answer], after: list[Answer]) -> list[tuple[int, int]]:
    """Both numbers of everybody who gave both."""
    numbers = {answer.response_id: answer.number for answer in before}
    return [
        (first, answer.number)
        for answer in after
        if answer.number is not None and (first := numbers.get(answer.response_id)) is not None
    ]


def distribution(question: Question, answers: Sequence[Answer | FollowUpAnswer]) -> Distribution:
    chosen = Counter(str(answer.number) if question.kind == QuestionKind.SCALE else answer.choice for answer in answers)
    rows = []
    for value, label in question.options:
        n = chosen[str(value)]
        share = percent(n, len(answers))
        name = " – ".join(part for part in (str(value), label) if part) if question.kind == QuestionKind.SCALE else label
        value = "–" if share is None else f"{share}%"
        rows.append({"label": name, "value": value, "share": share or 0, "n": n, "sum": f"{n} of {len(answers)}"})
    return Distribution(question=question.text, answered=len(answers), rows=rows)


def office_tab(*, event: Event, at: datetime) -> dict[str, Any]:
    """What templates/feedback/_office_tab.html shows, as its ``evaluation``."""
    form = EvaluationForm.objects.select_related("event").filter(event=event).first()
    if form is None:
        return {"form": None, "event": event, "no_form": why_no_form(event, at=at)}
    try:
        check_can_be_answered(form, at)
        state = f"Open until the end of {wording.day(form.last_day)}."
    except Refused as refusal:
        state = str(refusal)
    return {
        "form": form,
        "event": event,
        "state": state,
        "counts": counts(form),
        "short_address": short_address("evaluation", form.code),
        "shown_from": SHOWN_FROM,
    }


def follow_up_by_link(purpose: str, token: str) -> FollowUp | None:
    """What a personal link leads to; None for one that we did not sign, and where nothing is asked any more."""
    value = personal_links.read(purpose, token)
    related = "event__lead_host", "person", "questionnaire"
    return FollowUp.objects.filter(pk__in=ids_in([value or ""])).select_related(*related).first()


def wants_follow_ups(person: Person) -> bool:
    return not NoFollowUps.objects.filter(person=person).exists()
