"""Series and episodes for everybody.

The list is the partnership's at hand. A series, its episodes and its feed have addresses that work for anybody, because a feed
reader has no partnership.
"""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import conditional_page, require_safe

from core.clock import london_date, now
from people.access import VisitorRequest, public
from podcasts import queries
from podcasts.feeds import SeriesFeed
from podcasts.models import Episode, Series

EPISODES_ON_A_PAGE = 25


@public
@require_safe
def podcasts(request: VisitorRequest) -> HttpResponse:
    listed = queries.series_of(request.partnership, london_date(now())) if request.partnership else Series.objects.none()
    return render(request, "podcasts/podcasts.html", {"all_series": listed})


@public
@require_safe
def podcast_series(request: HttpRequest, slug: str) -> HttpResponse:
    series = get_object_or_404(Series.objects.select_related("partnership"), slug=slug)
    published = series.episodes.published(london_date(now())).select_related("theme")  # type: ignore[attr-defined]
    page = Paginator(published, EPISODES_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "podcasts/series.html", {"series": series, "page": page})


@public
@require_safe
def episode(request: HttpRequest, slug: str, episode_id: uuid.UUID) -> HttpResponse:
    published = Episode.objects.published(london_date(now())).select_related("series__partnership", "theme")
    found = get_object_or_404(published, pk=episode_id, series__slug=slug)
    return render(request, "podcasts/episode.html", {"episode": found, "listens": queries.listens([found])[found.pk]})


@public
@conditional_page
@require_safe
def podcast_feed(request: HttpRequest, slug: str) -> HttpResponse:
    return SeriesFeed(london_date(now()))(request, slug=slug)
