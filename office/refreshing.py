"""What an officer sees of what one person is to refresh: the days on their record, and the letters about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bookings.models import MessageSettings
from bookings.planned import at_hour
from bookings.refreshing import LATE_BY_AT_MOST, Refresh, leaves_on, message_key
from core import wording
from core.clock import london_date
from notifications.models import BouncedAddress, Message
from office.coming import BOUNCED, NO_ADDRESS
from people.models import Partnership, Person
from records.models import Credit

FORESEEN = timedelta(days=366)


@dataclass(frozen=True)
class RefresherLetter:
    """The letter about one course that is to be refreshed. ``letter`` is the message once it is written.

    ``state`` says how it stands until then. ``when``: the day and hour in words, or that there is none.
    """

    refresh: Refresh
    when: str
    state: str
    colour: str
    letter: Message | None

    @property
    def label(self) -> str:
        return f"Refresher due: {self.refresh.credit.course}"


def put_days(refreshes: Iterable[Refresh], credits: Iterable[Credit]) -> None:
    """Give each credit its ``refresh_by``; None for one that decides nothing any more."""
    days = {one.credit.pk: one.by for one in refreshes}
    for credit in credits:
        credit.refresh_by = days.get(credit.pk)  # type: ignore[attr-defined]


def refreshers_to_come(
    refreshes: Iterable[Refresh],
    person: Person,
    partnership: Partnership,
    bounced: Collection[BouncedAddress],
    *,
    at: datetime,
) -> list[RefresherLetter]:
    """Letters about refreshing the partnership's courses that have left or would within a year. Two queries; none without any."""
    near = [one for one in refreshes if one.by + LATE_BY_AT_MOST >= london_date(at)]
    if not near:
        return []
    settings = MessageSettings.of(partnership)
    keys = [message_key(one.credit) for one in near]
    found = Message.objects.filter(dedupe_key__in=keys).with_pause()
    written = {message.dedupe_key: message for message in found.defer("text", "links", "values")}
    address = person.main_address().lower()
    is_bounced = address in {one.address for one in bounced}
    rows = []
    for one, key in zip(near, keys, strict=True):
        leaves_at = _leaves_at(one, settings)
        letter = written.get(key)
        if letter is not None or leaves_at is None or leaves_at <= at + FORESEEN:
            state, colour = _state(one, person, partnership, leaves_at, address, is_bounced)
            is_silent = one.credit.earned_on < (partnership.messages_from or date.max)
            when = _when(letter, None if is_silent else leaves_at, state, at=at)
            rows.append(RefresherLetter(one, when, state, colour, letter))
    return rows


def _leaves_at(one: Refresh, settings: MessageSettings) -> datetime | None:
    if settings.refresher_weeks is None:
        return None
    months = one.credit.course.refresh_months or 0  # type: ignore[union-attr]
    return at_hour(leaves_on(one.credit.earned_on, months=months, weeks=settings.refresher_weeks), settings)


def _state(
    one: Refresh, person: Person, partnership: Partnership, leaves_at: datetime | None, address: str, is_bounced: bool
) -> tuple[str, str]:
    since = partnership.messages_from or date.max
    if leaves_at is None:
        return "Not sent", "grey"
    if one.credit.earned_on < since:
        return _silent(since), "grey"
    if one.is_seen_to:
        return "Not sent while they have a date or wait for one", "grey"
    if not person.is_active:
        return "Not sent while they can't sign in", "grey"
    if not address:
        return NO_ADDRESS, "red"
    return (BOUNCED, "red") if is_bounced else ("Planned", "blue")


def _silent(since: date) -> str:
    if since == date.max:
        return "Not sent: the partnership writes to nobody yet"
    return f"Not sent: learned before {wording.short_day(since)}"


def _when(letter: Message | None, leaves_at: datetime | None, state: str, *, at: datetime) -> str:
    if letter is not None:
        leaves_at = letter.sent_at or letter.due_at
    if leaves_at is None:
        return "Never"
    if letter is None and leaves_at <= at and state == "Planned":
        return "Now"
    return f"{wording.day(leaves_at)}, {wording.clock(leaves_at)}"
