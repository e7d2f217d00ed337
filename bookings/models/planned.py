"""When letters leave that no deed causes but the clock: a partnership's times, and what officers change for one event."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models.bookings import Booking
from core.models import BaseModel
from events.models import Event
from people.models import Partnership, Person

MOST_DAYS = 60
MOST_WEEKS = 26
EARLIEST_HOUR, LATEST_HOUR = 6, 20  # outside the hour that a change of clocks takes away or gives twice


class PlannedKind(models.TextChoices):
    """The kinds of planned letters, with the code that their messages carry as ``kind``."""

    FIRST_REMINDER = "first_reminder", "First reminder"
    JOINING = "joining_instructions", "Joining instructions"
    LAST_REMINDER = "last_reminder", "Last reminder"
    REGISTER = "register_not_taken", "Register not taken"
    ABSENCE = "did_not_attend", "Did not attend"
    EVALUATION = "evaluation_asked", "Evaluation asked"
    EVALUATION_REMINDER = "evaluation_reminder", "Evaluation reminder"
    CERTIFICATE = "certificate_ready", "Certificate ready"
    FOLLOW_UP = "follow_up", "Follow-up"


BEFORE = (PlannedKind.FIRST_REMINDER, PlannedKind.JOINING, PlannedKind.LAST_REMINDER)
# Answers are anonymous: were one person alone asked, the next answer would be theirs.
FOR_EVERYBODY = (PlannedKind.EVALUATION, PlannedKind.EVALUATION_REMINDER)
ABSENCE_HELD_FOR = 2  # working days at least, in which registers are corrected
CERTIFICATE_WAITS_AT_MOST = 20  # working days: the worker looks back only a little further
# Days after an event: by then its evaluation has closed and people have had time to use it; later nobody remembers it.
FOLLOW_UP_LEAST, FOLLOW_UP_MOST = 30, 210


class DigestEvery(models.TextChoices):
    """How often people who agreed to hear of learning get the programme."""

    NEVER = "never", "Never"
    WEEK = "week", "Every Monday"
    MONTH = "month", "The first Monday of each month"


class MessageSettings(BaseModel):
    """When a partnership's planned letters leave. An empty number: that letter is not sent.

    Days before an event count from its first London date back, and each letter leaves at ``leaves_at_hour`` of a London clock.
    """

    partnership = models.OneToOneField(Partnership, on_delete=models.CASCADE, related_name="+")
    leaves_at_hour = models.PositiveSmallIntegerField(default=8, help_text="Of a London clock.")
    first_reminder_days = models.PositiveSmallIntegerField(null=True, blank=True, default=14, help_text="Days before.")
    joining_days = models.PositiveSmallIntegerField(null=True, blank=True, default=5, help_text="Days before.")
    last_reminder_days = models.PositiveSmallIntegerField(null=True, blank=True, default=1, help_text="Days before.")
    copies_manager = models.BooleanField(default=False, help_text="Managers get a copy of reminders and joining instructions.")
    register_days = models.PositiveSmallIntegerField(
        null=True, blank=True, default=1, help_text="Working days after the session until its trainers are written to."
    )
    absence_days = models.PositiveSmallIntegerField(
        null=True, blank=True, default=2, help_text="Working days after the register closed in which letters of absence are held."
    )
    absence_to_manager = models.BooleanField(default=True)
    asks_evaluation = models.BooleanField(default=True, help_text="At the event's end.")
    evaluation_reminder_days = models.PositiveSmallIntegerField(null=True, blank=True, default=5, help_text="Days after the end.")
    certificate_days = models.PositiveSmallIntegerField(
        null=True, blank=True, default=2, help_text="Working days after the last register closed. Empty: no certificates."
    )
    refresher_weeks = models.PositiveSmallIntegerField(
        null=True, blank=True, default=8, help_text="Weeks before the day by which somebody is to refresh what they learned."
    )
    follow_up_days = models.PositiveSmallIntegerField(null=True, blank=True, default=90, help_text="Days after the end.")
    digest_every = models.CharField(max_length=5, choices=DigestEvery, default=DigestEvery.NEVER)

    class Meta:
        constraints = [
            models.CheckConstraint(name="messagesettings_digest_is_known", condition=Q(digest_every__in=DigestEvery.values)),
            models.CheckConstraint(
                name="messagesettings_hour_is_by_day",
                condition=Q(leaves_at_hour__gte=EARLIEST_HOUR, leaves_at_hour__lte=LATEST_HOUR),
            ),
            models.CheckConstraint(
                name="messagesettings_absence_is_held",
                condition=Q(absence_days__isnull=True) | Q(absence_days__gte=ABSENCE_HELD_FOR),
            ),
            models.CheckConstraint(
                name="messagesettings_certificate_is_soon",
                condition=Q(certificate_days__isnull=True) | Q(certificate_days__lte=CERTIFICATE_WAITS_AT_MOST),
            ),
            models.CheckConstraint(
                name="messagesettings_refresher_in_a_week_to_half_a_year",
                condition=Q(refresher_weeks__isnull=True) | Q(refresher_weeks__gte=1, refresher_weeks__lte=MOST_WEEKS),
            ),
            models.CheckConstraint(
                name="messagesettings_follow_up_is_months_later",
                condition=Q(follow_up_days__isnull=True)
                | Q(follow_up_days__gte=FOLLOW_UP_LEAST, follow_up_days__lte=FOLLOW_UP_MOST),
            ),
        ]

    def __str__(self) -> str:
        return f"When {self.partnership} writes"

    @classmethod
    def of(cls, partnership: Partnership) -> MessageSettings:
        """The partnership's settings; the usual ones, unsaved, where it has not changed any."""
        return cls.objects.filter(partnership=partnership).first() or cls(partnership=partnership)

    def days(self, kind: str) -> int | None:
        """In how many days before or after: None where none is sent."""
        return {
            PlannedKind.FIRST_REMINDER: self.first_reminder_days,
            PlannedKind.JOINING: self.joining_days,
            PlannedKind.LAST_REMINDER: self.last_reminder_days,
            PlannedKind.REGISTER: self.register_days,
            PlannedKind.ABSENCE: self.absence_days,
            PlannedKind.CERTIFICATE: self.certificate_days,
            PlannedKind.EVALUATION: 0 if self.asks_evaluation else None,
            PlannedKind.EVALUATION_REMINDER: self.evaluation_reminder_days if self.asks_evaluation else None,
            PlannedKind.FOLLOW_UP: self.follow_up_days,
        }[PlannedKind(kind)]


