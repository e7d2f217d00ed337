from __future__ import annotations

from datetime import date

import factory
from factory.django import DjangoModelFactory

from podcasts.models import Episode, ListenCount, Series
from tests.factories.people import PartnershipFactory


class SeriesFactory(DjangoModelFactory):
    class Meta:
        model = Series
        django_get_or_create = ("slug",)

    partnership = factory.SubFactory(PartnershipFactory)
    title = "Riverside podcast"
    slug = "riverside-podcast"
    summary = "Short conversations about safeguarding practice."


class EpisodeFactory(DjangoModelFactory):
    class Meta:
        model = Episode

    series = factory.SubFactory(SeriesFactory)
    title = factory.Sequence(lambda n: f"Professional curiosity {n}")
    published_on = date(2026, 10, 7)
    minutes = 45


class ListenCountFactory(DjangoModelFactory):
    class Meta:
        model = ListenCount

    episode = factory.SubFactory(EpisodeFactory)
    date = date(2026, 10, 8)
    source = "Website"
    count = 1
