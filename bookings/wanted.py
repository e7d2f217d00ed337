"""Conditions as an officer asks for them: what each kind must say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bookings.models import Condition, ConditionKind
from core.refusals import Refused
from courses.models import Course, Level
from events.models import Event
from people.models import Borough, PartnerAgency, Sector


@dataclass(frozen=True)
class Wanted:
    """One condition as it shall be: what its kind does not need stays empty (bookings.models.Condition)."""

    kind: str
    number: int | None = None
    level: Level | None = None
    job_roles: str = ""
    sectors: Sequence[Sector] = ()
    boroughs: Sequence[Borough] = ()
    courses: Sequence[Course] = ()

    @property
    def lists(self) -> dict[str, Sequence[Any]]:
        return {"sectors": self.sectors, "boroughs": self.boroughs, "courses": self.courses}

    def says(self) -> tuple[Any, ...]:
        """What can be compared: two that say the same are the same."""
        listed = tuple(tuple(sorted(str(row.pk) for row in rows)) for rows in self.lists.values())
        return (str(self.kind), self.number, str(self.level.pk) if self.level else "", self.job_roles, *listed)


def wanted_of(condition: Condition) -> Wanted:
    """A condition that is there, as it could be asked for anew. Lists prefetch what it names."""
    return Wanted(
        condition.kind,
        condition.number,
        condition.level,
        condition.job_roles,
        list(condition.sectors.all()),
        list(condition.boroughs.all()),
        list(condition.courses.all()),
    )


# The field that each kind can't do without, and what to say when it is empty.
NEEDED: dict[str, tuple[str, str]] = {
    ConditionKind.SECTOR: ("sectors", "Tick at least one sector."),
    ConditionKind.BOROUGH: ("boroughs", "Tick at least one borough."),
    ConditionKind.JOB_ROLE: ("job_roles", "Write at least one job role."),
    ConditionKind.LEVEL: ("level", "Choose the level."),
    ConditionKind.COURSE_FIRST: ("courses", "Tick at least one course."),
    ConditionKind.AGENCY_LIMIT: ("number", "Give the most places for an agency: 1 or more."),
}


def check(wanted: Sequence[Wanted], *, event: Event | None, course: Course | None) -> None:
    """Raises Refused for a condition that says nothing, asks for the course itself, stands twice, or that nobody could meet."""
    once = [one.kind for one in wanted if one.kind != ConditionKind.COURSE_FIRST]
    if len(once) != len(set(once)):
        raise Refused("A condition stands twice. Put both into one.", code="condition_twice")
    own = course or (event.course if event is not None else None)
    for one in wanted:
        name, sentence = NEEDED.get(one.kind, ("", ""))
        if name and not (getattr(one, name).strip() if name == "job_roles" else getattr(one, name)):
            raise Refused(sentence, code="says_nothing", field=name)
        if own is not None and own in one.courses:
            raise Refused(f"“{own}” can't be asked for before itself. Leave it out.", code="before_itself", field="courses")
        if one.kind == ConditionKind.PARTNERS_ONLY and not _has_partners(event, course):
            raise Refused(
                "No agency is named as a partner yet, so nobody could book. Name the partner agencies first, or leave this out.",
                code="no_partners",
                field="partners_only",
            )


def _has_partners(event: Event | None, course: Course | None) -> bool:
    hosts: Any = event.hosts.values("partnership") if event is not None else [course.partnership_id if course else None]
    return PartnerAgency.objects.filter(partnership__in=hosts).exists()
