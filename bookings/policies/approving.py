"""When a manager is asked, and who may answer."""

from __future__ import annotations

from datetime import datetime

from bookings.models import (
    ApprovalRequest,
    Booking,
    BookingStatus,
    BookingTerms,
    ManagerRole,
)
from bookings.policies.acting import leads_training_of
from bookings.policies.states import check_has_not_started
from core import wording
from core.refusals import Refused
from events.models import Event
from people.models import OrganisationState, Person
from people.wording import clean_address


def needs_approval(terms: BookingTerms, person: Person, *, by: Person | None, event: Event) -> bool:
    """Whether the manager is asked first.

    Foster carers, residents and volunteers have no manager to name. A training lead's booking is the agency's approval.
    """
    if terms.manager_role != ManagerRole.APPROVES or person.organisation_state == OrganisationState.NONE:
        return False
    return by is None or by.pk == person.pk or not leads_training_of(by, person, event)


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
