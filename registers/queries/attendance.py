"""What the marks come to, and what is stored of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.db.models import Exists, F, OuterRef, Q

from bookings.models import BookingStatus
from events.models import Event, EventStatus, Session
from people.models import AFFILIATION_FIELDS, Person
from records.models import Certificate, Credit, Earned, SourceKind
from registers.models import Attendance, AttendanceRule, Mark, MarkValue, Outcome, Register, RegisterState
from registers.queries.lines import Expected, expected_people


def rule_of(event: Event) -> AttendanceRule:
    """The event's rule; an unsaved one that asks for every session to the end where it has none."""
    return AttendanceRule.objects.filter(event=event).first() or AttendanceRule(event=event)


def are_all_closed(event: Event) -> bool:
    """Whether the event has sessions and the register of each is closed."""
    closed = Register.objects.filter(session=OuterRef("pk"), state=RegisterState.CLOSED)
    states = list(Session.objects.filter(event=event).values_list(Exists(closed), flat=True))
    return bool(states) and all(states)


def derived_attendances(event: Event) -> dict[uuid.UUID, Attendance]:
    """What the marks come to, as unsaved rows by person id; none unless every session's register is closed. Seven queries.

    Somebody without a mark in any session was not on the register when it closed, so has no row. A walk-in marked absent in every
    session was written down by mistake, and has none either.
    """
    if not are_all_closed(event):
        return {}
    rule, sessions = rule_of(event), Session.objects.filter(event=event).count()
    marks: dict[uuid.UUID, list[str]] = {}
    for person_id, value in Mark.objects.filter(session__event=event).values_list("person_id", "value"):
        marks.setdefault(person_id, []).append(value)
    derived = {}
    for person_id, expected in expected_people(event).items():
        values = marks.get(person_id, [])
        if values and not (expected.is_walk_in and all(value == MarkValue.ABSENT for value in values)):
            derived[person_id] = _attendance(event, expected, rule.outcome(values, sessions=sessions))
    return derived


def _attendance(event: Event, expected: Expected, outcome: Outcome) -> Attendance:
    return Attendance(
        event=event,
        person=expected.person,
        course_id=event.course_id,
        event_kind=event.kind,
        date=event.starts_on,
        outcome=outcome,
        is_walk_in=expected.is_walk_in,
        **{field: getattr(expected.source, field) for field in AFFILIATION_FIELDS},
    )


DERIVED_FIELDS = ("course_id", "event_kind", "date", "outcome", "is_walk_in", *AFFILIATION_FIELDS)


def changed_fields(stored: Attendance, derived: Attendance) -> list[str]:
    """The fields in which a stored row is not what the marks come to."""
    return [field for field in DERIVED_FIELDS if getattr(stored, field) != getattr(derived, field)]


def earned_at(event: Event, attendances: Iterable[Attendance]) -> list[Earned]:
    """The credits these attendances of the event earn: the course with its hours, for everybody who attended all that counts.

    A closed event lends its neutral title, since a credit can be shown to others. One query where the course is not loaded yet.
    """
    hours = event.course.hours if event.course else None
    ended_on = event.ends_on if event.ends_on > event.starts_on else None
    return [
        Earned(row.person_id, row.course_id, event.public_title, hours, row.date, ended_on)
        for row in attendances
        if row.outcome == Outcome.ATTENDED
    ]


def printed_of(event: Event, earned: Iterable[Earned]) -> list[Earned]:
    """What certificates of the event print: of a closed one no course, because its title and outcomes tell what it was about."""
    return [replace(row, course_id=None) for row in earned] if event.is_closed else list(earned)


def attendance_differences(event: Event) -> list[str]:
    """In which rows the stored attendance is not what the marks come to, by person id: for a command, so without names."""
    derived = derived_attendances(event)
    stored = {row.person_id: row for row in Attendance.objects.filter(event=event)}
    found = [f"person {pk}: stored, but does not follow from the marks" for pk in stored.keys() - derived.keys()]
    found += [f"person {pk}: follows from the marks, but is not stored" for pk in derived.keys() - stored.keys()]
    for pk in stored.keys() & derived.keys():
        fields = changed_fields(stored[pk], derived[pk])
        if fields:
            found.append(f"person {pk}: {', '.join(field.removesuffix('_id') for field in fields)} differ")
    return sorted(found)


