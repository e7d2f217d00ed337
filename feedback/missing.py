"""Which events have no evaluation form yet, which never get one, and how pages say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bookings.policies.planned import EVALUATION_OPEN_DAYS
from core.clock import london_date
from events.models import Event, EventStatus


@dataclass(frozen=True)
class NoForm:
    title: str
    why: str


def asked_since(at: datetime) -> date:
    """Events that ended before this day get no form: it would have closed by now, and nobody was ever asked."""
    return london_date(at) - timedelta(days=EVALUATION_OPEN_DAYS)


def why_no_form(event: Event, *, at: datetime) -> NoForm:
    """For an event without a form."""
    if event.status == EventStatus.CANCELLED:
        return NoForm("No evaluation", "This event was called off, so there is nothing to evaluate.")
    if event.status == EventStatus.DRAFT:
        return NoForm("No evaluation form yet", "The form and its QR code are made within a minute of publishing the event.")
    if event.ends_on < asked_since(at):
        return NoForm(
            "No evaluation",
            "This event was over before its evaluation could be asked for here, so it has no form and gets none. Answers that "
            "are brought over from an older system show here.",
        )
    if not event.sessions.exists():
        return NoForm("No evaluation form yet", "The form opens with the event’s last session. Give the event a session first.")
    return NoForm("No evaluation form yet", "The form and its QR code are being made. Open this page again in a minute.")
