"""Dated occasions and their parts. Knows nothing of bookings: places stand in bookings.BookingTerms."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import Q

from core.clock import LONDON
from core.models import BaseModel
from core.states import StateTable
from courses.models import Course, Format, Priority, Theme
from people.models import Organisation, Partnership, Person, Sector


class EventKind(models.TextChoices):
    COURSE = "course", "Course"
    CONFERENCE = "conference", "Conference"
    LEARNING_EVENT = "learning_event", "Learning event"
    TEAM_WORKSHOP = "team_workshop", "Team workshop"
    SINGLE_AGENCY = "single_agency", "Single agency"
    BRIEFING = "briefing", "Briefing or webinar"
    FORUM = "forum", "Forum"


class EventStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    CANCELLED = "cancelled", "Cancelled"


EVENT_STATES = StateTable(
    "event",
    {
        EventStatus.DRAFT: frozenset({EventStatus.PUBLISHED, EventStatus.CANCELLED}),
        EventStatus.PUBLISHED: frozenset({EventStatus.CANCELLED}),
        EventStatus.CANCELLED: frozenset(),
    },
)


class Venue(BaseModel):
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=300, blank=True, default="")
    room_places = models.PositiveIntegerField(null=True, blank=True, help_text="How many the room seats, if known.")
    is_online = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["partnership", "name"], name="venue_once")]

    def __str__(self) -> str:
        return self.name


class Review(BaseModel):
    """A local review whose learning events teach. Its title names no child."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=160)

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["partnership", "title"], name="review_once")]

    def __str__(self) -> str:
        return self.title


class Recommendation(BaseModel):
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="recommendations")
    number = models.CharField(max_length=10)
    text = models.CharField(max_length=300)

    class Meta:
        ordering = ["review", "number"]
        constraints = [models.UniqueConstraint(fields=["review", "number"], name="recommendation_once")]

    def __str__(self) -> str:
        return f"{self.review}, recommendation {self.number}"


class EventQuerySet(models.QuerySet["Event"]):
    def published(self) -> EventQuerySet:
        return self.filter(status=EventStatus.PUBLISHED)

    def listed(self) -> EventQuerySet:
        """What the catalogue and the public calendar may show."""
        return self.published().filter(is_closed=False)

    def upcoming(self, today: date) -> EventQuerySet:
        return self.filter(ends_on__gte=today)

    def hosted_by(self, partnership: Partnership) -> EventQuerySet:
        return self.filter(pk__in=EventHost.objects.filter(partnership=partnership).values("event_id"))


class Event(BaseModel):
    """A dated occasion people book or are invited to.

    ``starts_on`` and ``ends_on`` are London dates, kept beside the sessions' UTC instants by events.operations. A closed event is
    for invited people only: unlisted, and called ``neutral_title`` wherever somebody else could read it.
    """

    lead_host = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=EventKind)
    format = models.CharField(max_length=10, choices=Format)
    title = models.CharField(max_length=160)
    neutral_title = models.CharField(max_length=160, blank=True, default="")
    summary = models.CharField(max_length=300, blank=True, default="")
    description = models.TextField(blank=True, default="")
    is_closed = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=EventStatus, default=EventStatus.DRAFT)
    starts_on = models.DateField()
    ends_on = models.DateField()
    venue = models.ForeignKey(Venue, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    joining_link = models.URLField(blank=True, default="", max_length=500)
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    priority = models.ForeignKey(Priority, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey(Review, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    recommendations = models.ManyToManyField(Recommendation, blank=True, related_name="events")
    for_sectors = models.ManyToManyField(Sector, blank=True, related_name="+")
    for_organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The one agency of a single-agency session, where it is known.",
    )
    cost = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True, help_text="What it cost us, in pounds.")
    messages_from = models.DateField(null=True, blank=True, help_text="Later than the partnership's day, if set.")
    cancelled_reason = models.CharField(max_length=300, blank=True, default="")
    version = models.PositiveIntegerField(default=0, help_text="Rises with each change that a calendar must hear of.")
    changed_at = models.DateTimeField(null=True, blank=True, help_text="When a calendar last had something to hear of.")
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="The same, but for slips of the pen that were put right without writing to anybody."
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "title", "id"]
        indexes = [models.Index(fields=["status", "starts_on"], name="event_by_status_and_day")]
        constraints = [
            models.CheckConstraint(name="event_ends_after_it_starts", condition=Q(ends_on__gte=models.F("starts_on"))),
            models.CheckConstraint(name="event_kind_is_known", condition=Q(kind__in=EventKind.values)),
            models.CheckConstraint(name="event_status_is_known", condition=Q(status__in=EventStatus.values)),
            models.CheckConstraint(name="event_closed_has_a_neutral_title", condition=Q(is_closed=False) | ~Q(neutral_title="")),
            models.CheckConstraint(name="event_cost_not_negative", condition=Q(cost__gte=0)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def public_title(self) -> str:
        """What may stand in a feed, a mail's subject, a calendar or a certificate."""
        return self.neutral_title if self.is_closed else self.title


class EventHost(BaseModel):
    """A partnership that hosts the event; the lead host stands here too."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="hosts")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "partnership"], name="event_host_once")]

    def __str__(self) -> str:
        return str(self.partnership)


class Session(BaseModel):
    """One part of an event with its own times and its own register. Times are UTC instants."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sessions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120, blank=True, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["event_id", "number"]
        indexes = [models.Index(fields=["starts_at"], name="session_by_start")]
        constraints = [
            models.UniqueConstraint(fields=["event", "number"], name="session_number_once"),
            models.CheckConstraint(name="session_ends_after_it_starts", condition=Q(ends_at__gt=models.F("starts_at"))),
        ]

    def __str__(self) -> str:
        return self.title or f"Session {self.number}"

    @property
    def local_start(self) -> datetime:
        """The start as a London clock shows it."""
        return self.starts_at.astimezone(LONDON)

    @property
    def local_end(self) -> datetime:
        return self.ends_at.astimezone(LONDON)


class EventTrainer(BaseModel):
    """Who teaches: a person with a sign-in, or a name, or an outside body."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="trainers")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    outside_body = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="event_trainer_once")]

    def __str__(self) -> str:
        return self.name
