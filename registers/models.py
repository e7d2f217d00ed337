"""Who was there: marks are the facts, attendance follows from them."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.db.models import Q

from bookings.models import Booking
from core.models import BaseModel
from core.states import StateTable
from courses.models import Course
from events.models import Event, EventKind, Session
from people.models import Affiliation, Organisation, Person


class RegisterState(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


REGISTER_STATES = StateTable(
    "register",
    {
        RegisterState.OPEN: frozenset({RegisterState.CLOSED}),
        RegisterState.CLOSED: frozenset({RegisterState.OPEN}),
    },
)


class Register(BaseModel):
    """The list for one session. Made by the first mark; a session without one has not been taken. Its row is what gets locked."""

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=RegisterState, default=RegisterState.OPEN)
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="register_state_is_known", condition=Q(state__in=RegisterState.values)),
            models.CheckConstraint(
                name="register_closed_says_when",
                condition=Q(state="closed", closed_at__isnull=False) | Q(state="open", closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Register of {self.session}"


class RegisterChange(BaseModel):
    """One step of a register's history. Reopening says why."""

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    from_state = models.CharField(max_length=10, blank=True, default="")
    to_state = models.CharField(max_length=10, choices=RegisterState)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                name="register_reopened_says_why", condition=~Q(from_state="closed", to_state="open") | ~Q(reason="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class WalkIn(Affiliation, BaseModel):
    """Somebody who came without a booking. Starts at the register, with the organisation of the day."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta(Affiliation.Meta):
        abstract = False
        constraints = [
            *Affiliation.Meta.constraints,
            models.UniqueConstraint(fields=["event", "person"], name="walk_in_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} came to {self.event}"


class MarkValue(models.TextChoices):
    PRESENT = "present", "Present"
    LATE = "late", "Late"
    LEFT_EARLY = "left_early", "Left early"
    ABSENT = "absent", "Absent"


WAS_THERE = (MarkValue.PRESENT, MarkValue.LATE, MarkValue.LEFT_EARLY)
TO_THE_END = (MarkValue.PRESENT, MarkValue.LATE)


class Mark(BaseModel):
    """What the register says of one person in one session. ``version`` guards against two trainers writing over each other."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    walk_in = models.ForeignKey(WalkIn, null=True, blank=True, on_delete=models.PROTECT, related_name="marks")
    value = models.CharField(max_length=10, choices=MarkValue)
    version = models.PositiveIntegerField(default=1)
    marked_at = models.DateTimeField()
    marked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="mark_one_for_session_and_person"),
            models.CheckConstraint(name="mark_value_is_known", condition=Q(value__in=MarkValue.values)),
            models.CheckConstraint(
                name="mark_is_of_a_booking_or_a_walk_in",
                condition=Q(booking__isnull=False, walk_in__isnull=True) | Q(booking__isnull=True, walk_in__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_value_display()}"


class MarkChange(BaseModel):
    """History of a mark: from what, to what, who and when."""

    mark = models.ForeignKey(Mark, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    from_value = models.CharField(max_length=10, blank=True, default="")
    to_value = models.CharField(max_length=10, choices=MarkValue)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(name="mark_change_value_is_known", condition=Q(to_value__in=MarkValue.values))]

    def __str__(self) -> str:
        return f"{self.from_value} → {self.to_value}"


class HeadCount(BaseModel):
    """People counted without names: a return from a school, a count in the room. Never people reached."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True, default="")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["entered_at", "id"]
        constraints = [models.CheckConstraint(name="head_count_counts_somebody", condition=Q(count__gte=1))]

    def __str__(self) -> str:
        return f"{self.count} at {self.event}"


class Outcome(models.TextChoices):
    ATTENDED = "attended", "Attended"
    PART_ATTENDED = "part_attended", "Attended in part"
    DID_NOT_ATTEND = "did_not_attend", "Did not attend"


class AttendanceRule(BaseModel):
    """When somebody counts as having attended. An event without one: every session, to the end."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="+")
    minimum_sessions = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: all of them.")
    left_early_counts = models.BooleanField(default=False, help_text="A session left early counts as attended.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="attendance_rule_asks_for_a_session",
                condition=Q(minimum_sessions__isnull=True) | Q(minimum_sessions__gte=1),
            )
        ]

    def __str__(self) -> str:
        return f"{self.minimum_sessions or 'all'} sessions of {self.event}"

    def outcome(self, marks: Collection[str], *, sessions: int) -> Outcome:
        """What one person's marks come to in an event of so many sessions. A session without a mark counts as not there.

        Late counts as there to the end. A minimum above the number of sessions asks for all of them.
        """
        counting = (*TO_THE_END, MarkValue.LEFT_EARLY) if self.left_early_counts else TO_THE_END
        needed = min(self.minimum_sessions or sessions, sessions)
        if sum(mark in counting for mark in marks) >= needed:
            return Outcome.ATTENDED
        if any(mark in WAS_THERE for mark in marks):
            return Outcome.PART_ATTENDED
        return Outcome.DID_NOT_ATTEND


class Attendance(Affiliation, BaseModel):
    """Derived from the marks when a register closes, reopens or a rule changes. Reports stand on this row.

    An event has rows once the registers of all its sessions are closed, and none while one of them is open again.

    ``date`` is the event's ``starts_on``; kind and course are the event's, the rest is the booking's or the walk-in's snapshot.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    event_kind = models.CharField(max_length=20, choices=EventKind)
    date = models.DateField()
    outcome = models.CharField(max_length=20, choices=Outcome)
    is_walk_in = models.BooleanField(default=False)

    class Meta(Affiliation.Meta):
        abstract = False
        indexes = [models.Index(fields=["date", "event_kind", "outcome"], name="attendance_for_reports")]
        constraints = [
            *Affiliation.Meta.constraints,
            models.UniqueConstraint(fields=["event", "person"], name="attendance_one_for_event_and_person"),
            models.CheckConstraint(name="attendance_outcome_is_known", condition=Q(outcome__in=Outcome.values)),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.event}: {self.get_outcome_display()}"
