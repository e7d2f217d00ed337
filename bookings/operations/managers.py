"""Managers who are told: of a move, and at the right address. One who approves is asked anew: approvals.ask_somebody_else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from bookings import policies
from bookings.messages import approvals as letters
from bookings.messages.letters import MANAGER_BOOKED, MANAGER_MOVED
from bookings.models import ApprovalRequest, Booking, BookingStatus, BookingTerms, ManagerRole, PlannedKind
from bookings.operations import lock, telling
from bookings.operations.history import note
from bookings.planned import MANAGERS
from bookings.queries import managers_to_tell_of_a_move
from events.queries import ends_at
from notifications.operations import withdraw, withdraw_to_write_again, write_to_another
from people.models import Person


def tell_managers_of_the_move(bookings: Iterable[Booking], terms: BookingTerms | None, *, at: datetime) -> None:
    """The event has other times: managers with a letter that says the old ones read the new ones. The deputy who was asked too.

    What waits and says the times before leaves no more. The bookings know their event as it is now.
    """
    found = list(bookings)
    hear = managers_to_tell_of_a_move(found, terms)
    asked = ApprovalRequest.objects.filter(booking__in=[one.pk for one in found], decision="", reminded_at__isnull=False)
    deputies = dict(asked.exclude(deputy_email="").values_list("booking_id", "deputy_email"))
    told = [(one, one.manager_email, "") for one in found if one.pk in hear]
    told += [(one, deputies[one.pk], "deputy") for one in found if one.pk in deputies]
    withdraw_to_write_again(about=[one.about for one in found], kinds=[MANAGER_MOVED], at=at)
    telling.tell_managers([(one, letters.manager_moved(one), address, part) for one, address, part in told], at=at)


@transaction.atomic
def correct_manager(*, booking: Booking, manager_email: str, by: Person | None, at: datetime) -> Booking:
    """Write down who the manager of this booking is. Who has been told of it at the wrong address is told at the right one,
    where copies of letters that have not left go too.

    Empty: nobody. The person's profile stays as it is. Raises Refused: not_allowed, already_ended,
    past, awaiting_approval, own_address, told_often.
    """
    terms, event = lock.lock_bookable(booking.event_id), lock.read_event(booking.event_id)
    lock.lock_event(event.pk)  # letters about an absence are written under it
    booking = lock.read_booking(booking.pk, event)
    policies.check_may_act_on(booking, by=by)
    manager = manager_email.strip().lower()
    policies.check_can_correct_manager(booking, by=by, at=at)
    policies.check_manager(booking.person, manager_email=manager, is_needed=False)
    if manager == booking.manager_email:
        return booking
    policies.check_may_tell_another_manager(booking, manager_email=manager, by=by)
    booking.manager_email = manager
    booking.save(update_fields=["manager_email"])
    note(booking, action="manager corrected", by=by, at=at, reason="The manager’s address was corrected.")
    withdraw(about=booking.about, kinds=[MANAGER_BOOKED, MANAGER_MOVED], at=at)
    is_told = booking.status == BookingStatus.CONFIRMED and terms.manager_role != ManagerRole.NOBODY
    if is_told and manager and at < ends_at(event):
        part = f"corrected-{booking.changes.count()}"
        telling.tell_manager(booking, letters.manager_booked(booking), manager, part=part, at=at)
    write_to_another(about=booking.about, kinds=PlannedKind.values, key_ends=MANAGERS, to_address=manager, at=at)
    return booking
