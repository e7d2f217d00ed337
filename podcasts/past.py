"""Episodes and listens of an older system, written in bulk: one audit entry for each call."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models, transaction
from django.utils.text import slugify

from core import audit
from people.models import Partnership, Person
from podcasts.models import Episode, ListenCount, Series


@dataclass(frozen=True, slots=True)
class PastEpisode:
    id: uuid.UUID
    title: str
    published_on: date
    minutes: int


@dataclass(frozen=True, slots=True)
class PastListens:
    """How often one counter saw an episode listened to on one day. Several rows of one day and counter add up."""

    episode_id: uuid.UUID
    date: date
    source: str
    count: int


@transaction.atomic
def record_past_podcasts(
    *,
    partnership: Partnership,
    episodes: Sequence[PastEpisode],
    listens: Sequence[PastListens],
    about: models.Model,
    by: Person | None,
    at: datetime,
) -> None:
    """Episodes stand in the partnership's first series, which is made where there is none."""
    if episodes:
        series = Series.objects.filter(partnership=partnership).order_by("title").first() or _series(partnership)
        Episode.objects.bulk_create(
            [
                Episode(id=row.id, series=series, title=row.title, published_on=row.published_on, minutes=row.minutes)
                for row in episodes
            ]
        )
    _add_listens(listens)
    if episodes or listens:
        counts = {"episodes": [0, len(episodes)], "listens": [0, len(listens)]}
        audit.record(action="past podcasts recorded", about=about, by=by, at=at, changes=counts)


def _series(partnership: Partnership) -> Series:
    title = f"{partnership.short_name} podcast"
    slug = slugify(title)
    if Series.objects.filter(slug=slug).exists():
        slug = f"{slug[:40]}-{uuid.uuid4().hex[:8]}"
    return Series.objects.create(partnership=partnership, title=title, slug=slug)


def _add_listens(listens: Sequence[PastListens]) -> None:
    sums: dict[tuple[uuid.UUID, date, str], int] = {}
    for row in listens:
        place = (row.episode_id, row.date, row.source)
        sums[place] = sums.get(place, 0) + row.count
    episode_ids = {row.episode_id for row in listens}
    known = {(row.episode_id, row.date, row.source): row for row in ListenCount.objects.filter(episode_id__in=episode_ids)}
    changed = []
    for place, count in known.items():
        if place in sums:
            count.count += sums[place]
            changed.append(count)
    ListenCount.objects.bulk_update(changed, ["count"], batch_size=200)
    ListenCount.objects.bulk_create(
        [
            ListenCount(episode_id=episode_id, date=day, source=source, count=count)
            for (episode_id, day, source), count in sums.items()
            if (episode_id, day, source) not in known
        ]
    )
