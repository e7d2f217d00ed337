"""Whom each kind of letter about an event is for, and what it would say to them."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Booking, BookingQuerySet, PlannedKind
from bookings.operations.planned import letter_for
from bookings.planned import plan_of, recipients
from bookings.preview import unsent_message
from core.clock import london_date
from events.models import Event, EventTrainer
from feedback import asking, follow_up_plans
from feedback.messages import follow_up as follow_up_letter
from feedback.models import FollowUp
from notifications.rendering import shown_text
from registers import messages as register_letters
from registers.certificates import booked, certificate_of
from registers.planned import absences


def recipients_of(event: Event, kind: str) -> BookingQuerySet:
    """Whom a kind of letter is about, by name, with ``has_it``, ``is_held`` and ``can_be_reached``, ready to show."""
    if kind == PlannedKind.CERTIFICATE:
        found = booked().filter(event=event)
    elif kind == PlannedKind.ABSENCE:
        found = absences().filter(event=event)
    elif kind == PlannedKind.FOLLOW_UP:
        found = follow_up_plans.entitled([event])
    else:
        found = asking.entitled(kind, [event]) if kind in asking.KINDS else recipients(kind, [event])
    shown: BookingQuerySet = found.to_write_to()
    return shown.order_by("person__surname", "person__forename", "pk")


def preview(event: Event, kind: str, booking: Booking, note: str, *, at: datetime) -> dict[str, str]:
    """The letter as that booking's person would read it, its personal links left out."""
    booking.event = event
    plan = asking.asking_plan(event, kind) if kind in asking.KINDS else None
    if plan is not None:
        letter = asking.letter_for(plan, booking.person)
    elif kind == PlannedKind.ABSENCE:
        letter = register_letters.did_not_attend(booking, note=note)
    elif kind == PlannedKind.CERTIFICATE:
        certificate = certificate_of(event, booking.person_id)
        letter = register_letters.certificate_ready(event, booking.person, certificate, note=note)
    elif kind == PlannedKind.FOLLOW_UP:
        letter = follow_up_letter(_would_be_asked(event, booking, at=at), note=note)
    else:
        letter = letter_for(plan_of(event, kind), booking)
    unsent = unsent_message(event.lead_host, letter)
    return {"subject": unsent.subject, "text": shown_text(unsent)}


def _would_be_asked(event: Event, booking: Booking, *, at: datetime) -> FollowUp:
    """What asked them or, unsaved, what would."""
    asked = FollowUp.objects.filter(event=event, person=booking.person).first()
    asked = asked or FollowUp(sent_on=follow_up_plans.day_of(follow_up_plans.follow_up_plan(event), at))
    asked.event, asked.person = event, booking.person
    return asked


def preview_for_trainer(event: Event, trainer: EventTrainer) -> dict[str, str]:
    """The letter about the registers of the event's first day."""
    assert trainer.person is not None  # noqa: S101 - only trainers who can be written to; tells the type checker
    sessions = list(event.sessions.all())
    day = london_date(sessions[0].starts_at)
    letter = register_letters.register_not_taken(
        [one for one in sessions if london_date(one.starts_at) == day], day, trainer.person
    )
    unsent = unsent_message(event.lead_host, letter)
    return {"subject": unsent.subject, "text": shown_text(unsent)}
