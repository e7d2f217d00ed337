"""How the planned letters stand that were written about an event: sent, waiting, failed, or paused because an address bounced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from bookings.models import Booking, PlannedKind
from bookings.planned import about_session, message_key
from core import wording
from events.models import Event
from notifications.models import CAME_BACK_SINCE, Message, MessageState

SENT, CAME_BACK, WAITING, FAILED, PAUSED, HELD = "sent", "came_back", "waiting", "failed", "paused", "held"
WORDS = {
    SENT: ("has it", "have it"),
    CAME_BACK: ("came back", "came back"),
    WAITING: ("waits to be sent", "wait to be sent"),
    PAUSED: ("is paused, because messages to the address come back", "are paused, because messages to the addresses come back"),
    HELD: ("is held back", "are held back"),
    FAILED: ("could not be sent", "could not be sent"),
}
IS_BACK = ExpressionWrapper(CAME_BACK_SINCE, output_field=BooleanField())


@dataclass
class Written:
    """To how many people one kind was written, by what became of it."""

    sent: int = 0
    came_back: int = 0
    waiting: int = 0
    paused: int = 0
    held: int = 0
    failed: int = 0

    def __bool__(self) -> bool:
        return bool(self.total)

    @property
    def total(self) -> int:
        return self.sent + self.came_back + self.waiting + self.paused + self.held + self.failed

    @property
    def words(self) -> list[str]:
        """A line for each that there is."""
        counted = [(getattr(self, how), one_and_many) for how, one_and_many in WORDS.items()]
        return [f"{number:,} {one_and_many[number != 1]}" for number, one_and_many in counted if number]

    @property
    def trouble(self) -> str:
        """What keeps somebody from having it, the worst first; empty where everybody has it."""
        if self.failed:
            return f"{self.failed:,} could not be sent"
        if self.came_back:
            return f"{self.came_back:,} came back"
        if self.paused:
            return f"{wording.count(self.paused, 'address', 'addresses')} bounced"
        if self.held:
            return f"{self.held:,} held back"
        return f"{self.waiting:,} on the way" if self.waiting else ""


def written_of(event: Event) -> dict[str, Written]:
    """Each kind that was written for the days that the event has now. Two queries."""
    bookings = [f"booking:{pk}" for pk in Booking.objects.filter(event=event).values_list("pk", flat=True)]
    about = [*bookings, *(about_session(session.pk) for session in event.sessions.all()), f"event:{event.pk}"]
    of_now = Q(kind=PlannedKind.REGISTER) | Q(dedupe_key__endswith=f":{event.starts_on}")
    found = Message.objects.filter(of_now, about__in=about, kind__in=PlannedKind.values, person__isnull=False)
    there = found.exclude(state=MessageState.WITHDRAWN).with_pause().annotate(is_back=IS_BACK).order_by()
    by = ("kind", "state", "is_paused", "is_back", "held_at")
    counted = there.values_list(*by).annotate(Count("pk"), Count("person", distinct=True))
    written: dict[str, Written] = {}
    for kind, state, is_paused, is_back, held_at, letters, people in counted:
        how = CAME_BACK if is_back else state
        if state == MessageState.WAITING:
            how = HELD if held_at else PAUSED if is_paused else WAITING
        one = written.setdefault(kind, Written())
        setattr(one, how, getattr(one, how) + (people if kind == PlannedKind.REGISTER else letters))
    return written


def put_letters(event: Event, kind: str, bookings: Iterable[Booking]) -> None:
    """Give each booking the ``letter`` of this kind that was written about it, or None. One query."""
    bookings = list(bookings)
    keys = {message_key(booking.pk, kind, event.starts_on): booking for booking in bookings}
    found = Message.objects.filter(dedupe_key__in=keys).with_pause()
    letters = {message.dedupe_key: message for message in found}
    for key, booking in keys.items():
        booking.letter = letters.get(key)  # type: ignore[attr-defined]


def letters_to_trainers(event: Event) -> dict[UUID, Message]:
    """The newest message about the event's registers to each trainer, by their id. One query."""
    about = [about_session(session.pk) for session in event.sessions.all()]
    found = Message.objects.filter(about__in=about, kind=PlannedKind.REGISTER, person__isnull=False)
    there = found.exclude(state=MessageState.WITHDRAWN).with_pause()
    return {message.person_id: message for message in there.order_by("created_at", "pk") if message.person_id}
