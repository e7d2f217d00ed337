"""Puts what messages.py writes into the outbox, and keeps track of what stands in people's calendars."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bookings.messages import CALENDAR_METHODS, Letter, approvals, calendar_entry, further_entry
from bookings.messages.letters import APPROVAL_ASKED, APPROVAL_REMINDER, MANAGER_MOVED
from bookings.models import Booking, BookingTerms, Hold, Invitation, ManagerRole
from bookings.queries import managers_to_tell_of_the_end
from core.clock import london_date
from events.models import Event, Session
from notifications import calendar
from notifications.models import Message
from notifications.operations import draft_message, withdraw, write_messages
from notifications.rendering import typed
from notifications.texts import PREFACE
from people.models import Partnership, Person


def invite(booking: Booking, letter: Letter, *, at: datetime) -> None:
    """A new holder of a place: one calendar entry for each session, and the letter with them."""
    write_messages(_invited(booking, letter, at=at))


def confirmed(booking: Booking, letter: Letter, *, terms: BookingTerms, at: datetime, asks_nobody: bool = False) -> None:
    """The same for a place that is sure now, and a word to the manager where the event's terms say so.

    ``asks_nobody``: the place came without the manager's approval, so one who approves elsewhere is told.
    """
    drafts = _invited(booking, letter, at=at)
    is_told = terms.manager_role == ManagerRole.TOLD or (asks_nobody and terms.manager_role == ManagerRole.APPROVES)
    if is_told and booking.manager_email:
        drafts += _for_manager(booking, approvals.manager_booked(booking), booking.manager_email, at=at)
    write_messages(drafts)


def ended(
    booking: Booking, letter: Letter, *, terms: BookingTerms | None, had_a_place: bool, at: datetime, was: str = ""
) -> None:
    """The booking is over: out of the calendar, and the manager who heard of it hears that it ended.

    A letter to the manager that has not left yet is withdrawn instead.
    """
    uninvite(booking, letter, at=at)
    if had_a_place and managers_to_tell_of_the_end([booking], terms):
        tell_manager(booking, approvals.manager_ended(booking, was=was), booking.manager_email, at=at)


def tell_manager(booking: Booking, letter: Letter, address: str, *, part: str = "", at: datetime) -> None:
    """Queue a letter for a manager or deputy, known by the address alone. ``part`` tells two of one kind and version apart."""
    tell_managers([(booking, letter, address, part)], at=at)


def tell_managers(letters: Iterable[tuple[Booking, Letter, str, str]], *, at: datetime) -> None:
    """The same for several, each with the address and the ``part``, in one statement."""
    write_messages([one for booking, letter, to, part in letters for one in _for_manager(booking, letter, to, part=part, at=at)])


def tell_lead(hold: Hold, letter: Letter, lead: Person, *, at: datetime) -> None:
    """Queue a letter about held places for somebody who leads the training of the agency."""
    messages_from, address = hold.event.messages_from, lead.main_address()
    if not address or (messages_from is not None and london_date(at) < messages_from):
        return
    draft = draft_message(
        partnership=hold.event.lead_host,
        kind=letter.kind,
        about=f"hold:{hold.pk}",
        dedupe_key=f"hold:{hold.pk}:{letter.kind}:{lead.pk}",
        to_address=address,
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
        person=lead,
        happened_on=london_date(at),
        at=at,
    )
    write_messages([draft])


def to_reader(letter: Letter, reader: Person, *, partnership: Partnership, about: str, key: str, at: datetime) -> Message | None:
    """A letter to somebody who agreed to hear of learning, with their ``address``, not written yet."""
    return draft_message(
        partnership=partnership,
        kind=letter.kind,
        about=about,
        dedupe_key=key,
        to_address=reader.address,  # type: ignore[attr-defined]
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
        person=reader,
        happened_on=london_date(at),
        at=at,
    )


def without_booking(letter: Letter, person: Person, *, event: Event, about: str, key: str, at: datetime) -> Message | None:
    """A letter about an event to somebody with no booking of it: its trainer, or who walked in. Not written yet."""
    return draft_message(
        partnership=event.lead_host,
        kind=letter.kind,
        about=about,
        dedupe_key=key,
        to_address=person.main_address(),
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
        person=person,
        happened_on=london_date(at),
        at=at,
    )


def forget(booking: Booking, *, at: datetime) -> None:
    """Withdraw what has not been sent yet about the booking: its reason has gone."""
    withdraw(about=booking.about, at=at)


def forget_questions(booking: Booking, *, at: datetime) -> None:
    """Withdraw what was to ask a manager who need not answer any more."""
    withdraw(about=booking.about, kinds=[APPROVAL_ASKED, APPROVAL_REMINDER, MANAGER_MOVED], at=at)


def update(booking: Booking, letter: Letter, *, at: datetime) -> None:
    """The event has changed: every entry of the booking rises, sessions that are new get one, and the letter goes with them."""
    present = {invitation.session_id: invitation for invitation in _in_the_calendar(booking)}
    invitations = []
    for session in booking.event.sessions.all():
        invitation = present.get(session.pk)
        if invitation is None:
            invitation = _new_invitation(booking, session)
            invitation.save(force_insert=True)
        else:
            invitation.session = session
            invitation.sequence += 1
            invitation.save(update_fields=["sequence"])
        invitations.append(invitation)
    tell(booking, letter, invitations, at=at)


def uninvite(booking: Booking, letter: Letter, *, at: datetime, sessions: Sequence[Session] | None = None) -> None:
    """The place is gone, or these sessions of it are: their entries leave the calendar, and the letter goes with them.

    What has not been sent yet about a place that is gone is withdrawn.
    """
    invitations = _in_the_calendar(booking)
    if sessions is None:
        withdraw(about=booking.about, at=at)
    else:
        invitations = [invitation for invitation in invitations if invitation.session in sessions]
        if not invitations:
            return
    for invitation in invitations:
        invitation.sequence += 1
        invitation.is_cancelled = True
        invitation.save(update_fields=["sequence", "is_cancelled"])
    tell(booking, letter, invitations, at=at)


def tell(booking: Booking, letter: Letter, invitations: Sequence[Invitation] = (), *, at: datetime) -> None:
    """Queue the letter for the person, with the calendar entry of the first session, and a short one with each further entry.

    Somebody without an address gets none: who booked for them has a copy of the letter, without the calendar.
    """
    write_messages(_for_person(booking, letter, invitations, at=at))


Drafts = list[Message | None]


def for_person_by_key(booking: Booking, letter: Letter, key: str, *, at: datetime) -> Drafts:
    """A letter without the calendar, under a key of the caller's: for the person or, where they have no address, who booked."""
    return [_with_key(draft, key) for draft in _for_person(booking, letter, (), at=at)]


