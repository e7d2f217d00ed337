"""Courses and their tags, made and changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEntry
from core.refusals import Refused
from courses.models import Course, Level, Priority, Theme
from courses.operations import add_course, add_tag, change_course, ensure_tag, rename_tag
from people.models import Person
from tests.factories.courses import CourseFactory, LevelFactory, ThemeFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, SectorFactory, officer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def by() -> Person:
    return officer()


def added(by: Person, at: Any, **fields: Any) -> Course:
    wanted = {"partnership": PartnershipFactory(), "code": "L3R", "title": "Level 3 Refresher", "format": "virtual"}
    return add_course(**{**wanted, **fields}, by=by, at=at)


def trail() -> list[tuple[str, dict[str, Any]]]:
    return list(AuditEntry.objects.order_by("action").values_list("action", "changes"))


def test_a_course_is_added_with_its_sectors_and_leaves_a_trace_without_words(by: Person, at: Any) -> None:
    schools = SectorFactory(name="Schools")
    course = added(by, at, code=" L3R ", theme=ThemeFactory(), for_sectors=[schools], is_in_catalogue=False)
    course.refresh_from_db()
    assert (course.code, course.theme.name, course.is_in_catalogue) == ("L3R", "Neglect", False)
    assert list(course.for_sectors.all()) == [schools]
    assert trail() == [("course added", {})]


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"code": "l3r"}, "code_taken", "code"),
        ({"code": " "}, "code_missing", "code"),
        ({"title": " "}, "title_missing", "title"),
        ({"refresh_months": 0}, "refresh_months", "refresh_months"),
        ({"refresh_months": 121}, "refresh_months", "refresh_months"),
    ],
)
def test_a_course_needs_a_title_a_code_of_its_own_and_months_that_can_be(
    by: Person, at: Any, fields: Any, code: str, field: str
) -> None:
    CourseFactory(code="L3R")
    with pytest.raises(Refused) as refusal:
        added(by, at, **{"code": "L4", **fields})
    assert (refusal.value.code, refusal.value.field, Course.objects.count()) == (code, field, 1)


def test_another_partnership_may_use_the_same_code(by: Person, at: Any) -> None:
    CourseFactory(code="L3R", partnership=OtherPartnershipFactory(), theme=None, level=None)
    assert added(by, at).code == "L3R"


def test_a_course_is_changed_where_it_differs(by: Person, at: Any) -> None:
    course = CourseFactory(code="L3R", title="Old")
    before, core = course.theme, LevelFactory()
    sectors = [SectorFactory(name="Schools")]
    new = {"code": "l3r", "title": "New", "theme": None, "level": core, "is_in_catalogue": False, "for_sectors": sectors}
    change_course(course=course, by=by, at=at, **new)
    course.refresh_from_db()
    assert (course.code, course.title, course.theme, course.level, list(course.for_sectors.all())) == (
        "l3r", "New", None, core, sectors,
    )  # fmt: skip
    changes = {"code": [], "title": [], "theme": [str(before.pk), None], "is_in_catalogue": [True, False], "for_sectors": []}
    assert trail() == [("course changed", changes)]
    change_course(course=course, by=by, at=at, **new)
    assert len(trail()) == 1


def test_a_course_keeps_everything_when_a_change_is_refused(by: Person, at: Any) -> None:
    CourseFactory(code="L4")
    course = CourseFactory(code="L3R", title="Old")
    with pytest.raises(Refused) as refusal:
        change_course(course=course, code="l4", title="New", by=by, at=at)
    assert (refusal.value.code, refusal.value.field, course.title) == ("code_taken", "code", "Old")
    with pytest.raises(TypeError):
        change_course(course=course, partnership=None, by=by, at=at)


@pytest.mark.parametrize("kind", [Theme, Level, Priority])
def test_a_tag_is_added_found_again_and_renamed(by: Person, at: Any, kind: Any) -> None:
    ours = PartnershipFactory()
    tag = add_tag(kind, partnership=ours, name="Neglect", by=by, at=at)
    assert ensure_tag(kind, partnership=ours, name=" neglect ", by=by, at=at) == tag
    other = ensure_tag(kind, partnership=ours, name="Exploitation", by=by, at=at)
    rename_tag(tag=tag, name="NEGLECT", by=by, at=at)
    assert sorted(kind.objects.values_list("name", flat=True)) == ["Exploitation", "NEGLECT"]
    with pytest.raises(Refused) as refusal:
        add_tag(kind, partnership=ours, name="neglect", by=by, at=at)
    assert (refusal.value.code, refusal.value.field) == ("name_taken", "name")
    with pytest.raises(Refused):
        rename_tag(tag=other, name="Neglect", by=by, at=at)
    assert len(trail()) == 3


def test_a_new_level_stands_last(by: Person, at: Any) -> None:
    levels = [add_tag(Level, partnership=PartnershipFactory(), name=name, by=by, at=at) for name in ("Z", "A")]
    assert (list(Level.objects.all()), [level.position for level in levels]) == (levels, [0, 1])


@pytest.mark.parametrize("months", [0, 121])
def test_a_course_is_not_changed_to_months_that_can_not_be(by: Person, at: Any, months: int) -> None:
    course = CourseFactory(refresh_months=12)
    with pytest.raises(Refused) as refusal:
        change_course(course=course, by=by, at=at, refresh_months=months)
    assert refusal.value.field == "refresh_months"
    with pytest.raises(IntegrityError, match="course_refreshed_in_a_month_to_ten_years"), transaction.atomic():
        Course.objects.update(refresh_months=months)
