"""Series, episodes and how often they were listened to."""

from __future__ import annotations

from datetime import date

from django.db import models

from core.models import BaseModel
from courses.models import Theme
from people.models import Partnership


class Series(BaseModel):
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160)
    slug = models.SlugField(unique=True)
    summary = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.title


class EpisodeQuerySet(models.QuerySet["Episode"]):
    def published(self, today: date) -> EpisodeQuerySet:
        return self.filter(published_on__lte=today)


class Episode(BaseModel):
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="episodes")
    title = models.CharField(max_length=160)
    summary = models.CharField(max_length=300, blank=True, default="")
    notes = models.TextField(blank=True, default="")
    published_on = models.DateField()
    minutes = models.PositiveSmallIntegerField()
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        ordering = ["-published_on", "title"]
        constraints = [models.UniqueConstraint(fields=["series", "title"], name="episode_title_once")]

    def __str__(self) -> str:
        return self.title


class ListenCount(BaseModel):
    """Listens of one episode on one day by one counter. Counters measure different things, so they stand apart."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="listen_counts")
    date = models.DateField()
    source = models.CharField(max_length=40)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["date"]
        indexes = [models.Index(fields=["date"], name="listen_count_by_day")]
        constraints = [models.UniqueConstraint(fields=["episode", "date", "source"], name="listen_count_once_a_day_and_source")]

    def __str__(self) -> str:
        return f"{self.count} on {self.date} by {self.source}"
