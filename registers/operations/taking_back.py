"""What no longer holds once a register says something else: letters that wait, and certificates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from bookings.models import Booking, PlannedKind
from bookings.operations.planned import take_back
from bookings.planned import message_key
from core.ids import ids_in
from events.models import Event
from notifications.keys import free_keys_of_sent, withdraw_and_free_key
from notifications.models import Message
from records.models import Certificate, Earned, SourceKind
from records.operations import issue_certificates, withdraw_certificates
from registers.models import Attendance, Outcome, WalkIn
from registers.queries import printed_of

TELLS_OF = {PlannedKind.ABSENCE: Outcome.DID_NOT_ATTEND, PlannedKind.CERTIFICATE: Outcome.ATTENDED}
NOT_THERE = "The register was corrected, and no longer shows that all of it was attended."
OTHER_DAY = "The day of the event was corrected."


def take_back_letters(event: Event, *, at: datetime) -> int:
    """Letters that wait in the outbox and tell people what the register as it is now does not say; how many messages.

    While a register is open it says nothing.
    """
    taken = 0
    for kind, outcome in TELLS_OF.items():
        told = Attendance.objects.filter(event=event, outcome=outcome).values("person_id")
        waiting = Message.objects.unsent().filter(kind=kind)
        ids = ids_in(about.partition(":")[2] for about in waiting.values_list("about", flat=True))
        if ids:
            taken += take_back(Booking.objects.filter(pk__in=ids, event=event).exclude(person__in=told), kinds=[kind], at=at)
            taken += withdraw_and_free_key(waiting.filter(about=f"event:{event.pk}").exclude(person__in=told))  # of walk-ins
    return taken


def take_back_certificates(event: Event, earned: Sequence[Earned], *, at: datetime) -> int:
    """Withdraw the certificates of whoever by the closed registers did not attend in full; how many.

    While a register is open nothing is known, so all of them stand: they would have to be issued anew, with other codes than
    those that people have printed, because one name was corrected. Where the event's day was corrected, another takes its place
    at once. Called once all are closed, under the event's lock, with what the attendance of now earns.
    """
    standing = Certificate.objects.standing().filter(source_uuid=event.pk)
    held = dict(standing.values_list("person_id", "awarded_on"))
    days = {row.person_id: row.earned_on for row in earned}
    lost = held.keys() - days.keys()
    moved = {person_id for person_id, day in held.items() if days.get(person_id, day) != day}
    if lost:
        withdraw_certificates(source=event, people=lost, reason=NOT_THERE, by=None, at=at)
        tell_anew(event, lost, at=at)
    if moved:
        withdraw_certificates(source=event, people=moved, reason=OTHER_DAY, by=None, at=at)
        tell_anew(event, moved, at=at)
        again = printed_of(event, [row for row in earned if row.person_id in moved])
        issue_certificates(
            source_kind=SourceKind.ATTENDANCE, source=event, partnership=event.lead_host, earned=again, by=None, at=at
        )
    return len(lost) + len(moved)


def tell_anew(event: Event, people: Collection[UUID], *, at: datetime) -> None:
    """Letters that wait do not leave, and those that have left do not stand in the way of one about a new certificate."""
    bookings = list(Booking.objects.filter(event=event, person__in=people))
    take_back(bookings, kinds=[PlannedKind.CERTIFICATE], at=at)
    of_walk_ins = Message.objects.unsent().filter(kind=PlannedKind.CERTIFICATE, about=f"event:{event.pk}", person__in=people)
    withdraw_and_free_key(of_walk_ins)
    walk_ins = WalkIn.objects.filter(event=event, person__in=people).values_list("pk", flat=True)
    rows = [*(booking.pk for booking in bookings), *walk_ins]
    free_keys_of_sent([message_key(pk, PlannedKind.CERTIFICATE, event.starts_on) for pk in rows])
