"""Letters about a manager's approval, to the manager and to the person."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.giving_back import not_spared
from bookings.messages.letters import Letter, can_cost, day_and_time, title, to_manager, to_person
from bookings.messages.texts import approvals as texts
from bookings.models import APPROVAL_LINK, ApprovalRequest, Approver, Booking, BookingStatus, Decision
from core import personal_links, wording
from events import queries as event_queries
from notifications.rendering import typed
from notifications.texts import Standard


def asked(booking: Booking, request: ApprovalRequest, approver: str) -> Letter:
    name, before = typed(booking.person.name), _whose_place(booking)
    what = f"{name} has asked for a place at {title(booking.event)} and names you as their manager. It needs your approval."
    if before:
        what = (
            f"{before} can’t come to {title(booking.event)} and has passed the place on to {name}. You are named as the manager "
            f"of {name}, and it needs your approval."
        )
    return _ask(booking, request, approver, texts.APPROVAL_ASKED, what)


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
    return _ask(booking, request, approver, texts.APPROVAL_REMINDER, what)


def _ask(booking: Booking, request: ApprovalRequest, approver: str, standard: Standard, what: str) -> Letter:
    held = "A place is held for them until then." if booking.queue_number is None else "They are on the waiting list until then."
    if ends_with_the_start(request, booking):
        held += " The event starts then, so no answer counts after it."
    token = personal_links.placeholder(APPROVAL_LINK, request.link_value(approver))
    path = reverse("approve", args=["TOKEN"]).replace("TOKEN", token)
    return to_manager(
        booking,
        standard,
        asked=what,
        until=day_and_time(request.lapses_at),
        held=held,
        links={"approve": path},
        version=request.round,
    )


def waited_for(booking: Booking, request: ApprovalRequest) -> Letter:
    before = _whose_place(booking)
    what = f"Your booking at {title(booking.event)}"
    if before:
        what = f"{before} passes the place at {title(booking.event)} on to you. That"
    held = (
        "The place is held for you until then."
        if before
        else "A place is held for you until then."
        if booking.queue_number is None
        else "The event is full: once approved you keep your place on the waiting list."
    )
    if ends_with_the_start(request, booking):
        held += " The event starts then: ring your manager, so that they see our message in time."
    return to_person(
        booking,
        texts.APPROVAL_WAITED_FOR,
        needs_approval=f"{what} needs your manager's approval.",
        manager_email=typed(request.manager_email),
        until=day_and_time(request.lapses_at),
        held=held,
        cost=can_cost(booking),
        version=request.round,
    )


def ends_with_the_start(request: ApprovalRequest, booking: Booking) -> bool:
    """Whether it was asked so late that the start ends it, and not a working day."""
    return request.lapses_at >= event_queries.starts_at(booking.event)


def lapsed_with_the_start(request: ApprovalRequest, booking: Booking) -> bool:
    """Whether nobody answered before the event began, so that the place is nobody's any more."""
    if request.decision != Decision.LAPSED or request.decided_at is None:
        return False
    return request.decided_at >= event_queries.starts_at(booking.event)


def approved_and_waiting(booking: Booking, *, place_in_queue: int) -> Letter:
    return to_person(booking, texts.APPROVED_AND_WAITING, number=str(place_in_queue))


WHO_DECLINED: dict[str, str] = {Approver.OFFICER: "The organisers have", Approver.DEPUTY: "Your manager’s deputy has"}


def declined(booking: Booking, request: ApprovalRequest) -> Letter:
    return to_person(
        booking,
        texts.APPROVAL_DECLINED,
        who=WHO_DECLINED.get(request.decided_as, "Your manager has"),
        why=f"Why: {typed(request.reason)}" if request.reason else "",
        links={"catalogue": reverse("catalogue")},
    )


def lapsed(booking: Booking, request: ApprovalRequest) -> Letter:
    what_now = "Talk to your manager, then book again here, if places are left:"
    if lapsed_with_the_start(request, booking):
        what_now = "It has begun, so it can’t be booked any more. Its page names the other dates, where there are any:"
    links = {"event": reverse("event", args=[booking.event_id])}
    return to_person(booking, texts.APPROVAL_LAPSED, what_now=what_now, links=links)


def manager_booked(booking: Booking) -> Letter:
    """For the manager's diary: nothing to do."""
    return to_manager(booking, texts.MANAGER_BOOKED, not_spared=not_spared(booking))


def manager_moved(booking: Booking) -> Letter:
    """The event has other times: the diary of a manager changes, and who is still asked answers about the new ones."""
    name, is_asked = typed(booking.person.name), booking.status == BookingStatus.AWAITING_APPROVAL
    how = (
        f"{name} still has a place." if booking.status == BookingStatus.CONFIRMED else f"The booking of {name} stands as it did."
    )
    stands = f"{how} This is for your diary: there is nothing to do."
    if is_asked:
        stands = f"{name} still needs your approval for it: the link in our earlier message goes on working."
    spared = "" if is_asked else not_spared(booking)
    return to_manager(booking, texts.MANAGER_MOVED, stands=stands, not_spared=spared, version=booking.event.version)


def manager_ended(booking: Booking, *, was: str = "") -> Letter:
    """``was``: the status that it had, where somebody cancelled it."""
    name, on = typed(booking.person.name), f"{title(booking.event)} on {wording.day(booking.event.starts_on)}"
    if booking.event.cancelled_reason:
        headline = f"Called off, for {name}"
        ends = "need not answer" if was == BookingStatus.AWAITING_APPROVAL else f"need not spare {name}"
        what = f"{on} is called off, so you {ends}. Why: {typed(booking.event.cancelled_reason)}"
    elif booking.status == BookingStatus.NOT_PLACED:
        headline, what = f"No place for {name}", f"{name} waited for a place at {on}. None became free, so they are not booked."
    elif was == BookingStatus.AWAITING_APPROVAL:
        headline = f"Nothing to approve for {name}"
        what = f"The request of {name} for a place at {on} has ended, so you need not answer."
    else:
        headline, how = f"{name} is no longer booked", str(booking.get_status_display()).lower()
        if booking.status == BookingStatus.CANCELLED:
            how = f"cancelled by the {str(booking.get_cancelled_by_display()).lower()}"
        how = "the request or offer ended without a booking" if booking.status == BookingStatus.LAPSED else how
        what = f"{name} no longer has a place at {on}: {how}."
    return to_manager(booking, texts.MANAGER_ENDED, headline=headline, what_ended=what)
