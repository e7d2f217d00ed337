"""A series as an RSS feed: RSS 2.0 with the words that podcast programs know.

An item has no enclosure until episodes have audio of their own: an enclosure must name a file's length and type, and a made-up
one would show an episode that can't be played. Until then the feed tells readers what is new and leads to the episode's page. Its
ids stay when audio comes, so that nobody gets an episode twice.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.html import linebreaks
from django.utils.xmlutils import SimplerXMLGenerator

from core.clock import LONDON
from podcasts.models import Episode, Series

PODCAST_NAMESPACE = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # of podcast:guid, fixed by podcastindex.org; the name
# in it is the series' id, because the address it is usually made of changes with the site's
NEWEST = 300


class PodcastFeed(Rss201rev2Feed):
    """RSS with the itunes and podcast namespaces."""

    def rss_attributes(self) -> dict[str, str]:
        return {
            **super().rss_attributes(),
            "xmlns:itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
            "xmlns:podcast": "https://podcastindex.org/namespace/1.0",
        }

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("itunes:author", self.feed["owner_name"])
        handler.addQuickElement("itunes:type", "episodic")
        handler.addQuickElement("itunes:explicit", "false")
        handler.startElement("itunes:owner", AttributesImpl({}))
        handler.addQuickElement("itunes:name", self.feed["owner_name"])
        handler.addQuickElement("itunes:email", self.feed["owner_email"])
        handler.endElement("itunes:owner")
        handler.addQuickElement("podcast:guid", self.feed["podcast_guid"])
        handler.addQuickElement("podcast:locked", "yes")

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("itunes:title", item["title"])
        handler.addQuickElement("itunes:duration", str(item["seconds"]))
        handler.addQuickElement("itunes:explicit", "false")


def _absolute(path: str) -> str:
    """Links start with the site's own address, never with whatever host a request named."""
    return f"{settings.SITE_URL}{path}"


class SeriesFeed(Feed):  # type: ignore[type-arg]
    feed_type = PodcastFeed
    language = "en-gb"
    item_guid_is_permalink = False

    def __init__(self, today: date) -> None:
        self.today = today

    def get_object(self, request: HttpRequest, slug: str) -> Series:
        return Series.objects.select_related("partnership").get(slug=slug)

    def title(self, series: Series) -> str:
        return series.title

    def description(self, series: Series) -> str:
        return series.summary or f"{series.title}, by {series.partnership.name}"

    def link(self, series: Series) -> str:
        return _absolute(reverse("podcast_series", args=[series.slug]))

    def feed_url(self, series: Series) -> str:
        return _absolute(reverse("podcast_feed", args=[series.slug]))

    def feed_extra_kwargs(self, series: Series) -> dict[str, Any]:
        return {
            "owner_name": series.partnership.name,
            "owner_email": series.partnership.team_email,
            "podcast_guid": str(uuid.uuid5(PODCAST_NAMESPACE, str(series.pk))),
        }

    def items(self, series: Series) -> QuerySet[Episode]:
        return series.episodes.published(self.today).select_related("series", "theme")[:NEWEST]  # type: ignore[attr-defined,no-any-return]

    def item_title(self, episode: Episode) -> str:  # type: ignore[override]
        return episode.title

    def item_description(self, episode: Episode) -> str:  # type: ignore[override]
        """As markup, which is what readers take a description for."""
        return linebreaks(episode.summary or episode.notes, autoescape=True)

    def item_link(self, episode: Episode) -> str:
        return _absolute(reverse("episode", args=[episode.series.slug, episode.pk]))

    def item_guid(self, episode: Episode) -> str:
        return f"urn:uuid:{episode.pk}"

    def item_pubdate(self, episode: Episode) -> datetime:
        return datetime.combine(episode.published_on, time.min, tzinfo=LONDON)

    def item_categories(self, episode: Episode) -> list[str]:
        return [episode.theme.name] if episode.theme else []

    def item_extra_kwargs(self, episode: Episode) -> dict[str, Any]:
        return {"seconds": episode.minutes * 60}
