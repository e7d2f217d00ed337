"""What may be done about letters that the clock sends."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from bookings.messages.letters import APPROVAL_ASKED, APPROVAL_REMINDER, NAMES_NEEDED, OFFERED
from bookings.models import FOLLOW_UP_LEAST, FOLLOW_UP_MOST, FOR_EVERYBODY, MOST_DAYS, MOST_WEEKS, MessageSettings, PlannedKind
from bookings.models.planned import ABSENCE_HELD_FOR, CERTIFICATE_WAITS_AT_MOST, EARLIEST_HOUR, LATEST_HOUR
from bookings.planned import LINK, LINK_AND_VENUE, VENUE, Plan, silent_until
from bookings.refreshing import due_credits
from core import wording
from core.refusals import Refused
from events.models import Event, EventStatus
from events.queries import starts_at

EVALUATION_OPEN_DAYS = 14  # after an event's last day its form closes
MISSING = {LINK: "the joining link", VENUE: "the venue", LINK_AND_VENUE: "the venue and the joining link"}

FOR_EVERYBODY_OR_NOBODY = "Answers are anonymous, so everybody is asked or nobody is. Hold it back for the whole event."
NO_OFFER_WAITS = (
    "A place is offered until a set hour, and that would pass with the offer unread. Open the booking instead: save their answer "
    "there, or cancel it."
)
NO_QUESTION_WAITS = (
    "The manager has a set time to answer, and that would pass with the question unread. Open the booking instead: ask another "
    "manager there, answer for them, or cancel it."
)
NO_CALL_FOR_NAMES_WAITS = (
    "The agency has until a set day to name its people, and that would pass with the letter unread. Release the places instead: "
    "the event’s held places are the page for it."
)
RUNS_OUT = {
    OFFERED: NO_OFFER_WAITS,
    APPROVAL_ASKED: NO_QUESTION_WAITS,
    APPROVAL_REMINDER: NO_QUESTION_WAITS,
    NAMES_NEEDED: NO_CALL_FOR_NAMES_WAITS,
}


def check_can_send_now(plan: Plan, *, at: datetime) -> None:
    if plan.event.status != EventStatus.PUBLISHED:
        raise Refused("This event is not published, so there is nobody to write to about it.", code="not_published")
    check_is_not_silent(plan.event, at=at)
    check_is_before(plan.event, at=at)
    if plan.is_held_back:
        raise Refused("This is held back. Allow it to leave first.", code="held_back")
    if plan.waits_for:
        raise Refused(f"Add {MISSING[plan.waits_for]} to the event first.", code="details_missing")


def check_is_before(event: Event, *, at: datetime) -> None:
    if at >= starts_at(event):
        raise Refused("This event has begun, so what was to reach people before it is not sent any more.", code="started")


def check_is_not_silent(event: Event, *, at: datetime) -> None:
    first = silent_until(event, at)
    if first is not None:
        when = "the partnership sets a day" if first == date.max else wording.day(first)
        raise Refused(f"Nothing is sent about this event until {when}.", code="silent")


def check_has_days(kind: str, days: int | None) -> None:
    if days is None:
        return
    if kind in (PlannedKind.REGISTER, PlannedKind.EVALUATION):
        raise Refused("This letter has no days of its own.", code="no_days", field="days")
    if kind == PlannedKind.FOLLOW_UP:
        check_is_months_later(days, field="days")
        return
    if days > MOST_DAYS:
        raise Refused(f"Give {MOST_DAYS} days at most.", code="days", field="days")
    if kind == PlannedKind.EVALUATION_REMINDER:
        check_reminds_while_open(days, field="days")
    if kind == PlannedKind.ABSENCE and days < ABSENCE_HELD_FOR:
        raise Refused("Give 2 working days or more: registers are corrected in these days.", code="days", field="days")
    if kind == PlannedKind.CERTIFICATE:
        check_certifies_soon(days, field="days")


def check_order(joining: int | None, last: int | None, *, field: str) -> None:
    """The last reminder expects that people know how to take part."""
    if joining is not None and last is not None and last > joining:
        days = f"{wording.count(last, 'day')} before the event, the joining instructions {wording.count(joining, 'day')}"
        raise Refused(
            f"The last reminder would leave {days}. It must not come before them: give the joining instructions more days.",
            code="order",
            field=field,
        )


def check_order_of(event: Event, days: dict[str, int | None], settings: MessageSettings, *, field: str) -> None:
    """The same for one event, whose own ``days`` by kind stand in place of the partnership's where it has any."""
    joining, last = (
        settings.days(kind) if days.get(kind) is None else days[kind] for kind in (PlannedKind.JOINING, PlannedKind.LAST_REMINDER)
    )
    try:
        check_order(joining, last, field=field)
    except Refused as refusal:
        which = f"{event.title} on {wording.day(event.starts_on)} has days of its own. "
        raise Refused(f"{which if field != 'days' else ''}{refusal}", code="order", field=field) from refusal


