"""Who will be told what: a change is made, its letters are read, and all of it is taken back.

So the page says exactly what the operation would do: to whom a place of a raised limit goes, whose request is confirmed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bookings import messages
from bookings.conditions import Checker
from bookings.demand import sessions_told_of
from bookings.messages import approvals
from bookings.messages import trainers as to_trainers
from bookings.messages.demand import session_declined
from bookings.messages.letters import EVENT_CHANGES, FURTHER_ENTRY, MANAGER_MOVED
from bookings.models import Booking, BookingStatus, BookingTerms, about_booking
from bookings.queries import managers_to_tell_of_the_end
from bookings.sectors import about as about_event
from bookings.teaching import trainers_to_tell
from core import wording
from events.models import Event
from notifications.bounces import bounced_among
from notifications.models import Message
from notifications.own_texts import put_into
from notifications.rendering import shown_text
from people.models import Partnership, Person


@dataclass(frozen=True)
class Told:
    """Some people who get the same letter, and the letter as the first of them gets it.

    ``messages`` are written to them: more than they are, where each session has its calendar entry; counted by
    what_would_be_told alone. ``paused`` of the messages wait, because messages to the address come back.
    """

    who: str
    count: int
    kind: str
    subject: str
    text: str
    messages: int = 0
    paused: int = 0

    @property
    def people(self) -> str:
        return wording.count(self.count, *WHO[self.who])


class Tells:
    """A change that tells people of it."""

    told: list[Told]

    @property
    def messages(self) -> int:
        return sum(told.messages for told in self.told)

    @property
    def paused(self) -> int:
        return sum(told.paused for told in self.told)


WHO = {
    "place": ("person with a place", "people with a place"),
    "asked": ("person whose manager is asked", "people whose managers are asked"),
    "waiting": ("person waiting", "people waiting"),
    "ended": ("person whose booking ends", "people whose bookings end"),
    "manager": ("line manager", "line managers"),
    "manager_asked": ("line manager who is asked", "line managers who are asked"),
    "manager_otherwise": ("line manager of somebody without a sure place", "line managers of people without a sure place"),
    "trainer": ("trainer", "trainers"),
    "session": ("person who asked for it", "people who asked for it"),
}


def what_would_be_told(events: Sequence[Event], change: Callable[[], object]) -> list[Told]:
    """The letters that ``change`` would write about these events and their bookings; none of it stays.

    To trainers and whoever asked for the session too. Raises what ``change`` raises.
    """
    with transaction.atomic():
        about = {about_booking(pk): pk for pk in Booking.objects.filter(event__in=events).values_list("pk", flat=True)}
        others = {about_event(event): "trainer" for event in events}
        others |= {request.about: "session" for request in sessions_told_of(events)}
        ours = Message.objects.filter(about__in=[*about, *others])
        known = set(ours.values_list("pk", flat=True))
        before = Booking.objects.in_bulk(about.values())
        change()
        written = list(ours.exclude(pk__in=known))
        put_into(written)
        after = Booking.objects.in_bulk(about.values())
        transaction.set_rollback(True)
    # What changed about the event is told first: to each as they stood then, before a raised limit gave them a place.
    who = {}
    for message in written:
        if message.about in others:
            who[message.pk] = others[message.about]
        elif message.person_id is None:
            who[message.pk] = _which_manager(message.kind, before[about[message.about]])
        else:
            stood = before if message.kind in EVENT_CHANGES else after
            who[message.pk] = _who(stood[about[message.about]])
    return list(_gathered(written, who))


def told_of_cancelling(event: Event, *, reason: str, by: Person, at: datetime) -> list[Told]:
    """The same for calling the event off, without a change: each who is booked gets one letter of two kinds."""
    event.cancelled_reason = reason
    live = list(Booking.objects.live().filter(event=event).to_write_to().order_by("booked_at", "pk"))
    terms = BookingTerms.objects.filter(event=event).first()
    told = []
    for who in WHO:
        bookings = [booking for booking in live if _who(booking) == who]
        for first in bookings[:1]:
            first.event = event
            letter = messages.event_cancelled(first, was=first.status)
            told.append(_as_shown(event, who, [one.person.main_address() for one in bookings], letter))
    hear = managers_to_tell_of_the_end([b for b in live if b.has_a_place], terms)
    managers = [b for b in live if b.pk in hear]
    asked = [b for b in managers if b.status == BookingStatus.AWAITING_APPROVAL]  # they read that there is nothing to approve
    for theirs in (asked, [b for b in managers if b not in asked]):
        for first in theirs[:1]:
            was, first.event, first.status = first.status, event, BookingStatus.CANCELLED
            addresses = [one.manager_email for one in theirs]
            told.append(_as_shown(event, "manager", addresses, approvals.manager_ended(first, was=was)))
    trainers = [one for one in trainers_to_tell(event, by=by, at=at) if one.main_address()] if event.changed_at else []
    if trainers:
        addresses = [one.main_address() for one in trainers]
        told.append(_as_shown(event, "trainer", addresses, to_trainers.cancelled(event, trainers[0])))
    askers = {one.asked_by_id: one for one in sessions_told_of([event]) if one.asked_by.main_address()}
    for request in list(askers.values())[:1]:
        request.answer = reason
        addresses = [one.asked_by.main_address() for one in askers.values()]
        told.append(_as_shown(event, "session", addresses, session_declined(request, called_off=event)))
    return told


def _as_shown(event: Event, who: str, addresses: Sequence[str], letter: messages.Letter) -> Told:
    unsent = unsent_message(event.lead_host, letter)
    bounced = {one.address for one in bounced_among(addresses)}
    shown = (messages.KINDS[letter.kind], unsent.subject, shown_text(unsent))
    return Told(who, len(addresses), *shown, paused=sum(one in bounced for one in addresses))


def unsent_message(partnership: Partnership, letter: messages.Letter) -> Message:
    """What the letter would say if it left now, in the partnership's own words where it has them. One query."""
    message = Message(
        partnership=partnership,
        kind=letter.kind,
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
    )
    put_into([message])
    return message


