"""Letters about a place that goes to a colleague, or moves with its holder to another date."""

from __future__ import annotations

from bookings.messages.approvals import lapsed_with_the_start
from bookings.messages.giving_back import giving_back
from bookings.messages.letters import Letter, can_cost, joining, title, to_person
from bookings.messages.texts import moving as texts
from bookings.models import ApprovalRequest, Approver, Booking, BookingStatus, Decision
from core import wording
from notifications.rendering import typed

COME = "What happens next: accept the calendar invitation that comes with this message, and come. There is nothing to print."
KEEP_FREE = (
    "What happens next: as soon as enough people have booked we confirm your place and send you a calendar invitation. "
    "Until then keep the date free."
)


def passed_on(booking: Booking, *, to: Booking) -> Letter:
    """Theirs is over either way: a place that the colleague's manager does not approve goes to the next in line."""
    name, what = typed(to.person.name), f"your place at {title(booking.event)} on {wording.day(booking.event.starts_on)}"
    sentence = f"{name} takes {what}."
    if to.status == BookingStatus.AWAITING_APPROVAL:
        sentence = (
            f"{what[0].upper()}{what[1:]} is passed on to {name}, whose manager we have asked to approve. You are no longer "
            "booked, whatever they answer: if they say no, others can have the place. We write to you what they answer."
        )
    return to_person(booking, texts.SUBSTITUTED, passed_on=sentence)


def taken_over(booking: Booking, *, after: Booking) -> Letter:
    return to_person(booking, texts.SUBSTITUTE, colleague=typed(after.person.name), further=_where_it_stands(booking))


def answered(booking: Booking, *, to: Booking, request: ApprovalRequest) -> Letter:
    """To whoever passed the place on: what became of the colleague's approval. The reason is between those two."""
    name, what = typed(to.person.name), title(booking.event)
    declined_by: dict[str, str] = {
        Approver.OFFICER: "The organisers have",
        Approver.DEPUTY: f"The deputy of {name}’s manager has",
    }
    who = declined_by.get(request.decided_as, f"The manager of {name} has")
    if request.decision == Decision.APPROVED:
        comes = f"{name} comes to {what} instead of you"
        if to.status == BookingStatus.REQUESTED:
            comes = f"{name} has the place you asked for at {what}, once it is sure to take place"
        return to_person(
            booking,
            texts.PASSED_ON_ANSWERED,
            answered=f"{who} approved: {comes}.",
            what_now="There is nothing left to do for you.",
        )
    if lapsed_with_the_start(request, to):
        return to_person(
            booking,
            texts.PASSED_ON_ANSWERED,
            answered=f"Nobody has approved before {what} began, so {name} does not come instead of you. The place stays empty.",
            what_now="Nothing counts against you, and there is nothing left to do for you.",
        )
    said = f"{who} not approved" if request.decision == Decision.DECLINED else "Nobody has approved in time"
    return to_person(
        booking,
        texts.PASSED_ON_ANSWERED,
        answered=f"{said}, so {name} does not come to {what} instead of you. Others can have the place now.",
        what_now="Nothing counts against you. If you can come after all, book again while places are left.",
    )


def moved_from(booking: Booking, *, to: Booking) -> Letter:
    return to_person(booking, texts.MOVED_FROM, new_day=wording.day(to.event.starts_on))


def moved_to(booking: Booking, *, after: Booking) -> Letter:
    return to_person(booking, texts.MOVED_TO, old_day=wording.day(after.event.starts_on), further=_where_it_stands(booking))


def _where_it_stands(booking: Booking) -> dict[str, str]:
    """A place at a tentative event stands in no calendar yet, and brings no link to join."""
    cost = f" {can_cost(booking)}".rstrip()
    if booking.status == BookingStatus.CONFIRMED:
        return {
            "joining": joining(booking.event),
            "what_next": f"{COME}{cost}",
            **giving_back(booking),
        }
    return {
        "joining": "",
        "what_next": f"{KEEP_FREE}{cost}",
        "cannot_come": "Can't come after all? Give your place back here:",
        "declining": "",
    }
