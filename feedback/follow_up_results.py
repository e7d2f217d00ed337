"""What became of an event in practice, by the follow-ups that were answered. Every share carries its n of N, no answer a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator

from core.clock import london_date
from events.models import Event
from feedback.follow_up_plans import unwilling
from feedback.models import FollowUp, FollowUpAnswer, Question, QuestionKind
from feedback.queries import SHOWN_FROM, SHOWN_IN_ORDER, Distribution, Said, Share, distribution

SAID_ON_A_PAGE = 50


@dataclass(frozen=True)
class FollowUpResults:
    """What became of an event in practice. ``asked`` and ``answered`` are of now; what they said is of ``shown`` people."""

    asked: int
    answered: int
    shown: int = 0
    first_closes: date | None = None
    distributions: list[Distribution] = field(default_factory=list)
    texts: list[Said] = field(default_factory=list)

    @property
    def response_rate(self) -> Share:
        return Share(self.answered, self.asked)

    @property
    def missing(self) -> int:
        return max(0, SHOWN_FROM - self.answered)

    @property
    def kept_back(self) -> int:
        """How many people's answers wait until they can be shown among others."""
        return self.answered - self.shown


def shown_among_others(answered: Sequence[FollowUp], *, first: date, today: date) -> list[FollowUp]:
    """Those whose answers are shown by now: five more people at a time or none, so that nobody's are told by difference.

    Whoever was asked on the ``first`` day is also shown once their time to answer is over, however few are left of them: nobody
    knows whose those are. Whoever was asked later, perhaps alone, is shown among five or never. A day counts when it is over,
    because within one nothing is kept of the order.
    """
    closes = FollowUp(sent_on=first).last_day
    shown: list[FollowUp] = []
    waiting: list[FollowUp] = []

    def show_the_rest_of_the_first() -> None:
        rest = [one for one in waiting if one.sent_on == first]
        if len(shown) + len(rest) >= SHOWN_FROM:
            shown.extend(rest)
            waiting[:] = [one for one in waiting if one.sent_on != first]

    def day_of(one: FollowUp) -> date:
        assert one.answered_on is not None  # noqa: S101 - only what is answered; tells the type checker
        return one.answered_on

    for day, given in groupby(sorted(answered, key=day_of), key=day_of):
        if day > closes:
            show_the_rest_of_the_first()
        if day < today:
            waiting.extend(given)
        if len(waiting) >= SHOWN_FROM:
            shown.extend(waiting)
            waiting.clear()
    if today > closes:
        show_the_rest_of_the_first()
    return shown


def follow_up_results(event: Event, at: datetime) -> FollowUpResults:
    """What the answers say, without names. Three queries however many there are, one while nothing is shown.

    A question is known by its key: of several versions of the questionnaire the newest one's words stand.
    """
    asked = list(FollowUp.objects.asked().filter(event=event).only("sent_on", "answered_on", "questionnaire"))
    answered = [one for one in asked if one.answered_on is not None]
    first = min((one.sent_on for one in asked), default=None)
    if first is None:
        return FollowUpResults(0, 0)
    shown = shown_among_others(answered, first=first, today=london_date(at))
    counted: dict[str, Any] = {"asked": len(asked), "answered": len(answered), "first_closes": FollowUp(sent_on=first).last_day}
    if not shown:
        return FollowUpResults(**counted)
    versions = Question.objects.filter(questionnaire__in={one.questionnaire_id for one in asked})
    questions: dict[str, Question] = {}
    for question in versions.order_by("-questionnaire__version", "questionnaire", "position"):
        questions.setdefault(question.key, question)
    given: dict[str, list[FollowUpAnswer]] = {key: [] for key in questions}
    answers = FollowUpAnswer.objects.filter(follow_up__in=shown).select_related("question")
    for answer in answers.order_by("id"):  # the ids are random: no order of coming
        given[answer.question.key].append(answer)
    return FollowUpResults(
        **counted,
        shown=len(shown),
        distributions=[distribution(q, given[key]) for key, q in questions.items() if q.kind in SHOWN_IN_ORDER],
        texts=[Said(q.text, answer.text) for key, q in questions.items() if q.kind == QuestionKind.TEXT for answer in given[key]],
    )


def follow_up_tab(event: Event, *, number: str | None, at: datetime) -> dict[str, Any]:
    """What templates/feedback/_follow_up_tab.html shows, ``number`` being the page of what people wrote."""
    results = follow_up_results(event, at)
    return {
        "results": results,
        "said": Paginator(results.texts, SAID_ON_A_PAGE).get_page(number),
        "unwilling": unwilling(event),
        "shown_from": SHOWN_FROM,
        "first_is_over": results.first_closes is not None and london_date(at) > results.first_closes,
    }
