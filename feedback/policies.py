"""Who may see results and codes, and when a form may be answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bookings.policies.planned import check_is_not_silent
from core import wording
from core.clock import london_date
from core.refusals import Refused
from events.models import Event, EventStatus, EventTrainer
from feedback.models import EvaluationForm, FollowUp
from people.models import Grant, Person
from people.policies import can


def _teaches(person: Person, event: Event) -> bool:
    return EventTrainer.objects.filter(event=event, person=person).exists()


def can_see_results(*, person: Person, grants: Iterable[Grant], event: Event) -> bool:
    """Who sees every event's results in the lead host's partnership, and the event's own trainers."""
    return can(grants, "see_results", event.lead_host) or _teaches(person, event)


def can_see_follow_ups(*, person: Person, grants: Iterable[Grant], event: Event) -> bool:
    """What became of it in practice is the partnership's to read: an event's trainers do not."""
    return can(grants, "see_results", event.lead_host)


def can_show_code(*, person: Person, grants: Iterable[Grant], event: Event) -> bool:
    """Whoever sees the results may show the code, and so may whoever manages the event."""
    return can(grants, "manage_events", event.lead_host) or can_see_results(person=person, grants=grants, event=event)


def check_can_be_answered(form: EvaluationForm, at: datetime) -> None:
    """Raise Refused, saying when, unless the form is open at that moment."""
    if form.event.status != EventStatus.PUBLISHED:
        raise Refused("This event was cancelled, so there is nothing to evaluate.", code="event_cancelled")
    if at < form.opens_at:
        opens = f"{wording.day(form.opens_at)} at {wording.clock(form.opens_at)}"
        raise Refused(f"This form opens on {opens}. Scan the code again then.", code="evaluation_too_early")
    if at >= form.closes_at or form.mixed_at is not None:
        closed = f"This form closed at the end of {wording.day(form.last_day)}."
        raise Refused(f"{closed} Write to the training team if you still want to say something.", code="evaluation_closed")


def check_can_be_followed_up(event: Event, *, evaluated_at: datetime, is_held_back: bool, at: datetime) -> None:
    """Whether an officer may ask now. ``event`` knows its lead host. Raises Refused."""
    if event.status != EventStatus.PUBLISHED:
        raise Refused("This event is not published, so there is nothing to ask about.", code="not_published")
    check_is_not_silent(event, at=at)
    since = event.lead_host.messages_from
    if since is not None and event.starts_on < since:
        raise Refused(f"This event began before {wording.day(since)}: nobody is written to about it.", code="silent")
    if at < evaluated_at:
        first = wording.day(evaluated_at)
        raise Refused(f"The evaluation of this event is open. Ask from {first} on.", code="evaluation_open")
    if is_held_back:
        raise Refused("This is held back. Allow it to leave first.", code="held_back")


def check_follow_up_can_be_answered(follow_up: FollowUp, at: datetime) -> None:
    """Raise Refused, saying when, unless it waits for its answers."""
    if follow_up.answered_on is not None:
        raise Refused(f"These questions were answered on {wording.day(follow_up.answered_on)}.", code="follow_up_answered")
    if london_date(at) > follow_up.last_day:
        closed = f"These questions could be answered until the end of {wording.day(follow_up.last_day)}."
        raise Refused(f"{closed} Write to the training team if you still want to say something.", code="follow_up_closed")
