"""Terms, settings and tentative events that can hold."""

from __future__ import annotations

from bookings.models import (
    Booking,
    BookingSettings,
    BookingStatus,
    BookingTerms,
    CourseTerms,
)
from core import wording
from core.refusals import Refused
from events.models import Event, EventStatus


def check_terms(terms: BookingTerms, *, taken: int = 0, kept: int = 0) -> None:
    """Raises Refused for terms that can't hold; ``taken`` is how many hold a place now, ``kept`` how many are held for others."""
    if terms.booking_limit < 1:
        raise Refused("Give the number of places: 1 or more.", code="no_places", field="booking_limit")
    if terms.booking_limit < taken + kept:
        holders = "1 person holds" if taken == 1 else f"{taken} people hold"
        held = f", and {wording.count(kept, 'place')} more {'is' if kept == 1 else 'are'} held" if kept else ""
        raise Refused(
            f"{holders} a place already{held}. Set the limit to {taken + kept} or more, or cancel bookings first.",
            code="below_booked",
            field="booking_limit",
        )
    if terms.opens_at is not None and terms.closes_at is not None and terms.closes_at <= terms.opens_at:
        raise Refused("Booking must close after it opens. Check the two times.", code="closes_before_it_opens", field="closes_at")
    if terms.minimum is not None and not 1 <= terms.minimum <= terms.booking_limit:
        raise Refused(
            f"The minimum must be from 1 to {terms.booking_limit}, the number of places. Leave it empty for an event that takes "
            "place in any case.",
            code="minimum_out_of_range",
            field="minimum",
        )
    if terms.offer_hours < 1:
        raise Refused("Give at least one working hour to answer an offer.", code="no_time_to_answer", field="offer_hours")


def check_course_terms(terms: CourseTerms) -> None:
    """Raises Refused for what no event could start with."""
    if terms.places is not None and terms.places < 1:
        raise Refused("Give the number of places: 1 or more.", code="no_places", field="places")
    if terms.minimum is not None and not 1 <= terms.minimum <= (terms.places or terms.minimum):
        most = f"from 1 to {terms.places}, the number of places" if terms.places else "1 or more"
        raise Refused(f"The minimum must be {most}. Leave it empty for none.", code="minimum_out_of_range", field="minimum")


def check_settings(settings: BookingSettings) -> None:
    """Raises Refused for rules of a partnership that can't hold."""
    if settings.offer_hours < 1:
        raise Refused("Give at least one working hour to answer an offer.", code="no_time_to_answer", field="offer_hours")
    if settings.approval_lapse_days < 1:
        raise Refused(
            "Give a manager at least one working day to answer.", code="no_time_to_approve", field="approval_lapse_days"
        )
    if settings.approval_reminder_days >= settings.approval_lapse_days:
        raise Refused(
            f"A manager must be reminded before the request lapses: after fewer than "
            f"{wording.count(settings.approval_lapse_days, 'working day')}.",
            code="reminded_too_late",
            field="approval_reminder_days",
        )


def check_can_be_tentative(terms: BookingTerms) -> None:
    """Raises Refused for a minimum where people are confirmed: they were told that the event takes place."""
    if terms.is_tentative and Booking.objects.filter(event_id=terms.event_id, status=BookingStatus.CONFIRMED).exists():
        raise Refused(
            "People are confirmed already, so the event can't become tentative. Leave the minimum empty.",
            code="confirmed_already",
            field="minimum",
        )


def check_can_go_ahead(terms: BookingTerms, event: Event) -> None:
    if not terms.is_tentative:
        raise Refused("This event is not tentative: bookings are confirmed already.", code="not_tentative")
    if event.status != EventStatus.PUBLISHED:
        raise Refused("Publish the event first, or it is cancelled: nobody can be confirmed.", code="not_published")
