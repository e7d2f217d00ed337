"""Listens as they were counted: each counter measures something else, so they are never added up without saying so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, Sum

from people.models import Partnership
from podcasts.models import Episode, ListenCount, Series


@dataclass(frozen=True)
class SourceCount:
    source: str
    count: int


def series_of(partnership: Partnership, today: date) -> QuerySet[Series]:
    """Its series with ``episode_count`` and ``newest_on``, of what is published by today."""
    published = Q(episodes__published_on__lte=today)
    return Series.objects.filter(partnership=partnership).annotate(
        episode_count=Count("episodes", filter=published), newest_on=Max("episodes__published_on", filter=published)
    )


def listens(episodes: Iterable[Episode]) -> dict[UUID, list[SourceCount]]:
    """For each episode its total by counter, in the counters' alphabetical order. One query."""
    found: dict[UUID, list[SourceCount]] = {episode.pk: [] for episode in episodes}
    totals = ListenCount.objects.filter(episode__in=list(found)).values("episode", "source").annotate(total=Sum("count"))
    for row in totals.order_by("source"):
        found[row["episode"]].append(SourceCount(row["source"], row["total"]))
    return found