def _gathered(written: Iterable[Message], who_of: dict[UUID, str]) -> Iterable[Told]:
    """By who they are and what it is. A letter that only carries one more calendar entry belongs to the one that says all."""
    written = list(written)
    bounced = {one.address for one in bounced_among({message.to_address for message in written})}
    groups: dict[tuple[str, str], dict[tuple[str, str], Message]] = {}
    leave: Counter[tuple[str, str]] = Counter()
    paused: Counter[tuple[str, str]] = Counter()
    for message in written:
        which = (who_of[message.pk], message.kind)
        group = groups.setdefault(which, {})
        leave[which] += 1
        paused[which] += message.to_address in bounced
        recipient = (message.about, message.to_address)
        if recipient not in group or group[recipient].text_kind == FURTHER_ENTRY:
            group[recipient] = message
    for (who, kind), group in sorted(groups.items(), key=lambda one: (list(WHO).index(one[0][0]), one[0][1])):
        first = min(group.values(), key=lambda message: message.to_address)
        shown = (messages.KINDS.get(kind, kind), first.subject, shown_text(first))
        yield Told(who, len(group), *shown, messages=leave[who, kind], paused=paused[who, kind])


def _which_manager(kind: str, booking: Booking) -> str:
    """Of a move each reads something else, by how the booking stands."""
    if kind != MANAGER_MOVED or booking.status == BookingStatus.CONFIRMED:
        return "manager"
    return "manager_asked" if booking.status == BookingStatus.AWAITING_APPROVAL else "manager_otherwise"


def _who(booking: Booking) -> str:
    if booking.status == BookingStatus.WAITING:
        return "waiting"
    if booking.status == BookingStatus.AWAITING_APPROVAL:
        return "asked"
    return "place" if booking.has_a_place else "ended"


def unmet_after(events: Sequence[Event], change: Callable[[], object]) -> dict[str, int]:
    """How many of those booked at these events would not meet a condition that ``change`` adds, by the condition's words.

    Nothing of it stays. Raises what ``change`` raises.
    """
    with transaction.atomic():
        before = _unmet(events)
        change()
        after = _unmet(events)
        transaction.set_rollback(True)
    return {words: count for words, count in after.items() if count and words not in before}


def _unmet(events: Sequence[Event]) -> dict[str, int]:
    """Every condition of these events with the number of people who have a live booking and don't meet it."""
    people: dict[UUID, list[Person]] = {event.pk: [] for event in events}
    for booking in Booking.objects.live().filter(event__in=people).select_related("person"):
        people[booking.event_id].append(booking.person)
    counts: Counter[str] = Counter()
    for event in events:
        counts.update(Checker(event, people[event.pk]).unmet())
    return dict(counts)
