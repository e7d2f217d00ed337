"""Who may book, beyond having a sign-in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import BaseModel
from courses.models import Course, Level
from events.models import Event
from people.models import Borough, Sector


class ConditionKind(models.TextChoices):
    SECTOR = "sector", "Sector"
    BOROUGH = "borough", "Borough"
    JOB_ROLE = "job_role", "Job role"
    LEVEL = "level", "A level reached first"
    COURSE_FIRST = "course_first", "A course attended first"
    PARTNERS_ONLY = "partners_only", "Partner agencies only"
    AGENCY_LIMIT = "agency_limit", "At most so many places for an agency"


class Condition(BaseModel):
    """One condition of an event, or of a course and so of every event made from it.

    ``sectors``, ``boroughs`` and ``job_roles`` (one a line) name who may book; ``level`` a level of which one course was attended
    before; ``courses`` are equals: one of them was attended before; ``number`` is the most places that one agency may claim.
    """

    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=ConditionKind)
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    level = models.ForeignKey(Level, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    job_roles = models.TextField(blank=True, default="")
    sectors = models.ManyToManyField(Sector, blank=True, related_name="+")
    boroughs = models.ManyToManyField(Borough, blank=True, related_name="+")
    courses = models.ManyToManyField(Course, blank=True, related_name="+")

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(
                name="condition_of_an_event_or_a_course",
                condition=Q(event__isnull=False, course__isnull=True) | Q(event__isnull=True, course__isnull=False),
            ),
            models.CheckConstraint(name="condition_kind_is_known", condition=Q(kind__in=ConditionKind.values)),
            models.CheckConstraint(
                name="condition_agency_limit_has_its_number",
                condition=Q(kind="agency_limit", number__gte=1) | (~Q(kind="agency_limit") & Q(number__isnull=True)),
            ),
            models.CheckConstraint(
                name="condition_level_has_its_level",
                condition=Q(kind="level", level__isnull=False) | (~Q(kind="level") & Q(level__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["event", "kind"],
                condition=Q(event__isnull=False) & ~Q(kind="course_first"),
                name="condition_once_for_an_event",
            ),
            models.UniqueConstraint(
                fields=["course", "kind"],
                condition=Q(course__isnull=False) & ~Q(kind="course_first"),
                name="condition_once_for_a_course",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def named_roles(self) -> list[str]:
        """The job roles, as an officer wrote them."""
        return [line.strip() for line in self.job_roles.splitlines() if line.strip()]
