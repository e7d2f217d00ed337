"""The catalogue: what can be learned, undated."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models

from core.models import BaseModel
from people.models import Partnership, Sector

MOST_REFRESH_MONTHS = 120


class Theme(BaseModel):
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["partnership", "name"], name="theme_once")]

    def __str__(self) -> str:
        return self.name


class Level(BaseModel):
    """A rung of one of the schemes of levels that stand beside each other: a tag, never a scale of ours."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["partnership", "name"], name="level_once")]

    def __str__(self) -> str:
        return self.name


class Priority(BaseModel):
    """A priority of the partnership's plan that learning serves."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "priorities"
        constraints = [models.UniqueConstraint(fields=["partnership", "name"], name="priority_once")]

    def __str__(self) -> str:
        return self.name


class Format(models.TextChoices):
    CLASSROOM = "classroom", "Classroom"
    VIRTUAL = "virtual", "Virtual"
    BLENDED = "blended", "Blended"


class CourseQuerySet(models.QuerySet["Course"]):
    def in_catalogue(self) -> CourseQuerySet:
        return self.filter(is_in_catalogue=True)


class Course(BaseModel):
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    summary = models.CharField(max_length=300, blank=True, default="")
    description = models.TextField(blank=True, default="")
    outcomes = models.TextField(blank=True, default="", help_text="What you will be able to do: one a line.")
    content_note = models.CharField(max_length=300, blank=True, default="", help_text="Shown before booking.")
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="courses")
    level = models.ForeignKey(Level, null=True, blank=True, on_delete=models.PROTECT, related_name="courses")
    format = models.CharField(max_length=10, choices=Format)
    hours = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)])
    refresh_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="In how many months it is to be learned again. Empty: never."
    )
    for_sectors = models.ManyToManyField(Sector, blank=True, related_name="+", help_text="Empty: for everybody.")
    is_in_catalogue = models.BooleanField(default=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(fields=["partnership", "code"], name="course_code_once"),
            models.CheckConstraint(name="course_hours_not_negative", condition=models.Q(hours__gte=0)),
            models.CheckConstraint(
                name="course_refreshed_in_a_month_to_ten_years",
                condition=models.Q(refresh_months__gte=1, refresh_months__lte=MOST_REFRESH_MONTHS),
            ),
        ]

    def __str__(self) -> str:
        return self.title
