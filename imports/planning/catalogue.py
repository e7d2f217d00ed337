"""Organisations, courses, events, modules and episodes: what other lines speak of."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from courses.models import Course
from courses.past import PastCourse
from elearning.models import Module
from elearning.past import PastModule
from imports.planning.plan import DUPLICATE, KNOWN, NEW, Plan
from imports.rows import AttemptRow, CourseRow, EpisodeRow, EventRow, OrganisationRow
from people.models import Borough, Organisation, OrganisationAlias, Partnership, Sector
from people.past import PastAlias, PastBorough, PastOrganisation, PastPartnership, PastSector
from people.queries import OrganisationMatcher
from people.wording import organisation_key
from podcasts.models import Episode
from podcasts.past import PastEpisode


def plan_hosts(plan: Plan, events: Iterable[EventRow], own: str) -> dict[str, uuid.UUID]:
    """Every partnership that hosted an event, by the name in the file; the missing ones are to be made, our own first."""
    hosts = {row.short_name.casefold(): row.pk for row in Partnership.objects.all()}
    for name in dict.fromkeys([own, *(host for event in events for host in event.hosts)]):
        if name.casefold() not in hosts:
            made = PastPartnership(id=plan.partnership_id if name == own else uuid.uuid4(), short_name=name)
            hosts[name.casefold()] = made.id
            plan.partnerships.append(made)
    return hosts


class Organisations:
    """Plans the organisations and then matches what people typed, also to those that are not written yet."""

    FILE = "organisations.csv"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.matcher = OrganisationMatcher(plan.partnership)
        self.by_id = {row.pk: row for row in Organisation.objects.all()}
        self.by_key = {organisation_key(row.name): row for row in self.by_id.values()}
        self.sectors = {row.name.casefold(): row.pk for row in Sector.objects.all()}
        self.boroughs = {row.name.casefold(): row.pk for row in Borough.objects.all()}
        self.aliases = {
            alias.key: alias.organisation_id for alias in OrganisationAlias.objects.filter(partnership=plan.partnership)
        }

    def plan_all(self, rows: list[OrganisationRow]) -> None:
        for partnership in self.plan.partnerships:
            self._borough(partnership.short_name, partnership.id)
        lines: dict[str, OrganisationRow] = {}
        for row in rows:
            key = organisation_key(row.name)
            first = lines.setdefault(key, row)
            if first is not row:
                self._refuse_or_count_twin(first, row)
                continue
            organisation = self._organisation(row, key)
            self.matcher.learn(organisation, ())
        for row in lines.values():  # names first: another name never takes what is somebody's own
            self._aliases(row, lines)

    def _refuse_or_count_twin(self, first: OrganisationRow, row: OrganisationRow) -> None:
        if (first.sector, first.borough, first.aliases) == (row.sector, row.borough, row.aliases):
            self.plan.count(self.FILE, DUPLICATE)
        else:
            reason = f"the same organisation stands on line {first.line} with another sector, borough or other names"
            self.plan.refuse(self.FILE, row.line, "Organisation", row.name, reason)

    def _organisation(self, row: OrganisationRow, key: str) -> Organisation:
        brought_over = self.plan.object_of("organisation", key)
        known = self.by_id.get(brought_over) if brought_over else self.by_key.get(key)
        if known is not None:
            self.plan.count(self.FILE, KNOWN)
        else:
            known = Organisation(
                id=uuid.uuid4(), name=row.name, sector_id=self._sector(row.sector), borough_id=self._borough(row.borough)
            )
            self.plan.organisations.append(PastOrganisation(known.pk, known.name, known.sector_id, known.borough_id))
            self.by_id[known.pk] = self.by_key[key] = known
            self.plan.count(self.FILE, NEW)
        if not self.plan.knows("organisation", key):
            self.plan.remember("organisation", key, known.pk)
            if row.is_partner_agency:
                self.plan.partner_agency_ids.append(known.pk)
        return known

    def _aliases(self, row: OrganisationRow, lines: dict[str, OrganisationRow]) -> None:
        organisation_id = self.plan.object_of("organisation", organisation_key(row.name))
        if organisation_id is None:
            return
        organisation = self.by_id[organisation_id]
        for text in row.aliases:
            key = organisation_key(text)
            if key in self.aliases or key in self.by_key:
                owner = self.by_key[key].pk if key in self.by_key else self.aliases[key]
                if owner != organisation_id and not self.plan.knows("alias", key):
                    name = self.by_id[owner].name if owner else "no organisation"
                    reason = f"“{text}” already stands for {name}; the organisation itself was taken"
                    self.plan.refuse(self.FILE, row.line, "Also known as", text, reason)
                continue
            self.aliases[key] = organisation_id
            self.plan.aliases.append(PastAlias(text=text, organisation_id=organisation_id))
            self.plan.remember("alias", key, organisation_id)
            self.matcher.learn(organisation, [text])

    def _sector(self, name: str) -> uuid.UUID:
        if name.casefold() not in self.sectors:
            self.sectors[name.casefold()] = uuid.uuid4()
            self.plan.sectors.append(PastSector(self.sectors[name.casefold()], name))
        return self.sectors[name.casefold()]

    def _borough(self, name: str, partnership_id: uuid.UUID | None = None) -> uuid.UUID | None:
        if not name:
            return None
        if name.casefold() not in self.boroughs:
            self.boroughs[name.casefold()] = uuid.uuid4()
            self.plan.boroughs.append(PastBorough(self.boroughs[name.casefold()], name, partnership_id))
        return self.boroughs[name.casefold()]


def plan_courses(plan: Plan, rows: list[CourseRow]) -> dict[str, uuid.UUID]:
    """Every known course by its code."""
    file = "courses.csv"
    here = {course.code: course.pk for course in Course.objects.filter(partnership=plan.partnership)}
    courses = dict(here)
    lines: dict[str, CourseRow] = {}
    for row in rows:
        first = lines.setdefault(row.code, row)
        if first is not row:
            _twin(plan, file, "Course code", row.code, first, row)
            continue
        found = plan.object_of("course", row.code) or here.get(row.code)
        if found is None:
            found = uuid.uuid4()
            plan.courses.append(
                PastCourse(found, row.code, row.title, row.level, row.theme, row.format, row.hours, row.refresh_months)
            )
            plan.count(file, NEW)
        else:
            plan.count(file, KNOWN)
        if not plan.knows("course", row.code):
            plan.remember("course", row.code, found)
        courses[row.code] = found
    return courses


def plan_modules(plan: Plan, rows: Iterable[AttemptRow]) -> dict[str, uuid.UUID]:
    """The modules that attempts name, by title in lower case; the missing ones are to be made."""
    here = {title.casefold(): pk for title, pk in _titles(Module.objects.filter(partnership=plan.partnership))}
    modules: dict[str, uuid.UUID] = {}
    for row in rows:
        key = row.module.casefold()
        if key in modules:
            continue
        found = plan.object_of("module", key) or here.get(key)
        if found is None:
            found = uuid.uuid4()
            plan.modules.append(PastModule(found, row.module))
        if not plan.knows("module", key):
            plan.remember("module", key, found)
        modules[key] = found
    return modules


def plan_episodes(plan: Plan, rows: list[EpisodeRow]) -> dict[str, uuid.UUID]:
    """Every known episode by its title in lower case."""
    file = "podcasts.csv"
    here = {title.casefold(): pk for title, pk in _titles(Episode.objects.filter(series__partnership=plan.partnership))}
    episodes = dict(here)
    lines: dict[str, EpisodeRow] = {}
    for row in rows:
        key = row.title.casefold()
        first = lines.setdefault(key, row)
        if first is not row:
            _twin(plan, file, "Episode", row.title, first, row)
            continue
        found = plan.object_of("episode", key) or here.get(key)
        if found is None:
            found = uuid.uuid4()
            plan.episodes.append(PastEpisode(found, row.title, row.published_on, row.minutes))
            plan.count(file, NEW)
        else:
            plan.count(file, KNOWN)
        if not plan.knows("episode", key):
            plan.remember("episode", key, found)
        episodes[key] = found
    return episodes


def _titles(rows: Any) -> Iterable[tuple[str, uuid.UUID]]:
    found: Iterable[tuple[str, uuid.UUID]] = rows.values_list("title", "pk")
    return found


def _twin(plan: Plan, file: str, column: str, value: str, first: Any, row: Any) -> None:
    """A second line with the same key: the same line again is counted once, another one refused."""
    if same_but_for_the_line(first, row):
        plan.count(file, DUPLICATE)
    else:
        plan.refuse(file, row.line, column, value, f"“{value}” stands on line {first.line} too, and the two lines differ")


def same_but_for_the_line(first: Any, row: Any) -> bool:
    names = [name for name in type(first).__slots__ if name != "line"]
    return all(getattr(first, name) == getattr(row, name) for name in names)
