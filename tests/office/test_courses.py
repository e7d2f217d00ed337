"""The officers' pages about courses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.models import Course, Level, Theme
from people.models import Person
from tests.factories.courses import CourseFactory, LevelFactory, ThemeFactory
from tests.factories.people import OtherPartnershipFactory, PersonFactory, SectorFactory, subgroup_member, trainer
from tests.office.pages import sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("olu")]

LIST = "/office/courses/"
NEW = f"{LIST}new/"


def theirs(**fields: Any) -> Course:
    return CourseFactory(partnership=OtherPartnershipFactory(), theme=None, level=None, **fields)


def titles(response: Any) -> list[str]:
    return [course.title for course in response.context["page"]]


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    assert "<title>Error: " in response.content.decode()
    return dict(response.context["form"].errors)


def test_courses_are_found_by_words_theme_and_catalogue(client: Client) -> None:
    abuse = ThemeFactory(name="Abuse")
    CourseFactory(code="L3R", title="Level 3 Refresher", theme=abuse)
    CourseFactory(code="N1", title="Neglect", is_in_catalogue=False)
    theirs(title="Elsewhere")
    assert titles(client.get(LIST)) == ["Level 3 Refresher", "Neglect"]
    assert titles(client.get(LIST, {"q": "refresher l3r"})) == ["Level 3 Refresher"]
    assert titles(client.get(LIST, {"theme": str(abuse.pk)})) == ["Level 3 Refresher"]
    assert titles(client.get(LIST, {"listed": "no"})) == ["Neglect"]
    both = client.get(LIST, {"listed": "yes", "q": "level"})
    assert [tag["href"] for tag in both.context["tags"]] == ["/office/courses/?listed=yes", "/office/courses/?q=level"]
    assert titles(client.get(LIST, {"theme": "x", "listed": "x", "page": "x"})) == ["Level 3 Refresher", "Neglect"]


def test_a_row_leads_to_the_course_to_a_new_event_and_to_the_lists(client: Client) -> None:
    course = CourseFactory(title="Neglect")
    page = client.get(LIST).content.decode()
    for address in (f"{LIST}{course.pk}/", f"/office/events/new/?course={course.pk}", "/office/lists/", NEW):
        assert f'href="{address}"' in page
    assert client.get(f"/office/events/new/?course={course.pk}").context["page"].course == course


def test_fifty_courses_stand_on_a_page(client: Client) -> None:
    CourseFactory.create_batch(51)
    assert [len(titles(client.get(LIST, {"page": number}))) for number in (1, 2, 99)] == [50, 1, 1]


def test_the_list_asks_the_database_as_often_for_one_as_for_three(client: Client) -> None:
    counts = []
    for name in ("A", "B", "C"):
        CourseFactory(theme=ThemeFactory(name=name), level=LevelFactory(name=name))
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST, {"listed": "yes"})
        counts.append(len(asked))
    assert counts == [counts[0]] * 3


def test_a_course_is_made_with_a_new_theme_and_a_new_level(client: Client) -> None:
    schools = SectorFactory(name="Schools")
    typed = {
        "code": "L3R", "title": "Level 3 Refresher", "format": "virtual", "summary": "For all", "description": "Two\r\nlines",
        "outcomes": "See it \r\n\r\n Say it", "content_note": "An account of abuse", "new_theme": "Neglect", "new_level": "Core",
        "hours": "1.5", "refresh_months": "36", "for_sectors": [str(schools.pk)],
    }  # fmt: skip
    sent = sent_by(client.get(NEW), **typed)
    assert sent["is_in_catalogue"] == ["on"]
    assert client.post(NEW, sent).url == LIST
    course = Course.objects.get()
    assert (course.code, course.theme.name, course.level.name) == ("L3R", "Neglect", "Core")
    assert (course.hours, course.refresh_months, course.is_in_catalogue) == (Decimal("1.5"), 36, True)
    assert (course.description, course.outcomes, list(course.for_sectors.all())) == ("Two\nlines", "See it\nSay it", [schools])


def test_a_course_opened_and_saved_untouched_stays_the_same(client: Client) -> None:
    course = CourseFactory(outcomes="See it\nSay it", refresh_months=12)
    course.for_sectors.add(SectorFactory(name="Schools"))
    before = Course.objects.filter(pk=course.pk).values().get()
    assert client.post(f"{LIST}{course.pk}/", sent_by(client.get(f"{LIST}{course.pk}/"))).url == LIST
    assert (Course.objects.filter(pk=course.pk).values().get(), course.for_sectors.count()) == (before, 1)


def test_a_course_is_changed_and_taken_out_of_the_catalogue(client: Client) -> None:
    course, core = CourseFactory(level=None), LevelFactory(name="Core")
    typed = {"title": "New", "level": str(core.pk), "theme": "", "is_in_catalogue": None}
    client.post(f"{LIST}{course.pk}/", sent_by(client.get(f"{LIST}{course.pk}/"), **typed))
    course.refresh_from_db()
    assert (course.title, course.level, course.theme, course.is_in_catalogue) == ("New", core, None, False)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_taken_code_is_refused_at_its_field_and_nothing_is_lost(client: Client, is_new: bool) -> None:
    CourseFactory(code="L3R", title="Refresher", theme=None, level=None)
    course = CourseFactory(code="N1", title="Neglect", theme=None, level=None)
    address = NEW if is_new else f"{LIST}{course.pk}/"
    typed = {"code": "l3r", "title": "Mine", "format": "virtual", "new_theme": "Exploitation", "outcomes": "See it"}
    response = client.post(address, sent_by(client.get(address), **typed))
    assert errors(response) == {"code": ["“Refresher” has this code already. Choose another one."]}
    assert {name: response.context["form"][name].value() for name in typed} == typed
    course.refresh_from_db()
    assert (course.title, Course.objects.count(), Theme.objects.count()) == ("Neglect", 2, 0)


def test_what_can_not_stand_is_said_beside_its_field(client: Client) -> None:
    theme, level = ThemeFactory(), LevelFactory()
    typed = {
        "theme": str(theme.pk), "new_theme": "x", "level": str(level.pk), "new_level": "x", "hours": "-1", "refresh_months": "0",
    }  # fmt: skip
    found = errors(client.post(NEW, typed))
    assert sorted(found) == ["code", "format", "hours", "new_level", "new_theme", "refresh_months", "title"]


def test_tags_of_another_partnership_can_not_be_chosen(client: Client) -> None:
    other = OtherPartnershipFactory()
    typed = {"code": "N1", "title": "Neglect", "format": "virtual"}
    tags = {"theme": str(ThemeFactory(partnership=other).pk), "level": str(LevelFactory(partnership=other).pk)}
    assert sorted(errors(client.post(NEW, {**typed, **tags}))) == ["level", "theme"]
    assert titles(client.get(LIST, {"theme": tags["theme"]})) == []
    client.post(NEW, {**typed, "new_theme": "Neglect", "new_level": "Core"})
    assert (Theme.objects.count(), Level.objects.count()) == (2, 2)


def test_a_course_of_another_partnership_is_not_there(client: Client) -> None:
    course = theirs(title="Elsewhere")
    assert [client.get(f"{LIST}{course.pk}/").status_code, client.post(f"{LIST}{course.pk}/").status_code] == [404, 404]


@pytest.mark.parametrize("who", [PersonFactory, trainer, subgroup_member])
def test_only_officers_keep_the_courses(client: Client, olu: Person, who: Any) -> None:
    pages = [LIST, NEW, f"{LIST}{CourseFactory().pk}/"]
    client.force_login(who())
    assert [client.get(page).status_code for page in pages] == [403] * 3
    assert [client.post(page).status_code for page in pages[1:]] == [403] * 2
