"""What officers' pages say of bookings: their history, what can be done with each, and what that would mean."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bookings import policies
from bookings.charging.reading import consequence_of_cancelling
from bookings.conditions import CODES
from bookings.models import Booking, BookingChange, BookingStatus, BookingTerms
from bookings.queue import Turn, offered_until, turn
from core import wording
from core.clock import london_date
from core.refusals import Refused
from people.models import Partnership
from registers.planned import LOOKED_BACK

RULES = {
    "closed": "booking had closed",
    "not_open_yet": "booking had not opened",
    "not_invited": "not among the invited",
    "not_your_organisation": "not of the organisation it is for",
    "not_your_sector": "not of the sectors it is for",
    "not_your_borough": "not of the boroughs it is for",
    "not_your_role": "not of the job roles it is for",
    "level_first": "no course of the level before it",
    "course_first": "not attended the course before it",
    "partners_only": "not of a partner agency",
    "agency_full": "the agency had used its places",
    "no_substitutes": "no colleague may come instead",
    "too_late_to_substitute": "too late for a colleague to come instead",
    "too_late_to_move": "too late to move free of charge",
    "no_approval": "the manager had not approved",
}
RULES |= {code: code.replace("_", " ") for code in CODES.values() if code not in RULES}


IN_THE_WAY = {  # of a person, as an officer reads it before going over the rule
    "not_invited": "This event is for invited people, and no address of theirs is among the invited.",
    "not_your_organisation": "They are not of the organisation it is for.",
    "not_your_sector": "They are not of the sectors it is for.",
    "not_your_borough": "They are not of the boroughs it is for.",
    "not_your_role": "Their job role is not among those it is for.",
    "level_first": "They have no course of the level before it.",
    "course_first": "They have not attended the course before it.",
    "partners_only": "They are not from a partner agency.",
    "agency_full": "Their agency has used its places.",
    "no_approval": "It needs their manager's approval, and nobody has asked for that.",
    "no_substitutes": "By the policy that was accepted, no colleague may come instead.",
    "too_late_to_substitute": "By the policy that was accepted, it is too late for a colleague to come instead.",
}


def in_the_way(first: str, code: str, codes: Iterable[str]) -> list[str]:
    """Every rule between a person and a place, in words about them: ``first`` says the one of ``code``, then the others."""
    others = [other for other in dict.fromkeys(codes) if other != code]
    return [IN_THE_WAY.get(code, first), *(rule_in_words(other) for other in others)]


NOT_NOW = {"closed": "Booking has closed.", "not_open_yet": "Booking has not opened yet."}


def rule_in_words(code: str) -> str:
    return NOT_NOW.get(code) or IN_THE_WAY.get(code) or f"{RULES.get(code, code).capitalize()}."


@dataclass(frozen=True)
class Step:
    """One line of a booking's history."""

    change: BookingChange
    title: str
    rules: list[str]


def history(booking: Booking) -> list[Step]:
    """Every step, newest first, with the rules that an officer went over."""
    changes = booking.changes.select_related("by").order_by("-at", "-pk")
    return [Step(change, _title(change), _rules(change)) for change in changes]


def _title(change: BookingChange) -> str:
    if change.from_status == change.to_status:
        return "Noted"
    return BookingStatus(change.to_status).label


def _rules(change: BookingChange) -> list[str]:
    return [RULES.get(code, code) for code in change.rule_set_aside.split(",") if code]


def possible(booking: Booking, at: datetime) -> set[str]:
    """What an officer can do with the booking as it stands: cancel, pass_on, place, offer, approve, priority, manager."""
    found = set()
    if _allows(policies.check_can_cancel, booking, at):
        found |= {"cancel", "manager"}
        found |= {
            BookingStatus.WAITING: {"place", "priority"},
            BookingStatus.OFFERED: {"offer"},
            BookingStatus.AWAITING_APPROVAL: {"approve"} | ({"priority"} if booking.queue_number else set()),
        }.get(BookingStatus(booking.status), set())
    if booking.status == BookingStatus.CONFIRMED and london_date(at) - booking.event.ends_on <= LOOKED_BACK:
        found.add("manager")  # who may hear of an absence
    if _allows(policies.check_can_pass_on, booking, at):
        found |= {"pass_on"} | ({"move"} if booking.event.course_id else set())
    return found


def _allows(check: Callable[..., Any], booking: Booking, at: datetime) -> bool:
    try:
        check(booking, at=at)
    except Refused:
        return False
    return True


@dataclass(frozen=True)
class Consequence:
    """One thing that happens when the officer goes on."""

    what: str
    words: str


def clashes_in_words(clashes: Iterable[Booking], partnership: Partnership) -> list[str]:
    """What somebody has at the same time, as officers of the partnership may know it. The bookings know their event."""
    return [
        f"{one.event.title}, {wording.day(one.event.starts_on)}: {one.get_status_display().lower()}"
        if one.event.lead_host_id == partnership.pk
        else f"An event of another partnership: {one.get_status_display().lower()}"
        for one in clashes
    ]


def of_cancelling(booking: Booking, at: datetime) -> list[Consequence]:
    """What cancelling now would mean, for whom it costs and for the place."""
    if not booking.has_a_place:
        return [Consequence("Their number in the queue", "Given up. Whoever joins again starts at its end. Nothing is charged.")]
    theirs = consequence_of_cancelling(booking, at)
    cost = f"{'In time' if theirs.is_in_time else 'Late'}. {theirs.cost.words}." if theirs else "Nothing is charged."
    return [
        Consequence("If they or their manager give it back", cost),
        Consequence("If we take it back, as organisers", "Never late, and nothing is charged."),
        Consequence("Their place", where_the_place_goes(booking, at)),
    ]


def where_the_place_goes(booking: Booking, at: datetime, *, places: int = 1, others: Collection[Booking] = ()) -> str:
    """What becomes of the places that this booking, and ``others`` of its event that end with it, give back."""
    hold = booking.hold
    if places == 1 and hold is not None and hold.released_at is None:
        return f"Held again for {hold.organisation or hold.sector} until {wording.day(hold.until)}."
    terms = BookingTerms.objects.filter(event=booking.event).first()
    left = Booking.objects.filter(event=booking.event).exclude(pk__in=[one.pk for one in others]).waiting()
    waiting, count = list(left.select_related("person")[:1]), left.count()
    if terms is None or not waiting:
        return "Free for anybody who books: nobody waits."
    who = f"{waiting[0].person.name}, first of {count} waiting" if count > 1 else f"{waiting[0].person.name}, who waits"
    if places > 1:
        who = f"the first {min(places, count)} of {count} waiting" if count > 1 else who
    how = turn(terms, booking.event, at=at)
    if how is Turn.CONFIRMED:
        return f"Goes to {who}, at once." if places == 1 else f"Go to {who}, at once."
    if how is Turn.OFFERED:
        until = offered_until(terms, booking.event, at=at)
        verb = "Is offered" if places == 1 else "Are offered"
        return f"{verb} to {who}, until {wording.clock(until)} on {wording.day(until)}."
    return f"Left to you: ring {who}." if places == 1 else f"Left to you: ring {who}, in order."
