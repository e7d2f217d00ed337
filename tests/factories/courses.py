from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from courses.models import Course, Format, Level, Theme
from tests.factories.people import PartnershipFactory


class ThemeFactory(DjangoModelFactory):
    class Meta:
        model = Theme
        django_get_or_create = ("partnership", "name")

    partnership = factory.SubFactory(PartnershipFactory)
    name = "Neglect"


class LevelFactory(DjangoModelFactory):
    class Meta:
        model = Level
        django_get_or_create = ("partnership", "name")

    partnership = factory.SubFactory(PartnershipFactory)
    name = "Core"


class CourseFactory(DjangoModelFactory):
    class Meta:
        model = Course

    partnership = factory.SubFactory(PartnershipFactory)
    code = factory.Sequence(lambda n: f"C{n}")
    title = factory.Sequence(lambda n: f"Recognising neglect {n}")
    format = Format.CLASSROOM
    theme = factory.SubFactory(ThemeFactory)
    level = factory.SubFactory(LevelFactory)
    hours = 6
