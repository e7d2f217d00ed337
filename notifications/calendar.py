"""Invitations, updates, cancellations and feeds as iCalendar text (RFC 5545, 5546 and 7986).

Written so that Outlook, Google and Apple agree: times as London wall-clock times with a rule-based zone of our own (the library's
own zone lists dates, which Outlook ignores), no random UID on the calendar itself (which makes some readers see one entry where
there are three), and a sequence number that the caller raises with each change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vDuration, vText

from core.clock import LONDON
from core.text import many_lines, one_line

CONTENT_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Turnout//Turnout//EN"
REFRESH_EVERY = timedelta(hours=4)

LONDON_ZONE = """BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:19810329T010000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")


@dataclass(frozen=True)
class CalendarEntry:
    """One session in somebody's calendar.

    ``uid`` stays the same through every change and is never used again after a cancellation; ``sequence`` rises with each
    change, the cancellation included; ``changed_at`` is when it last changed. ``url`` and ``description`` hold no personal link:
    calendars are shared.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    organiser_name: str
    organiser_address: str
    attendee_address: str
    changed_at: datetime
    is_cancelled: bool = False
    url: str = ""


def organiser_address(team_email: str) -> str:
    """Whom calendars answer: the folder that the worker reads where there is one, so that no answer floods the team's inbox."""
    return settings.REPLIES_ADDRESS or team_email


def invitation(entry: CalendarEntry) -> str:
    """A request that makes the entry, or moves it when a calendar has it with a lower sequence.

    One entry a request: RFC 5546 (3.2.2) allows one UID in each, and calendars that are sent several take the first.
    """
    return _calendar([_entry(entry, is_personal=True)], method="REQUEST")


def cancellation(entry: CalendarEntry) -> str:
    """Takes the entry out of the calendar, and says no more how to join. Its sequence is higher than any sent before."""
    return _calendar([_entry(replace(entry, description=""), is_personal=True, is_cancelled=True)], method="CANCEL")


def to_another_address(entry: str, address: str) -> str:
    """What ``invitation`` or ``cancellation`` made, for the same person at another address: calendars look for it there."""
    calendar = Calendar.from_ical(entry)
    for event in calendar.walk("VEVENT"):
        event["ATTENDEE"] = _attendee(address)
    return calendar.to_ical(sorted=False).decode()


def feed(entries: Iterable[CalendarEntry], *, name: str) -> str:
    """A calendar to subscribe to. Cancelled entries stay in, marked; nobody is named as an attendee."""
    return _calendar([_entry(entry, is_personal=False) for entry in entries], name=one_line(name))


def _calendar(entries: list[Event], *, method: str = "", name: str = "") -> str:
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT)
    calendar.add("CALSCALE", "GREGORIAN")
    if method:
        calendar.add("METHOD", method)
    if name:
        calendar.add("NAME", vText(name))
        calendar.add("X-WR-CALNAME", vText(name))
        calendar.add("X-WR-TIMEZONE", LONDON.key)
        refresh = vDuration(REFRESH_EVERY)
        refresh.params["VALUE"] = "DURATION"
        calendar.add("REFRESH-INTERVAL", refresh)
        calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH_EVERY))
    for entry in entries:
        calendar.add_component(entry)
    return _with_zone(calendar.to_ical(sorted=False).decode())


def _with_zone(text: str) -> str:
    """The zone goes before the first entry. It is the same in each calendar, and costs as much to build as an invitation."""
    end_of_head = text.find("\r\nBEGIN:VEVENT\r\n")
    if end_of_head < 0:
        end_of_head = text.rindex("\r\nEND:VCALENDAR\r\n")
    at = end_of_head + len("\r\n")
    return text[:at] + LONDON_ZONE + text[at:]


def _entry(entry: CalendarEntry, *, is_personal: bool, is_cancelled: bool = False) -> Event:
    event = Event()
    event.add("UID", one_line(entry.uid))
    event.add("DTSTAMP", entry.changed_at.astimezone(UTC))
    event.add("LAST-MODIFIED", entry.changed_at.astimezone(UTC))
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTART", _london(entry.starts_at))
    event.add("DTEND", _london(entry.ends_at))
    event.add("SUMMARY", one_line(entry.summary))
    for name, text in (("DESCRIPTION", many_lines(entry.description).strip()), ("LOCATION", one_line(entry.location))):
        if text:
            event.add(name, text)
    if entry.url:
        event.add("URL", one_line(entry.url))
    event.add("STATUS", "CANCELLED" if is_cancelled or entry.is_cancelled else "CONFIRMED")
    event.add("TRANSP", "OPAQUE")
    if is_personal:
        name = one_line(entry.organiser_name).replace('"', "'")
        event.add("ORGANIZER", _address(entry.organiser_address, {"CN": name}))
        event.add("ATTENDEE", _attendee(entry.attendee_address))
    return event


def _attendee(address: str) -> vCalAddress:
    return _address(address, {"ROLE": "REQ-PARTICIPANT", "RSVP": "FALSE"})


def _london(instant: datetime) -> datetime:
    """London wall-clock time; UTC in the one hour of October that stands on the clock twice and would be read as its first."""
    local = instant.astimezone(LONDON)
    return instant.astimezone(UTC) if local.fold else local


def _address(address: str, parameters: dict[str, str]) -> vCalAddress:
    value = vCalAddress(f"mailto:{one_line(address)}")
    for name, parameter in parameters.items():
        if parameter:
            value.params[name] = parameter
    return value
