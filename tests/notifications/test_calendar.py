"""What we write, two other calendar libraries read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import ics
import pytest
import vobject

from core.clock import LONDON, london_instant
from notifications.calendar import CalendarEntry, cancellation, feed, invitation, to_another_address

pytestmark = pytest.mark.both_databases

CHANGED = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)


def session_on(day: date, *, hour: int = 9, minute: int = 30, **changed: Any) -> CalendarEntry:
    starts_at = london_instant(datetime.combine(day, time(hour, minute)))
    entry = CalendarEntry(
        uid="7d1c@learning.riverside.example",
        sequence=0,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=6),
        summary="Introduction to neglect",
        description="Bring a notebook.\n\nhttps://learning.riverside.example/events/1/",
        location="Town Hall, Room 2",
        organiser_name="Riverside Safeguarding Children Partnership",
        organiser_address="training@riverside.example",
        attendee_address="sam@school.example",
        changed_at=CHANGED,
        url="https://learning.riverside.example/events/1/",
    )
    return replace(entry, **changed)


def lines(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def read_by_ics(text: str) -> list[ics.Event]:
    return sorted(ics.Calendar(text).events)


def read_by_vobject(text: str) -> list[Any]:
    return list(vobject.readOne(text).vevent_list)


@pytest.mark.parametrize(
    "day", [date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26), date(2027, 3, 27), date(2027, 3, 28), date(2027, 3, 29)]
)
def test_half_past_nine_stays_half_past_nine_across_both_clock_changes(day: date) -> None:
    entry = session_on(day)
    text = invitation(entry)
    assert f"DTSTART;TZID=Europe/London:{day:%Y%m%d}T093000" in lines(text)
    [by_ics] = read_by_ics(text)
    assert by_ics.begin.datetime == entry.starts_at
    assert by_ics.end.datetime == entry.ends_at
    [by_vobject] = read_by_vobject(text)
    assert by_vobject.dtstart.value == entry.starts_at
    assert by_vobject.dtend.value == entry.ends_at


@pytest.mark.parametrize("instant", [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)])
def test_both_hours_that_stand_on_the_clock_twice_are_told_apart(instant: datetime) -> None:
    entry = session_on(date(2026, 10, 25), starts_at=instant, ends_at=instant + timedelta(hours=3))
    [by_ics] = read_by_ics(invitation(entry))
    assert by_ics.begin.datetime.astimezone(UTC) == instant
    [by_vobject] = read_by_vobject(invitation(entry))
    assert by_vobject.dtstart.value.astimezone(UTC) == instant


def test_the_zone_is_given_by_rules() -> None:
    text = invitation(session_on(date(2027, 1, 12)))
    zone = text[text.index("BEGIN:VTIMEZONE") : text.index("END:VTIMEZONE")]
    assert zone.count("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=") == 2
    assert "RDATE" not in zone
    assert "COMMENT" not in zone
    assert "DTSTART:19810329T010000" in zone
    assert "DTSTART:19961027T020000" in zone


def test_an_entry_is_asked_for_moved_and_taken_away_under_one_uid() -> None:
    first = session_on(date(2027, 3, 26))
    moved = replace(
        first,
        sequence=1,
        starts_at=first.starts_at + timedelta(days=3) - timedelta(hours=1),
        ends_at=first.ends_at + timedelta(days=3) - timedelta(hours=1),
        changed_at=CHANGED + timedelta(days=1),
    )
    gone = replace(moved, sequence=2, changed_at=CHANGED + timedelta(days=2))
    again = replace(first, uid="another@learning.riverside.example", changed_at=CHANGED + timedelta(days=3))
    seen = []
    for text in (invitation(first), invitation(moved), cancellation(gone), invitation(again)):
        calendar = vobject.readOne(text)
        [event] = calendar.vevent_list
        seen.append((calendar.method.value, event.uid.value, event.sequence.value, event.status.value))
        [by_ics] = read_by_ics(text)
        assert by_ics.uid == event.uid.value
        assert by_ics.status == event.status.value
    assert seen == [
        ("REQUEST", first.uid, "0", "CONFIRMED"),
        ("REQUEST", first.uid, "1", "CONFIRMED"),
        ("CANCEL", first.uid, "2", "CANCELLED"),
        ("REQUEST", again.uid, "0", "CONFIRMED"),
    ]
    assert ("notebook" in invitation(moved), "notebook" in cancellation(gone)) == (True, False)
    [event] = read_by_vobject(invitation(moved))
    assert event.dtstart.value.astimezone(LONDON) == datetime(2027, 3, 29, 9, 30, tzinfo=LONDON)
    assert event.dtstamp.value == CHANGED + timedelta(days=1)
    assert event.last_modified.value == CHANGED + timedelta(days=1)


def test_nobody_is_asked_to_answer() -> None:
    text = lines(invitation(session_on(date(2027, 1, 12))))
    assert "ATTENDEE;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:sam@school.example" in text
    assert 'ORGANIZER;CN="Riverside Safeguarding Children Partnership":mailto:training@riverside.example' in text


@pytest.mark.parametrize("write", [invitation, cancellation])
def test_the_same_entry_for_another_address_differs_in_the_attendee_alone(write: Any) -> None:
    entry = session_on(date(2026, 10, 25), hour=1, description="A long one, with commas; and\n\nlines. " * 9)
    moved = to_another_address(write(entry), "new@school.example")
    assert moved == write(replace(entry, attendee_address="new@school.example"))
    assert moved != write(entry)


def test_the_calendar_itself_has_no_uid_and_is_the_same_each_time() -> None:
    entries = [session_on(date(2027, 1, 12)), session_on(date(2027, 1, 13), uid="second@learning.riverside.example")]
    text = feed(entries, name="Training, Riverside")
    assert lines(text[: text.index("BEGIN:VTIMEZONE")]) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Turnout//Turnout//EN",
        "CALSCALE:GREGORIAN",
        "NAME:Training\\, Riverside",
        "X-WR-CALNAME:Training\\, Riverside",
        "X-WR-TIMEZONE:Europe/London",
        "REFRESH-INTERVAL;VALUE=DURATION:PT4H",
        "X-PUBLISHED-TTL:PT4H",
        "",
    ]
    assert feed(entries, name="Training, Riverside") == text
    assert len(read_by_ics(text)) == len(read_by_vobject(text)) == 2


def test_a_feed_names_nobody_and_keeps_cancelled_entries() -> None:
    text = feed([session_on(date(2027, 1, 12), is_cancelled=True)], name="Training")
    assert "ATTENDEE" not in text
    assert "METHOD" not in text
    assert "STATUS:CANCELLED" in lines(text)


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\0", "\u2028", "\u2029", "\x85", '"', ";", ","])
def test_no_property_can_be_added_through_a_text(mark: str) -> None:
    bad = f"a{mark}ATTENDEE:mailto:everybody@school.example"
    entry = session_on(
        date(2027, 1, 12), uid=bad, summary=bad, location=bad, description=bad, organiser_name=bad, url=f"https://a.example/{bad}"
    )
    text = invitation(entry)
    assert [line for line in text.splitlines() if line.startswith("ATTENDEE")] == [
        "ATTENDEE;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:sam@school.example"
    ]
    [event] = read_by_vobject(text)
    assert event.summary.value.replace("\n", " ").startswith("a")
