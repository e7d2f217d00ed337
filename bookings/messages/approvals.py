"""Letters about a manager's approval, to the manager and to the person."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import (
    APPROVAL_ASKED,
    APPROVAL_DECLINED,
    APPROVAL_LAPSED,
    APPROVAL_REMINDER,
    APPROVAL_WAITED_FOR,
    APPROVED_AND_WAITING,
    MANAGER_BOOKED,
    MANAGER_ENDED,
    Letter,
    title,
    when_and_where,
    write,
)
from bookings.models import APPROVAL_LINK, ApprovalRequest, Approver, Booking, BookingStatus
from core import personal_links, wording
from notifications.rendering import typed


def asked(booking: Booking, request: ApprovalRequest, approver: str) -> Letter:
    name, before = typed(booking.person.name), _whose_place(booking)
    what = f"{name} has asked for a place at {title(booking.event)} and names you as their manager. It needs your approval."
    if before:
        what = (
            f"{before} can’t come to {title(booking.event)} and has passed the place on to {name}. You are named as the manager "
            f"of {name}, and it needs your approval."
        )
    return _ask(booking, request, approver, APPROVAL_ASKED, f"{name} asks to attend: {title(booking.event)}", what)


def _whose_place(booking: Booking) -> str:
    """Whose place a colleague is to take; empty for a booking of one's own."""
    before = booking.replaces
    return typed(before.person.name) if before is not None and before.person_id != booking.person_id else ""


def reminder(booking: Booking, request: ApprovalRequest, approver: str) -> Letter:
    name = typed(booking.person.name)
    if approver == Approver.DEPUTY:
        what = (
            f"{name} has asked for a place at {title(booking.event)}. Their manager has not answered yet, and you are the deputy."
        )
    else:
        what = f"{name} still waits for your answer about {title(booking.event)}."
    return _ask(booking, request, approver, APPROVAL_REMINDER, f"Approval is still open: {name}, {title(booking.event)}", what)


def _ask(booking: Booking, request: ApprovalRequest, approver: str, kind: str, subject: str, what: str) -> Letter:
    until = f"{wording.clock(request.lapses_at)} on {wording.day(request.lapses_at)}"
    place = "A place is held for them until then." if booking.queue_number is None else "They are on the waiting list until then."
    token = personal_links.placeholder(APPROVAL_LINK, request.link_value(approver))
    path = reverse("approve", args=["TOKEN"]).replace("TOKEN", token)
    return write(
        booking,
        kind,
        subject,
        what,
        *when_and_where(booking.event, with_link=False),
        "Approve or decline here. The page asks you to press a button; you need no account:\n{link:approve}",
        f"If nobody answers by {until}, the request lapses. {place}",
        "This link is for you alone: whoever has it can answer in your name.",
        links={"approve": path},
        version=request.round,
        to_manager=True,
    )


def waited_for(booking: Booking, request: ApprovalRequest) -> Letter:
    until = f"{wording.clock(request.lapses_at)} on {wording.day(request.lapses_at)}"
    before = _whose_place(booking)
    what = f"Your booking at {title(booking.event)}"
    if before:
        what = f"{before} passes the place at {title(booking.event)} on to you. That"
    place = (
        "The place is held for you until then."
        if before
        else "A place is held for you until then."
        if booking.queue_number is None
        else "The event is full: once approved you keep your place on the waiting list."
    )
    return write(
        booking,
        APPROVAL_WAITED_FOR,
        f"We have asked your manager: {title(booking.event)}",
        f"{what} needs your manager's approval. We have written to {typed(request.manager_email)}.",
        *when_and_where(booking.event, with_link=False),
        f"What happens next: they have until {until}. {place} We write to you as soon as they answer.",
        "See how it stands, or take your request back, here:\n{link:booking}",
        version=request.round,
    )


def approved_and_waiting(booking: Booking, *, place_in_queue: int) -> Letter:
    return write(
        booking,
        APPROVED_AND_WAITING,
        f"Approved, and on the waiting list: {title(booking.event)}",
        f"Your manager approves. {title(booking.event)} is full: you are number {place_in_queue} on its waiting list.",
        "You can see where you are in the queue, or leave it, here:\n{link:booking}",
    )


def declined(booking: Booking, request: ApprovalRequest) -> Letter:
    who = "The organisers have" if request.decided_as == Approver.OFFICER else "Your manager has"
    return write(
        booking,
        APPROVAL_DECLINED,
        f"Not approved: {title(booking.event)}",
        f"{who} not approved your place at {title(booking.event)}.",
        *([f"Why: {typed(request.reason)}"] if request.reason else []),
        "Talk to them if you did not expect this. Other dates are in the programme:\n{link:catalogue}",
        links={"catalogue": reverse("catalogue")},
    )


def lapsed(booking: Booking) -> Letter:
    return write(
        booking,
        APPROVAL_LAPSED,
        f"No approval came: {title(booking.event)}",
        f"Nobody approved your place at {title(booking.event)} in time, so it is no longer held for you. "
        "Nothing counts against you.",
        "Talk to your manager, then book again here, if places are left:\n{link:event}",
        links={"event": reverse("event", args=[booking.event_id])},
    )


def manager_booked(booking: Booking) -> Letter:
    """For the manager's diary: nothing to do."""
    name = typed(booking.person.name)
    return write(
        booking,
        MANAGER_BOOKED,
        f"{name} is booked: {title(booking.event)}",
        f"{name} has a place at {title(booking.event)} and named you as their manager. This is for your diary: there is nothing "
        "to do.",
        *when_and_where(booking.event, with_link=False),
        f"Can they not be spared? Ask them to give the place back, or write to {typed(booking.event.lead_host.team_email)}.",
        to_manager=True,
    )


def manager_ended(booking: Booking) -> Letter:
    name, on = typed(booking.person.name), f"{title(booking.event)} on {wording.day(booking.event.starts_on)}"
    if booking.status == BookingStatus.NOT_PLACED:
        subject, what = f"No place for {name}", f"{name} waited for a place at {on}. None became free, so they are not booked."
    else:
        subject, how = f"{name} is no longer booked", str(booking.get_status_display()).lower()
        how = "the request or offer ended without a booking" if booking.status == BookingStatus.LAPSED else how
        what = f"{name} no longer has a place at {on}: {how}."
    return write(
        booking,
        MANAGER_ENDED,
        f"{subject}: {title(booking.event)}",
        what,
        f"Did you not expect this? Talk to them, or write to {typed(booking.event.lead_host.team_email)}.",
        to_manager=True,
    )