def credit_differences(event: Event) -> list[str]:
    """In which rows the learning record is not what the event's marks come to, by person id. Title and hours may be older.

    In none while a register that was taken is open: they stand.
    """
    if Register.objects.filter(session__event=event).exists() and not are_all_closed(event):
        return []
    earned = {row.person_id: (row.course_id, row.earned_on) for row in earned_at(event, derived_attendances(event).values())}
    held: dict[uuid.UUID, list[tuple[uuid.UUID | None, date]]] = {}
    rows = Credit.objects.filter(source_kind=SourceKind.ATTENDANCE, source_uuid=event.pk)
    for person_id, course_id, earned_on in rows.values_list("person_id", "course_id", "earned_on"):
        held.setdefault(person_id, []).append((course_id, earned_on))
    found = [f"person {pk}: holds a credit, but did not attend" for pk in held.keys() - earned.keys()]
    found += [f"person {pk}: attended, but holds no credit" for pk in earned.keys() - held.keys()]
    differ = [pk for pk in held.keys() & earned.keys() if held[pk] != [earned[pk]]]
    return sorted(found + [f"person {pk}: the credit's course or day differs" for pk in differ])


def certificate_differences(event: Event) -> list[str]:
    """Whose certificate of the event the marks do not bear out, by person id. Nobody's while a register is open: they stand."""
    if not are_all_closed(event):
        return []
    earned = {row.person_id: row.earned_on for row in earned_at(event, derived_attendances(event).values())}
    held = Certificate.objects.standing().filter(source_uuid=event.pk).values_list("person_id", "awarded_on")
    wrong = {pk: "holds a certificate, but did not attend" for pk, _ in held if pk not in earned}
    wrong |= {pk: "the certificate's day differs" for pk, day in held if earned.get(pk, day) != day}
    return sorted(f"person {pk}: {what}" for pk, what in wrong.items())


def events_with_stale_attendance() -> set[uuid.UUID]:
    """Events that changed under their closed registers, by id, so that their attendance is to be recomputed. Four queries.

    Their kind, course or day was corrected, a session was added or taken out, or they were called off while they ran. A single
    booking can't end once its event has started.
    """
    rows = Attendance.objects.filter(event=OuterRef("pk"))
    is_closed = Exists(Register.objects.filter(session=OuterRef("pk"), state=RegisterState.CLOSED))
    sessions = Session.objects.filter(event=OuterRef("pk"))
    held = Mark.objects.filter(session__event=OuterRef("pk"), booking__status=BookingStatus.CONFIRMED)
    course_differs = ~Q(course=F("event__course")) & ~Q(course=None, event__course=None)
    corrected = Attendance.objects.filter(~Q(event_kind=F("event__kind")) | ~Q(date=F("event__starts_on")) | course_differs)
    called_off = Attendance.objects.filter(event__status=EventStatus.CANCELLED, outcome=Outcome.DID_NOT_ATTEND, is_walk_in=False)
    session_added = Event.objects.filter(Exists(rows), Exists(sessions.filter(~is_closed)))
    session_taken_out = Event.objects.filter(
        ~Exists(rows), Exists(sessions.filter(is_closed)), ~Exists(sessions.filter(~is_closed)), Exists(held)
    )
    found: set[uuid.UUID] = set()
    for ids in (
        corrected.values_list("event_id", flat=True),
        called_off.values_list("event_id", flat=True),
        session_added.values_list("pk", flat=True),
        session_taken_out.values_list("pk", flat=True),
    ):
        found.update(ids)
    return found


def attendances_of(person: Person) -> list[Attendance]:
    """The person's record, latest first: the event with its title, its kind, the date and the outcome. One query."""
    rows = Attendance.objects.filter(person=person).select_related("event")
    shown = rows.only("event", "event_kind", "date", "outcome", "event__title")
    return list(shown.order_by("-date", "event__title", "id"))
