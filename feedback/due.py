"""What the worker does for evaluations and follow-ups."""

from __future__ import annotations

from datetime import datetime

from core.refusals import Refused
from events.models import Event
from feedback import asking, follow_up_plans, follow_ups
from feedback.missing import asked_since
from feedback.models import EvaluationForm
from feedback.operations import answering_times, ensure_evaluation_form, mix_answers
from notifications.operations import withdraw


def make_missing_forms(at: datetime) -> int:
    """Give every published event its form and keep the times of those that were moved; how many were made or moved.

    An event whose form would have closed by now gets none: nobody was ever asked.
    """
    events = Event.objects.published().upcoming(asked_since(at))
    forms = {
        form.event_id: (form.opens_at, form.closes_at)
        for form in EvaluationForm.objects.filter(event__in=events, mixed_at__isnull=True)
    }
    mixed = EvaluationForm.objects.filter(mixed_at__isnull=False).values("event_id")
    made = 0
    for event in events.exclude(pk__in=mixed).select_related("lead_host").prefetch_related("sessions"):
        try:
            if forms.get(event.pk) != answering_times(event):
                ensure_evaluation_form(event=event, at=at)
                made += 1
        except Refused:
            continue  # no session yet
    return made


def mix_closed_forms(at: datetime) -> int:
    """Mix the answers of every form that has closed since the last look; how many responses were mixed."""
    closed = EvaluationForm.objects.filter(closes_at__lte=at, mixed_at__isnull=True).order_by("closes_at")
    return sum(mix_answers(form=form, at=at) for form in closed)


def ask_for_evaluations(at: datetime) -> int:
    """Ask those entitled when their event has ended, and once more some days later; returns how many were written to.

    What waits for a mail server when the form closes is not sent.
    """
    for about in asking.closed_but_unsent(at):
        withdraw(about=about, kinds=list(asking.KINDS), at=at)
    left = asking.left_to_ask_at(asking.due_plans(at))
    return sum(asking.ask_for_evaluation(event=plan.form.event, kind=plan.kind, at=at) for plan in left)


def ask_for_follow_ups(at: datetime) -> int:
    """Ask whoever was there, months after their event, what became of it; returns how many were written to.

    Asked every minute: one query until the day of an event has come with somebody left to ask.
    """
    left = follow_up_plans.left_to_ask_at(follow_up_plans.due_plans(at))
    return sum(follow_ups.ask_for_follow_up(event=plan.event, at=at) for plan in left)


def take_back_follow_ups(at: datetime) -> int:
    """Letters that wait although their person was not there after all, or shall not be asked; returns for how many people.

    One query when there are none.
    """
    return sum(follow_ups.take_back_follow_ups(event=event, at=at) for event in follow_up_plans.to_take_back(at))
