"""When a manager is asked, and who may answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from bookings.messages.letters import MANAGER_BOOKED
from bookings.models import (
    ApprovalRequest,
    Booking,
    BookingStatus,
    BookingTerms,
    ManagerRole,
)
from bookings.policies.acting import leads_training_of, may_act_for_others
from bookings.policies.states import check_has_not_started, write_to
from core import wording
from core.refusals import Refused
from events import queries as event_queries
from events.models import Event
from notifications.models import Message, MessageState
from people.models import OrganisationState, Person
from people.wording import clean_address

MOST_MANAGERS_TOLD = 3  # letters about one booking, before only the team may name another address
MOST_MANAGERS_ASKED = 4  # rounds of one request, the first among them


def needs_approval(
    terms: BookingTerms, person: Person, *, by: Person | None, event: Event, led: Collection[UUID] | None = None
) -> bool:
    """Whether the manager is asked first.

    Foster carers, residents and volunteers have no manager to name. A training lead's booking is the agency's approval. ``led``
    is what organisations_led_by has found, for who asks of many.
    """
    if terms.manager_role != ManagerRole.APPROVES or person.organisation_state == OrganisationState.NONE:
        return False
    if by is None or by.pk == person.pk:
        return True
    return not leads_training_of(by, person, event) if led is None else person.organisation_id not in led


def check_manager(person: Person, *, manager_email: str, is_needed: bool = True) -> None:
    """Raises Refused without an address where one is needed, and for the person's own."""
    if is_needed and not manager_email:
        raise Refused(
            "This event needs your manager's approval. Enter your line manager's e-mail address.",
            code="no_manager",
            field="manager_email",
        )
    if manager_email and clean_address(manager_email) in person.addresses():
        raise Refused(
            "This is your own address. Enter the address of your line manager.", code="own_address", field="manager_email"
        )


def check_deputy(person: Person, *, deputy_email: str, manager_email: str) -> None:
    """Raises Refused for a deputy who could approve for themself, or who is asked already. None is fine."""
    address = clean_address(deputy_email)
    if address and address in person.addresses():
        said = "This is the address of whoever asks. Enter somebody who stands in for the manager, or leave it empty."
        raise Refused(said, code="own_deputy", field="deputy_email")
    if address and address == clean_address(manager_email):
        said = "This is the manager's own address. Enter somebody who stands in for them, or leave it empty."
        raise Refused(said, code="same_deputy", field="deputy_email")


def check_manager_of_colleague(person: Person, *, manager_email: str) -> None:
    """The same for whoever names the manager of a colleague who comes instead of them."""
    if not manager_email:
        raise Refused(
            f"This event needs the approval of the manager of {person.name}. Enter their manager's e-mail address.",
            code="no_manager",
            field="manager_email",
        )
    if clean_address(manager_email) in person.addresses():
        raise Refused(
            f"This is the address of {person.name}. Enter the address of their line manager.",
            code="own_address",
            field="manager_email",
        )


def check_can_correct_manager(booking: Booking, *, by: Person | None, at: datetime) -> None:
    """Raises Refused unless somebody may still be told of the booking as its manager. One who approves is asked anew instead.

    After the event the manager may hear of an absence: officers put the address right until then.
    """
    if not booking.is_live:
        raise Refused("This booking has ended: nobody is written to about it any more.", code="already_ended")
    if event_queries.ends_at(booking.event) <= at and not may_act_for_others(by, booking.event):
        raise Refused(
            f"This event is over, so it can’t be changed here any more. {write_to(booking.event)} if the wrong manager is named.",
            code="past",
        )
    if booking.status == BookingStatus.AWAITING_APPROVAL:
        raise Refused("This manager has to approve. Ask another one instead.", code="awaiting_approval")


def check_may_tell_another_manager(booking: Booking, *, manager_email: str, by: Person | None) -> None:
    """Raises Refused once managers enough have read of the booking, but for officers: nobody writes to any address they like."""
    if not manager_email or may_act_for_others(by, booking.event):
        return
    told = Message.objects.filter(about=booking.about, kind=MANAGER_BOOKED, state=MessageState.SENT)
    if told.count() >= MOST_MANAGERS_TOLD:
        raise Refused(
            f"{MOST_MANAGERS_TOLD} letters about this booking went to managers already. {write_to(booking.event)}, "
            "and they put it right.",
            code="told_often",
            field="manager_email",
        )


def check_may_ask_another_manager(request: ApprovalRequest, booking: Booking, *, by: Person | None) -> None:
    """The same for the question whether they approve: each new round writes to another address."""
    if request.round >= MOST_MANAGERS_ASKED and not may_act_for_others(by, booking.event):
        raise Refused(
            f"{MOST_MANAGERS_ASKED} managers were asked about this booking already. {write_to(booking.event)}, "
            "and they ask the right one.",
            code="asked_often",
            field="manager_email",
        )


def check_may_answer(booking: Booking, *, by: Person | None) -> None:
    """Raises Refused for whoever is signed in as the one who asks, officers too. Who opens a mailed link needs no account."""
    if by is not None and by.pk == booking.person_id:
        raise Refused("This is your own booking: your manager has to answer.", code="own_booking")


def check_is_open(request: ApprovalRequest, booking: Booking, *, at: datetime) -> None:
    """Raises Refused unless the question can still be answered."""
    if not request.is_open or booking.status != BookingStatus.AWAITING_APPROVAL:
        raise Refused(f"This request is not open any more{_how_it_ended(request)}. There is nothing left to do.", code="answered")
    check_has_not_started(booking.event, at=at)


def _how_it_ended(request: ApprovalRequest) -> str:
    if request.decided_at is None:
        return ""
    return f": {request.get_decision_display().lower()} on {wording.day(request.decided_at)}"
