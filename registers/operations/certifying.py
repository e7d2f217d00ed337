"""Certificates for those who attended, and the letters that say so."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import prefetch_related_objects

from bookings.operations.telling import Drafts, for_person_by_key, without_booking
from bookings.planned import message_key
from bookings.policies.planned import check_is_not_silent
from core import audit
from core.refusals import Refused
from events.models import Event
from notifications.operations import write_messages
from notifications.single import keep_held
from people.models import Person, addresses_at_hand
from records.models import Certificate, SourceKind
from records.operations import issue_certificates
from registers import messages
from registers.certificates import KIND, CertificatePlan, certificate_plan, certified_and_untold, uncertified
from registers.operations.attendance import lock_event
from registers.queries import earned_at, printed_of

AT_ONCE = 200  # of one event under its lock: the rest follow at the next tick


@transaction.atomic
def certify(*, event: Event, at: datetime, by: Person | None = None) -> int:
    """Issue certificates to those who attended in full and have none, and tell whoever was not told of theirs; how many letters.

    With ``by`` without waiting any longer, because an officer says so. All is read again under the lock that closing and
    reopening a register, correcting attendance and holding back take. Somebody without an address of their own gets no letter.

    Raises Refused to an officer: registers_open, silent, too_old, held_back, nobody.
    """
    plan = certificate_plan(lock_event(event))
    if by is None and (plan is None or not plan.is_due(at)):
        return 0
    if plan is None:
        raise Refused("Close every register of this event first: only then is it known who attended.", code="registers_open")
    if by is not None:
        _check_can_give_now(plan, at=at)
    limit = AT_ONCE if by is None else None
    issued, written = _issue(plan, limit=limit, by=by, at=at), _write(plan, limit=limit, at=at)
    if by is not None:
        if not issued and not written:
            raise Refused("Nobody is left to write to: whoever attended has a certificate and the letter.", code="nobody")
        changes = {"certificates": [0, issued], "written_to": [0, written]}
        audit.record(action="certificates given at once", about=event, by=by, at=at, changes=changes)
    return written


def _check_can_give_now(plan: CertificatePlan, *, at: datetime) -> None:
    check_is_not_silent(plan.event, at=at)
    if plan.is_too_old(at):
        raise Refused(
            "This is too long ago, or was before the partnership wrote to anybody: nobody is certified for it any more.",
            code="too_old",
        )
    if plan.is_held_back:
        raise Refused("This is held back. Allow it to leave first.", code="held_back")


def _issue(plan: CertificatePlan, *, limit: int | None, by: Person | None, at: datetime) -> int:
    earned = printed_of(plan.event, earned_at(plan.event, uncertified(plan.event, at)[:limit]))
    return issue_certificates(
        source_kind=SourceKind.ATTENDANCE, source=plan.event, partnership=plan.event.lead_host, earned=earned, by=by, at=at
    )


def _write(plan: CertificatePlan, *, limit: int | None, at: datetime) -> int:
    event = plan.event
    booked, walked_in = certified_and_untold(event)
    bookings = list(booked.to_write_to()[:limit])
    left = None if limit is None else limit - len(bookings)
    walk_ins = list(walked_in.select_related("person").prefetch_related(addresses_at_hand("person__"))[:left])
    people = [*(one.person_id for one in bookings), *(one.person_id for one in walk_ins)]
    held = Certificate.objects.standing().filter(source_uuid=event.pk, person__in=people)
    certificates: dict[UUID, Certificate] = {one.person_id: one for one in held}
    prefetch_related_objects([event], "sessions")
    drafts: Drafts = []
    for booking in bookings:
        booking.event = event
        letter = messages.certificate_ready(event, booking.person, certificates[booking.person_id], note=plan.note)
        drafts += for_person_by_key(booking, letter, message_key(booking.pk, KIND, event.starts_on), at=at)
    for walk_in in walk_ins:
        letter = messages.certificate_ready(event, walk_in.person, certificates[walk_in.person_id], note=plan.note)
        key = message_key(walk_in.pk, KIND, event.starts_on)
        drafts.append(without_booking(letter, walk_in.person, event=event, about=f"event:{event.pk}", key=key, at=at))
    keep_held(drafts)
    write_messages(drafts)
    return len(drafts)
