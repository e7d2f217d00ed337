"""The letters before an event as one person gets them: which have left, which are planned and when, and what keeps one back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from bookings.models import BEFORE, Booking, BookingStatus, PlannedKind
from bookings.planned import REMINDERS, Plan, message_key, plans_of, recipients
from core import wording
from events.models import EventStatus
from events.queries import starts_at
from notifications.models import BouncedAddress, Message
from office.planned import silence
from office.planned_row import BEGUN, LATE, MISSING, NONE, STATES, TOLD
from people.models import Partnership

ALL_HELD = "Held back from everybody"
ONE_HELD = "Held back from this person"
NO_PLACE = "Once the place is confirmed"
GONE_BY = "Its day has gone by"
TOO_LATE = "Not sent to who gets a place as late as now"
NO_ADDRESS = "No address"
BOUNCED = "Paused: the address bounced"
KNOWS = "Not sent: the place was confirmed so shortly before"


@dataclass(frozen=True)
class ComingLetter:
    """One kind of letter about one booking. ``letter`` is the message once it is written.

    ``state`` says how it stands until then. ``when``: the day and hour in words, or that there is none.
    """

    booking: Booking
    kind: str
    when: str
    state: str
    colour: str
    letter: Message | None

    @property
    def label(self) -> str:
        return str(PlannedKind(self.kind).label)


def letters_to_come(
    bookings: Iterable[Booking], partnership: Partnership, bounced: Collection[BouncedAddress], *, at: datetime
) -> list[ComingLetter]:
    """What reaches one person before the published events that the partnership leads, the next event first.

    ``bookings`` are of one person and know their event with its lead host and sessions; ``bounced``: those of the person's
    addresses that messages come back from. Six queries, however many bookings, and one more where an address bounced.
    """
    ours = [one for one in bookings if one.is_live and one.event.lead_host_id == partnership.pk]
    coming = {one.event_id: one for one in ours if one.event.status == EventStatus.PUBLISHED and at < starts_at(one.event)}
    plans = plans_of([one.event for one in coming.values()])
    if not plans:
        return []
    written = _written(coming.values())
    who = {kind: _confirmed(kind, coming.values()) for kind in BEFORE}
    is_bounced = bool(bounced) and ours[0].person.main_address().lower() in {one.address for one in bounced}
    rows = []
    for plan in sorted(plans, key=lambda plan: (starts_at(plan.event), plan.event.pk, plan.leaves_at or plan.until)):
        booking = coming[plan.event.pk]
        letter = written.get(message_key(booking.pk, plan.kind, plan.event.starts_on))
        rows.append(_row(plan, booking, who[PlannedKind(plan.kind)].get(booking.pk), letter, is_bounced, at=at))
    return rows


def _written(bookings: Iterable[Booking]) -> dict[str, Message]:
    keys = [message_key(one.pk, kind, one.event.starts_on) for one in bookings for kind in BEFORE]
    found = Message.objects.filter(dedupe_key__in=keys).with_pause()
    return {message.dedupe_key: message for message in found.defer("text", "calendar", "links", "values")}


def _confirmed(kind: str, bookings: Iterable[Booking]) -> dict[object, Booking]:
    """Those with a place, as ``recipients`` knows them."""
    bookings = list(bookings)
    return {one.pk: one for one in recipients(kind, [one.event for one in bookings]).filter(pk__in=[one.pk for one in bookings])}


def _row(
    plan: Plan, booking: Booking, confirmed: Booking | None, letter: Message | None, is_bounced: bool, *, at: datetime
) -> ComingLetter:
    state, colour = _state(plan, booking, confirmed, is_bounced, at=at)
    return ComingLetter(booking, plan.kind, _when(plan, letter, state, at=at), state, colour, letter)


def _state(plan: Plan, booking: Booking, confirmed: Booking | None, is_bounced: bool, *, at: datetime) -> tuple[str, str]:
    if plan.leaves_at is None:
        return STATES[NONE], "grey"
    if plan.is_held_back:
        return ALL_HELD, "yellow"
    if booking.status != BookingStatus.CONFIRMED or confirmed is None:
        if _has_gone_by(plan, at=at):
            return GONE_BY, "grey"
        return TOO_LATE if plan.kind in REMINDERS and at > plan.told_before else NO_PLACE, "grey"
    if confirmed.is_held:  # type: ignore[attr-defined]
        return ONE_HELD, "yellow"
    if plan.leaves_at >= starts_at(plan.event):
        return STATES[BEGUN], "red"
    if at >= plan.until:
        return STATES[LATE], "grey"
    if plan.kind in REMINDERS and confirmed.confirmed_at > plan.told_before:  # type: ignore[attr-defined]
        return KNOWS, "grey"
    if plan.was_just_told():
        return STATES[TOLD], "grey"
    if silent := silence(plan.event, max(at, plan.leaves_at)):
        return f"Nothing is sent {silent}", "grey"
    if not confirmed.can_be_reached:  # type: ignore[attr-defined]
        return NO_ADDRESS, "red"
    if is_bounced:
        return BOUNCED, "red"
    if plan.waits_for:
        return f"Waits: {MISSING[plan.waits_for]}", "red"
    return "Planned", "blue"


def _has_gone_by(plan: Plan, *, at: datetime) -> bool:
    """Whoever gets a place by now has this letter no more: joining instructions still reach them, a reminder does not."""
    assert plan.leaves_at is not None  # noqa: S101 - only asked of what leaves; tells the type checker
    return at >= plan.until or (plan.kind in REMINDERS and at >= plan.leaves_at)


def _when(plan: Plan, letter: Message | None, state: str, *, at: datetime) -> str:
    if letter is not None:
        return _moment(letter.sent_at or letter.due_at)
    if plan.leaves_at is None:
        return "Never"
    if plan.leaves_at <= at and state == "Planned":
        return "Now"
    if plan.leaves_at <= at and state == NO_PLACE:
        if plan.waits_for:
            return f"After that, once you {MISSING[plan.waits_for]}"
        silent = silence(plan.event, at)
        return f"After that, but nothing {silent}" if silent else "Straight after that"
    return _moment(plan.leaves_at)


def _moment(at: datetime) -> str:
    return f"{wording.day(at)}, {wording.clock(at)}"
