"""Whatever limits the places of an event, and what a partnership and a course say of it beforehand."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.models import BaseModel
from courses.models import Course
from events.models import Event
from people.models import Partnership


class ManagerRole(models.TextChoices):
    """What a line manager has to do with a booking."""

    NOBODY = "nobody", "Nobody is told"
    TOLD = "told", "The manager is told"
    APPROVES = "approves", "The manager approves"


class LatePlaces(models.TextChoices):
    """What becomes of a place that is freed too close to the start to confirm somebody without asking."""

    OFFER = "offer", "Offered to the next in line, with a deadline"
    OFFICER = "officer", "Left to an officer, who rings"


class QueueRules(models.Model):
    """How a freed place reaches those who wait. Before the last ``confirm_until_days`` working days they are simply confirmed."""

    confirm_until_days = models.PositiveSmallIntegerField(default=2, help_text="Working days before the start.")
    late_places = models.CharField(max_length=10, choices=LatePlaces, default=LatePlaces.OFFER)
    offer_hours = models.PositiveSmallIntegerField(default=4, help_text="Working hours in which an offer is answered.")
    manager_role = models.CharField(max_length=10, choices=ManagerRole, default=ManagerRole.TOLD)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(name="%(class)s_late_places_is_known", condition=Q(late_places__in=LatePlaces.values)),
            models.CheckConstraint(name="%(class)s_manager_role_is_known", condition=Q(manager_role__in=ManagerRole.values)),
            models.CheckConstraint(name="%(class)s_offer_leaves_time", condition=Q(offer_hours__gte=1)),
        ]


QUEUE_RULES = ("confirm_until_days", "late_places", "offer_hours", "manager_role")


class BookingSettings(QueueRules, BaseModel):
    """How a partnership books where an event does not say otherwise. New events take these; those that are made keep theirs."""

    partnership = models.OneToOneField(Partnership, on_delete=models.CASCADE, related_name="+")
    approval_reminder_days = models.PositiveSmallIntegerField(default=2, help_text="Working days until a manager is reminded.")
    approval_lapse_days = models.PositiveSmallIntegerField(default=5, help_text="Working days until a request lapses.")
    sector_warning_days = models.PositiveSmallIntegerField(default=10, help_text="Days before the start.")
    needs_kept_days = models.PositiveSmallIntegerField(default=28, help_text="Days after the event.")
    feed_shows_links = models.BooleanField(default=False, help_text="Whether joining links stand in people's own calendar feeds.")

    class Meta(QueueRules.Meta):
        abstract = False
        constraints = [
            *QueueRules.Meta.constraints,
            models.CheckConstraint(
                name="bookingsettings_reminds_before_it_lapses",
                condition=Q(approval_reminder_days__lt=F("approval_lapse_days")),
            ),
        ]

    def __str__(self) -> str:
        return f"How {self.partnership} books"

    @classmethod
    def of(cls, partnership: Partnership) -> BookingSettings:
        """The partnership's settings; the usual ones, unsaved, where it has not changed any."""
        return cls.objects.filter(partnership=partnership).first() or cls(partnership=partnership)


class CourseTerms(BaseModel):
    """What a course gives to each event made from it."""

    course = models.OneToOneField(Course, on_delete=models.CASCADE, related_name="+")
    places = models.PositiveIntegerField(null=True, blank=True)
    minimum = models.PositiveIntegerField(null=True, blank=True)
    manager_role = models.CharField(
        max_length=10, choices=ManagerRole, blank=True, default="", help_text="Empty: as the partnership says."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="course_terms_manager_role_is_known", condition=Q(manager_role__in=["", *ManagerRole.values])
            ),
            models.CheckConstraint(
                name="course_terms_minimum_fits",
                condition=Q(minimum__isnull=True) | Q(places__isnull=True) | Q(minimum__lte=F("places")),
            ),
        ]

    def __str__(self) -> str:
        return f"What events of {self.course} start with"


class BookingTerms(QueueRules, BaseModel):
    """Whatever limits a place at one event. This row is what gets locked when places are decided.

    ``booking_limit`` is how many may hold a place: more than the room seats, where an event is over-booked on purpose.
    ``queue_counter`` numbers the waiting list, under the lock. ``revision`` rises, under the lock too, whenever anything changes
    that a booking rests on: these terms, the event itself, conditions, held places. With a ``minimum`` the event is tentative:
    bookings stay requests until there are that many requests, or an officer goes ahead; ``firm_at`` says when that was.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="+")
    booking_limit = models.PositiveIntegerField()
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True, help_text="Empty: when the event starts.")
    has_waiting_list = models.BooleanField(default=True)
    queue_counter = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    fee = models.DecimalField(
        max_digits=7, decimal_places=2, null=True, blank=True, help_text="The course cost of one place, in pounds."
    )
    minimum = models.PositiveIntegerField(null=True, blank=True)
    firm_at = models.DateTimeField(null=True, blank=True)
    interest_told_at = models.DateTimeField(
        null=True, blank=True, help_text="When those who want the course were told of this date."
    )

    class Meta(QueueRules.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(name="terms_fee_not_negative", condition=Q(fee__gte=0)),
            *QueueRules.Meta.constraints,
            models.CheckConstraint(
                name="terms_close_after_they_open",
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
            ),
            models.CheckConstraint(
                name="terms_minimum_fits",
                condition=Q(minimum__isnull=True) | (Q(minimum__gte=1) & Q(minimum__lte=F("booking_limit"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking_limit} places at {self.event}"

    @property
    def is_tentative(self) -> bool:
        """Whether bookings are only requests as yet."""
        return self.minimum is not None and self.firm_at is None


class InvitedPerson(BaseModel):
    """Somebody who may book a closed event, known by e-mail address."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField()

    class Meta:
        ordering = ["address"]
        constraints = [models.UniqueConstraint(fields=["event", "address"], name="invited_once")]

    def __str__(self) -> str:
        return self.address
