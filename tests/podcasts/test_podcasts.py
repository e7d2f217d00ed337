"""Series, episodes and feeds, for anybody. The feed is read back by a reader that is not ours."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime

import feedparser
import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from podcasts.feeds import PODCAST_NAMESPACE
from podcasts.models import Episode
from podcasts.queries import SourceCount, listens
from tests.factories.courses import ThemeFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory
from tests.factories.podcasts import EpisodeFactory, ListenCountFactory, SeriesFactory

pytestmark = pytest.mark.django_db
FEED = "/podcasts/riverside-podcast/feed.xml"


@pytest.fixture(autouse=True)
def in_november() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 20, 9, 0, tzinfo=UTC), tick=False):
        yield


def text_of(page: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def episode_address(episode: Episode) -> str:
    return reverse("episode", args=[episode.series.slug, episode.pk])


def test_the_list_names_the_partnerships_series_and_counts_what_is_published(client: Client) -> None:
    EpisodeFactory()
    EpisodeFactory(published_on=date(2026, 11, 21))
    SeriesFactory(slug="theirs", title="Kingsbridge voices", partnership=OtherPartnershipFactory())
    text = text_of(client.get(reverse("podcasts")))
    assert "Riverside podcast" in text
    assert "1 episode, the newest from Wednesday 7 October 2026" in text
    assert "Kingsbridge voices" not in text


def test_a_partnership_without_a_series_says_what_will_be_here(client: Client) -> None:
    PartnershipFactory()
    assert "No podcasts yet" in text_of(client.get(reverse("podcasts")))


def test_a_site_without_a_partnership_still_answers(client: Client) -> None:
    assert client.get(reverse("podcasts")).status_code == 200


def test_a_series_shows_its_published_episodes_newest_first(client: Client) -> None:
    EpisodeFactory(title="The older one", published_on=date(2026, 10, 7))
    EpisodeFactory(title="The newer one", published_on=date(2026, 11, 20))
    EpisodeFactory(title="Tomorrow's", published_on=date(2026, 11, 21))
    text = text_of(client.get(reverse("podcast_series", args=["riverside-podcast"])))
    assert text.index("The newer one") < text.index("The older one")
    assert "Tomorrow" not in text


def test_a_series_of_another_partnership_opens_by_its_address(client: Client) -> None:
    PartnershipFactory()
    SeriesFactory(slug="theirs", title="Kingsbridge voices", partnership=OtherPartnershipFactory())
    assert "Podcast by Kingsbridge Safeguarding" in text_of(client.get(reverse("podcast_series", args=["theirs"])))


def test_an_episode_shows_its_notes_and_keeps_its_counters_apart(client: Client) -> None:
    episode = EpisodeFactory(title="Neurodiversity", notes="With <b>two</b> guests", theme=ThemeFactory(name="Inclusion"))
    for source, count, day in (("Website", 264, 8), ("YouTube", 1200, 8), ("YouTube", 70, 9)):
        ListenCountFactory(episode=episode, source=source, count=count, date=date(2026, 10, day))
    page = client.get(episode_address(episode))
    assert "Listens, Website 264 Listens, YouTube 1,270" in text_of(page)
    assert "1,534" not in text_of(page)
    assert "With &lt;b&gt;two&lt;/b&gt; guests" in page.content.decode()
    assert "Inclusion" in text_of(page)


def test_listens_of_many_episodes_are_one_query() -> None:
    first, second, silent = EpisodeFactory(), EpisodeFactory(), EpisodeFactory()
    ListenCountFactory(episode=first, count=2)
    ListenCountFactory(episode=second, source="YouTube", count=3)
    with CaptureQueriesContext(connection) as queries:
        found = listens([first, second, silent])
    assert len(queries) == 1
    assert found == {first.pk: [SourceCount("Website", 2)], second.pk: [SourceCount("YouTube", 3)], silent.pk: []}


@pytest.mark.parametrize("name", ["podcast_series", "podcast_feed"])
def test_an_unknown_series_is_not_found(client: Client, name: str) -> None:
    assert client.get(reverse(name, args=["nothing"])).status_code == 404


def test_an_episode_that_is_not_published_or_not_of_the_series_is_not_found(client: Client) -> None:
    tomorrow = EpisodeFactory(published_on=date(2026, 11, 21))
    published = EpisodeFactory()
    assert client.get(episode_address(tomorrow)).status_code == 404
    assert client.get(reverse("episode", args=["another", published.pk])).status_code == 404


def test_the_feed_is_read_by_a_feed_reader(client: Client) -> None:
    older = EpisodeFactory(
        title="Curiosity & care", summary="Ask <again> & <script>again</script>", theme=ThemeFactory(name="Neglect")
    )
    EpisodeFactory(title="In summer", published_on=date(2026, 7, 1), minutes=30)
    EpisodeFactory(title="Tomorrow's", published_on=date(2026, 11, 21))
    answer = client.get(FEED)
    feed = feedparser.parse(answer.content)
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert (feed.bozo, feed.feed.title, feed.feed.language) == (False, "Riverside podcast", "en-gb")
    assert [entry.title for entry in feed.entries] == ["Curiosity & care", "In summer"]
    entry = feed.entries[0]
    assert entry.id == f"urn:uuid:{older.pk}"
    assert entry.link == f"http://127.0.0.1:8000{episode_address(older)}"
    assert entry.summary == "<p>Ask &lt;again&gt; &amp; &lt;script&gt;again&lt;/script&gt;</p>"
    assert entry.itunes_duration == "2700"
    assert [tag.term for tag in entry.tags] == ["Neglect"]


def test_the_feed_gives_each_episode_the_day_it_was_published_in_london(client: Client) -> None:
    EpisodeFactory(published_on=date(2026, 7, 1))
    (entry,) = feedparser.parse(client.get(FEED).content).entries
    assert entry.published == "Wed, 01 Jul 2026 00:00:00 +0100"


def test_the_feed_names_its_owner_itself_and_an_id_that_stays(client: Client) -> None:
    series = SeriesFactory()
    xml = client.get(FEED).content.decode()
    assert '<atom:link href="http://127.0.0.1:8000/podcasts/riverside-podcast/feed.xml" rel="self"' in xml
    assert "<itunes:name>Riverside Safeguarding Children Partnership</itunes:name>" in xml
    assert "<itunes:email>training@riverside.example</itunes:email>" in xml
    assert "<itunes:explicit>false</itunes:explicit>" in xml
    assert f"<podcast:guid>{uuid.uuid5(PODCAST_NAMESPACE, str(series.pk))}</podcast:guid>" in xml


def test_the_feed_names_no_file_that_is_not_there(client: Client) -> None:
    EpisodeFactory()
    assert feedparser.parse(client.get(FEED).content).entries[0].enclosures == []


def test_links_in_the_feed_do_not_follow_the_host_a_request_names(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]
    EpisodeFactory()
    assert "evil.example" not in client.get(FEED, headers={"host": "evil.example"}).content.decode()


def test_a_reader_that_has_the_feed_is_told_that_nothing_changed(client: Client) -> None:
    EpisodeFactory()
    first = client.get(FEED)
    again = client.get(FEED, headers={"if-none-match": first.headers["ETag"]})
    EpisodeFactory()
    changed = client.get(FEED, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, changed.status_code) == (304, 200)


@pytest.mark.parametrize("address", ["/podcasts/", "/podcasts/riverside-podcast/", FEED])
def test_a_page_takes_the_same_queries_for_one_row_and_for_three(client: Client, address: str) -> None:
    EpisodeFactory(theme=ThemeFactory())
    taken = []
    for more in (0, 2):
        for number in range(more):
            EpisodeFactory(theme=ThemeFactory(name=f"Theme {number}"), series=SeriesFactory(slug="riverside-podcast"))
            SeriesFactory(slug=f"another-{number}")
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        taken.append(len(queries))
    assert taken[0] == taken[1]
    assert taken[0] <= 5
