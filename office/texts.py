"""What officers see of the texts of messages: which there are, whose words they are in, and one as a person reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bookings.messages import KINDS, Letter, letters, places, planned
from bookings.messages.letters import about, of
from bookings.messages.texts import TEXTS as ABOUT_BOOKINGS
from bookings.models import Booking, MessageSettings, PlannedKind
from core import wording
from core.ids import ids_in
from core.models import AuditEntry
from feedback.messages import TEXTS as ABOUT_EVALUATIONS
from notifications.models import Message, OwnText
from notifications.own_texts import in_words
from notifications.rendering import shown_text, typed
from notifications.texts import Standard, fill, fill_subject
from people.models import Partnership, Person
from registers.messages import TEXTS as ABOUT_REGISTERS
from registers.messages import did_not_attend

TEXTS: dict[str, Standard] = ABOUT_BOOKINGS | ABOUT_REGISTERS | ABOUT_EVALUATIONS
# The letters that need to know nothing but the booking.
FROM_A_BOOKING: dict[str, Callable[[Booking], Letter]] = {
    letters.CONFIRMED: places.confirmed,
    letters.PROMOTED: places.promoted,
    letters.NOT_PLACED: places.not_placed,
    letters.REQUEST_LAPSED: places.request_lapsed,
    letters.RESCHEDULED: places.rescheduled,
    letters.CHANGED: places.changed,
    letters.FIRST_REMINDER: planned.first_reminder,
    letters.JOINING_INSTRUCTIONS: planned.joining_instructions,
    letters.LAST_REMINDER: planned.last_reminder,
    letters.DID_NOT_ATTEND: did_not_attend,
}
BEFORE_IT = "{days} before the event, as your settings say."
DAYS_ARE_SET = {
    PlannedKind.FIRST_REMINDER: BEFORE_IT,
    PlannedKind.JOINING: f"{BEFORE_IT} It waits while the link or the room is missing.",
    PlannedKind.LAST_REMINDER: BEFORE_IT,
    PlannedKind.REGISTER: "{working} after a session whose register nobody has closed, as your settings say.",
    PlannedKind.ABSENCE: "{working} after the last register was closed, as your settings say, or when you release it.",
    PlannedKind.CERTIFICATE: "{working} after the last register was closed, as your settings say.",
    PlannedKind.EVALUATION: "When the event has ended.",
    PlannedKind.EVALUATION_REMINDER: "{days} after the event, while the form is open, as your settings say. Nobody knows who has "
    "answered, so it goes to all who were asked.",
    PlannedKind.FOLLOW_UP: "{days} after the event, to whoever was there, as your settings say.",
}
NOT_SENT = {PlannedKind.ABSENCE: "When you release it.", PlannedKind.CERTIFICATE: "Not sent: your settings give no certificates."}
AT_ONCE = {PlannedKind.CERTIFICATE: "As soon as the last register is closed, as your settings say."}
NOT_SENT_AT_ALL = "Not sent, as your settings say."
REFRESHER_IS_SET = (
    "{weeks} before the day by which they are to refresh it, as your settings say, unless they have booked a date. "
    "Once for what they learned."
)
LATEST = 8
STEPS = 20
EXAMPLE = "example"


@dataclass(frozen=True)
class Row:
    standard: Standard
    label: str
    own: OwnText | None
    leaves: str


@dataclass(frozen=True)
class Preview:
    subject: str
    text: str


def label_of(standard: Standard) -> str:
    return KINDS[standard.kind]


def texts_by_recipient(partnership: Partnership) -> dict[str, list[Row]]:
    """Every text under whoever gets it. Two queries."""
    found = OwnText.objects.filter(partnership=partnership).select_related("changed_by")
    own = {one.kind: one for one in found}
    groups: dict[str, list[Row]] = {}
    settings = MessageSettings.of(partnership)
    for standard in TEXTS.values():
        row = Row(standard, label_of(standard), own.get(standard.kind), leaves(standard, settings))
        groups.setdefault(standard.to, []).append(row)
    return groups


def leaves(standard: Standard, settings: MessageSettings) -> str:
    """When such a message leaves: what the text says of it or, where the partnership sets the day, that day."""
    if standard.kind == letters.REFRESHER_DUE:
        weeks = settings.refresher_weeks
        return NOT_SENT_AT_ALL if weeks is None else REFRESHER_IS_SET.format(weeks=wording.count(weeks, "week"))
    if standard.kind not in DAYS_ARE_SET:
        return standard.when
    kind = PlannedKind(standard.kind)
    days = settings.days(kind)
    if days is None:
        return NOT_SENT.get(kind, NOT_SENT_AT_ALL)
    if days == 0 and kind in AT_ONCE:
        return AT_ONCE[kind]
    return DAYS_ARE_SET[kind].format(days=wording.count(days, "day"), working=wording.count(days, "working day"))


def placeholders_of(standard: Standard) -> list[dict[str, Any]]:
    """What may stand in the text, as its page lists it: links last."""
    examples = standard.examples()
    values: list[dict[str, Any]] = [
        {"name": name, "says": value.says, "example": examples[name], "in_subject": value.in_subject}
        for name, value in sorted(standard.values.items())
    ]
    links = [{"name": f"link:{name}", "says": f"Link: {leads_to}", "example": ""} for name, leads_to in standard.links.items()]
    return [one | {"is_required": one["name"] in standard.required} for one in values + links]


def previewed_as(partnership: Partnership, standard: Standard) -> list[tuple[str, str]]:
    """What the text can be read with: the latest messages of the kind, bookings where it was never sent, and examples."""
    sent = Message.objects.filter(partnership=partnership, text_kind=standard.kind).select_related("person")
    found = [(f"message-{one.pk}", _of_message(one)) for one in sent.order_by("-created_at", "-pk")[:LATEST]]
    if not found and {"event", "where"} <= standard.values.keys():
        found = [(f"booking-{one.pk}", f"{one.person.name}, {one.event.title}") for one in _bookings(partnership)[:LATEST]]
    return [*found, (EXAMPLE, "Examples")]


def _of_message(message: Message) -> str:
    who = message.person.name if message.person else message.to_address
    return ", ".join(part for part in (who, message.values.get("event", "")) if part)


def _bookings(partnership: Partnership) -> Any:
    ours = Booking.objects.filter(event__lead_host=partnership).order_by("-booked_at", "pk")
    related = "person", "booked_by", "event__lead_host", "event__venue", "event__course"
    return ours.select_related(*related).prefetch_related("event__sessions")


def preview(partnership: Partnership, standard: Standard, *, subject: str, body: str, seen_as: str) -> Preview:
    """A text that was checked, as the chosen person reads it. Links that let somebody act are left out."""
    what, _, number = seen_as.partition("-")
    if what == "message":
        message = Message.objects.filter(partnership=partnership, text_kind=standard.kind, pk__in=ids_in([number])).first()
        if message is not None and standard.values.keys() <= message.values.keys():
            shown = Message(text=fill(body, message.values, message.links), links=message.links)
            return Preview(fill_subject(subject, message.values), shown_text(shown))
    real = of(partnership)
    if what == "booking" and (booking := _bookings(partnership).filter(pk__in=ids_in([number])).first()):
        real |= _values_of(standard, booking)
    values = standard.examples(real)
    return Preview(fill_subject(subject, values), in_words(fill(body, values, standard.links), standard.links))


def _values_of(standard: Standard, booking: Booking) -> dict[str, str]:
    """All that such a letter about the booking would say, or what is known of the booking where a letter needs more than that."""
    if standard.kind in FROM_A_BOOKING:
        return FROM_A_BOOKING[standard.kind](booking).values
    return {"forename": typed(booking.person.forename), "name": typed(booking.person.name), **about(booking.event)}


def history_of(partnership: Partnership, kind: str) -> list[dict[str, Any]]:
    """Who changed the text and when, newest first. Two queries."""
    number = str(OwnText.number(partnership, kind))
    entries = list(AuditEntry.objects.filter(object_type="notifications.owntext", object_id=number).order_by("-at", "pk")[:STEPS])
    actors = Person.objects.in_bulk([entry.actor_id for entry in entries if entry.actor_id])
    return [{"entry": entry, "by": actors.get(entry.actor_id)} for entry in entries]