def check_can_hold_back_from(kind: str) -> None:
    """Whether one person alone may be left out."""
    if kind in FOR_EVERYBODY:
        raise Refused(FOR_EVERYBODY_OR_NOBODY, code="for_everybody")


def why_no_hold(kind: str) -> str:
    """Why one message of this kind can't be held back, with what to do instead; empty where it can."""
    if kind in FOR_EVERYBODY:
        return FOR_EVERYBODY_OR_NOBODY
    return RUNS_OUT.get(kind, "")


def check_can_wait(kind: str) -> None:
    """Whether one message of this kind may wait. Not while a clock runs for its reader."""
    why = why_no_hold(kind)
    if why:
        raise Refused(why, code="for_everybody" if kind in FOR_EVERYBODY else "runs_out")


def check_is_to_be_refreshed(credits: Collection[UUID], *, at: datetime) -> None:
    """Whether the learning that a letter is about would be written about now."""
    if not due_credits(at).filter(pk__in=credits).exists():
        raise Refused(
            "They have booked a date or learned it again, or the day has gone by long ago, so this is not sent any more.",
            code="no_reason",
        )


def check_reminds_while_open(days: int | None, *, field: str) -> None:
    if days is not None and not 1 <= days <= EVALUATION_OPEN_DAYS:
        raise Refused(
            f"Give 1 to {EVALUATION_OPEN_DAYS} days: the form closes {EVALUATION_OPEN_DAYS} days after the event.",
            code="days",
            field=field,
        )


def check_certifies_soon(days: int | None, *, field: str) -> None:
    if days is not None and days > CERTIFICATE_WAITS_AT_MOST:
        raise Refused(f"Give {CERTIFICATE_WAITS_AT_MOST} working days at most.", code="days", field=field)


def check_is_months_later(days: int | None, *, field: str) -> None:
    if days is not None and not FOLLOW_UP_LEAST <= days <= FOLLOW_UP_MOST:
        raise Refused(
            f"Give {FOLLOW_UP_LEAST} to {FOLLOW_UP_MOST} days: people have used it by then, and still remember it.",
            code="days",
            field=field,
        )


def check_message_settings(settings: MessageSettings) -> None:
    if not EARLIEST_HOUR <= settings.leaves_at_hour <= LATEST_HOUR:
        raise Refused(f"Choose an hour between {EARLIEST_HOUR}am and {LATEST_HOUR - 12}pm.", code="hour", field="leaves_at_hour")
    for kind, field in (
        (PlannedKind.FIRST_REMINDER, "first_reminder_days"),
        (PlannedKind.JOINING, "joining_days"),
        (PlannedKind.LAST_REMINDER, "last_reminder_days"),
    ):
        days = settings.days(kind)
        if days is not None and days > MOST_DAYS:
            raise Refused(f"Give {MOST_DAYS} days at most.", code="days", field=field)
    first, last = settings.first_reminder_days, settings.last_reminder_days
    if first is not None and last is not None and first <= last:
        raise Refused(
            "The first reminder must leave before the last one. Give it more days.", code="order", field="first_reminder_days"
        )
    check_order(settings.joining_days, last, field="last_reminder_days")
    check_reminds_while_open(settings.evaluation_reminder_days, field="evaluation_reminder_days")
    check_certifies_soon(settings.certificate_days, field="certificate_days")
    if settings.refresher_weeks is not None and not 1 <= settings.refresher_weeks <= MOST_WEEKS:
        raise Refused(f"Give 1 to {MOST_WEEKS} weeks, or none to send none.", code="weeks", field="refresher_weeks")
    check_is_months_later(settings.follow_up_days, field="follow_up_days")
    if settings.absence_days is not None and settings.absence_days < ABSENCE_HELD_FOR:
        raise Refused(
            "Hold these letters for 2 working days or more: registers are corrected in these days.",
            code="days",
            field="absence_days",
        )
