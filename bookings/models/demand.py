"""What people want that has no date yet."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import BaseModel
from core.states import StateTable
from courses.models import Course
from events.models import Event
from people.models import Organisation, Partnership, Person


class InterestQuerySet(models.QuerySet["Interest"]):
    def open(self) -> InterestQuerySet:
        return self.filter(ended_at__isnull=True)


class Interest(BaseModel):
    """Somebody wants a course that has no date, and is told when it gets one. Ends when they leave the list or book."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    has_booked = models.BooleanField(default=False)

    objects = InterestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "person"], condition=Q(ended_at__isnull=True), name="interest_one_open_for_person_and_course"
            ),
            models.CheckConstraint(name="interest_booked_has_ended", condition=Q(has_booked=False) | Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.person} wants {self.course}"


class SessionRequestStatus(models.TextChoices):
    ASKED = "asked", "Asked for"
    PLANNED = "planned", "Planned"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


SESSION_REQUEST_STATES = StateTable(
    "session request",
    {
        SessionRequestStatus.ASKED: frozenset(
            {SessionRequestStatus.PLANNED, SessionRequestStatus.DECLINED, SessionRequestStatus.WITHDRAWN}
        ),
        SessionRequestStatus.PLANNED: frozenset({SessionRequestStatus.ASKED, SessionRequestStatus.DECLINED}),
        SessionRequestStatus.DECLINED: frozenset({SessionRequestStatus.ASKED}),
        SessionRequestStatus.WITHDRAWN: frozenset(),
    },
)


class SessionRequest(BaseModel):
    """A service asks for a session of its own. An officer turns it into an event, or says why not.

    ``answered_at`` is when whoever asked was told: of a planned one, once its event is published. Until then they see it as
    asked for, because nobody but officers sees the draft.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    organisation_text = models.CharField(max_length=200, blank=True, default="")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=160)
    people = models.PositiveSmallIntegerField()
    wanted_when = models.CharField(max_length=200)
    place = models.CharField(max_length=200, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=SessionRequestStatus, default=SessionRequestStatus.ASKED)
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(name="session_request_status_is_known", condition=Q(status__in=SessionRequestStatus.values)),
            models.CheckConstraint(name="session_request_is_for_somebody", condition=Q(people__gte=1)),
            models.CheckConstraint(
                name="session_request_planned_has_its_event",
                condition=Q(status="planned", event__isnull=False) | (~Q(status="planned") & Q(event__isnull=True)),
            ),
            models.CheckConstraint(name="session_request_declined_says_why", condition=~Q(status="declined") | ~Q(answer="")),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def about(self) -> str:
        """What every message about this request carries as its ``about``."""
        return f"session-request:{self.pk}"

    @property
    def is_being_planned(self) -> bool:
        """Whether it has an event that whoever asked has not been told of."""
        return self.status == SessionRequestStatus.PLANNED and self.answered_at is None
