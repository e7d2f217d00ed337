"""Courses taken online at any time."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import BaseModel
from courses.models import Theme
from people.models import Partnership, Person


class ModuleQuerySet(models.QuerySet["Module"]):
    def in_catalogue(self) -> ModuleQuerySet:
        return self.filter(is_in_catalogue=True)


class Module(BaseModel):
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160)
    summary = models.CharField(max_length=300, blank=True, default="")
    description = models.TextField(blank=True, default="")
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    is_in_catalogue = models.BooleanField(default=True)

    objects = ModuleQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["partnership", "title"], name="module_title_once")]

    def __str__(self) -> str:
        return self.title


class Attempt(BaseModel):
    """One person working through one module. Not completed while ``completed_on`` is empty.

    ``completed_on`` is the London date of ``completed_at``, kept beside it for reports.
    """

    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="attempts")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_on = models.DateField(null=True, blank=True, db_index=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Percent.")

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                name="attempt_completed_after_it_started",
                condition=Q(completed_at__isnull=True) | Q(completed_at__gte=models.F("started_at")),
            ),
            models.CheckConstraint(
                name="attempt_completion_has_its_day",
                condition=Q(completed_at__isnull=True, completed_on__isnull=True)
                | Q(completed_at__isnull=False, completed_on__isnull=False),
            ),
            models.CheckConstraint(name="attempt_score_is_percent", condition=Q(score__isnull=True) | Q(score__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.module}: {self.person}"
