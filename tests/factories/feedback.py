from __future__ import annotations

from datetime import timedelta
from typing import Any

from events.models import Event
from feedback.models import EvaluationForm, Response
from feedback.operations import ensure_evaluation_form, submit_evaluation
from people.models import AFFILIATION_FIELDS
from registers.models import Attendance, Outcome
from tests.factories.events import EventFactory
from tests.factories.people import LONG_AGO, PersonFactory

GOOD_DAY = {"overall": "good", "confidence_before": "2", "confidence_after": "4", "apply": "likely"}


def evaluated_event(**fields: Any) -> EvaluationForm:
    """The form of a published event, as the worker makes it."""
    event = EventFactory(**fields)
    return ensure_evaluation_form(event=event, at=LONG_AGO)


def answer(form: EvaluationForm, *, channel: str = "qr", days_later: int = 0, **answers: str) -> Response:
    """One evaluation, sent half an hour after the form opened (or so many days later)."""
    at = form.opens_at + timedelta(minutes=30, days=days_later)
    return submit_evaluation(form=form, channel=channel, answers={**GOOD_DAY, **answers}, at=at)


def attended(event: Event, count: int = 1, outcome: str = Outcome.ATTENDED) -> None:
    for _ in range(count):
        person = PersonFactory()
        Attendance.objects.create(
            event=event,
            person=person,
            event_kind=event.kind,
            date=event.starts_on,
            outcome=outcome,
            **{field: getattr(person, field) for field in AFFILIATION_FIELDS},
        )