def for_manager_by_key(booking: Booking, letter: Letter, key: str, *, at: datetime) -> Drafts:
    return [_with_key(draft, key) for draft in _for_manager(booking, letter, booking.manager_email, at=at)]


def _with_key(draft: Message | None, key: str) -> Message | None:
    if draft is not None:
        draft.dedupe_key = key
    return draft


def _invited(booking: Booking, letter: Letter, *, at: datetime) -> Drafts:
    invitations = [_new_invitation(booking, session) for session in booking.event.sessions.all()]
    return _for_person(booking, letter, Invitation.objects.bulk_create(invitations), at=at)


def _for_person(booking: Booking, letter: Letter, invitations: Sequence[Invitation], *, at: datetime) -> Drafts:
    if _speaks_of_the_past(booking, at=at):
        return []
    address = booking.person.main_address()
    if not address:
        return _for_the_booker(booking, letter, at=at)
    drafts = [_draft(booking, letter, booking.person, address, invitation=invitations[0] if invitations else None, at=at)]
    for invitation in invitations[1:]:
        entry = further_entry(booking, letter, invitation.session)
        drafts.append(_draft(booking, entry, booking.person, address, invitation=invitation, at=at))
    return drafts


def _for_manager(booking: Booking, letter: Letter, address: str, *, part: str = "", at: datetime) -> Drafts:
    if _speaks_of_the_past(booking, at=at):
        return []
    return [_draft(booking, letter, None, address, invitation=None, part=f":{part}" if part else "", at=at)]


def _speaks_of_the_past(booking: Booking, *, at: datetime) -> bool:
    messages_from = booking.event.messages_from
    return messages_from is not None and london_date(at) < messages_from


def _for_the_booker(booking: Booking, letter: Letter, *, at: datetime) -> Drafts:
    booker = booking.booked_by
    if booker is None or booker.pk == booking.person_id:
        return []
    name = typed(booking.person.name)
    preface = f"{name} has no e-mail address with us, so this comes to you, who booked. Pass it on."
    copy = replace(letter, text=f"{preface}\n\n{letter.text}", values=letter.values | {PREFACE: preface})
    return [_draft(booking, copy, booker, booker.main_address(), invitation=None, at=at)]


def _draft(
    booking: Booking,
    letter: Letter,
    person: Person | None,
    address: str,
    *,
    invitation: Invitation | None,
    part: str = "",
    at: datetime,
) -> Message | None:
    method, text = "", ""
    if invitation is not None:
        method, part = CALENDAR_METHODS[letter.kind], f":{invitation.uid}"
        entry = calendar_entry(booking, invitation, attendee_address=address, at=at)
        text = calendar.cancellation(entry) if method == "CANCEL" else calendar.invitation(entry)
    return draft_message(
        partnership=booking.event.lead_host,
        kind=letter.kind,
        about=booking.about,
        dedupe_key=f"{booking.about}:{letter.kind}:{letter.version}{part}",
        to_address=address,
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
        person=person,
        calendar=text,
        calendar_method=method,
        happened_on=london_date(at),
        at=at,
    )


def _in_the_calendar(booking: Booking) -> list[Invitation]:
    live = Invitation.objects.filter(booking=booking, is_cancelled=False)
    return list(live.select_related("session").order_by("session__number"))


def _new_invitation(booking: Booking, session: Session) -> Invitation:
    number = uuid.uuid4()
    return Invitation(pk=number, booking=booking, session=session, uid=f"{number}@turnout")