class PlannedChange(BaseModel):
    """What officers change about one kind of planned letter for one event: held back, other days, a paragraph more.

    ``released_at``: an officer let what is held after the event leave at once.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40, choices=PlannedKind)
    is_held_back = models.BooleanField(default=False)
    days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: as the partnership says.")
    note = models.TextField(blank=True, default="", max_length=1000)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "kind"], name="planned_change_once"),
            models.CheckConstraint(name="planned_change_kind_is_known", condition=Q(kind__in=PlannedKind.values)),
            models.CheckConstraint(
                name="planned_change_is_held_back_or_released", condition=Q(is_held_back=False) | Q(released_at__isnull=True)
            ),
            models.CheckConstraint(
                name="planned_change_absence_is_held",
                condition=~Q(kind=PlannedKind.ABSENCE) | Q(days__isnull=True) | Q(days__gte=ABSENCE_HELD_FOR),
            ),
            models.CheckConstraint(
                name="planned_change_certificate_is_soon",
                condition=~Q(kind=PlannedKind.CERTIFICATE) | Q(days__isnull=True) | Q(days__lte=CERTIFICATE_WAITS_AT_MOST),
            ),
            models.CheckConstraint(
                name="planned_change_follow_up_is_months_later",
                condition=~Q(kind=PlannedKind.FOLLOW_UP)
                | Q(days__isnull=True)
                | Q(days__gte=FOLLOW_UP_LEAST, days__lte=FOLLOW_UP_MOST),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.event}"


class HeldBackLetter(BaseModel):
    """One planned letter about one booking that an officer holds back, the others leaving as planned."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40, choices=PlannedKind)
    held_at = models.DateTimeField()
    held_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["booking", "kind"], name="held_back_letter_once"),
            models.CheckConstraint(name="held_back_letter_kind_is_known", condition=Q(kind__in=PlannedKind.values)),
            models.CheckConstraint(name="held_back_letter_is_not_for_everybody", condition=~Q(kind__in=FOR_EVERYBODY)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} about {self.booking}"
