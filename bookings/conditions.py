"""Who may book: each condition says to the person why not, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Q, QuerySet

from bookings.models import Booking, Condition, ConditionKind
from core import wording
from core.refusals import Refused
from courses.models import Course
from events.models import Event
from people.models import PartnerAgency, Person
from records.queries import held_courses


def conditions_of(event: Event) -> QuerySet[Condition]:
    """The event's own conditions and those of its course, with what they name."""
    own = Q(event=event) | Q(course=event.course_id) if event.course_id else Q(event=event)
    return Condition.objects.filter(own).select_related("level").prefetch_related("sectors", "boroughs", "courses")


def broken(event: Event, person: Person, *, instead_of: Booking | None = None) -> Iterator[Refused]:
    """A refusal for each condition that this person does not meet; ``instead_of`` is a booking whose place they would take."""
    for condition in conditions_of(event):
        refusal = _CHECKS[condition.kind](condition, event, person, instead_of)
        if refusal is not None:
            yield refusal


def in_words(condition: Condition) -> str:
    """The condition as a visitor reads it before booking."""
    if condition.kind == ConditionKind.SECTOR:
        return f"For people who work in {_either(one.name for one in condition.sectors.all())}."
    if condition.kind == ConditionKind.BOROUGH:
        return f"For people who work in {_either(one.name for one in condition.boroughs.all())}."
    if condition.kind == ConditionKind.JOB_ROLE:
        return f"For people whose job role is {_either(condition.named_roles)}."
    if condition.kind == ConditionKind.LEVEL:
        return f"You need to have attended a course of the level {condition.level} first, or other learning that we accept."
    if condition.kind == ConditionKind.COURSE_FIRST:
        names = _either(f"“{one.title}”" for one in condition.courses.all())
        return f"You need to have attended {names} first, or other learning that we accept as equal."
    if condition.kind == ConditionKind.PARTNERS_ONLY:
        return "For people from the partner agencies."
    return f"At most {wording.count(condition.number or 0, 'place')} for each agency."


def _sector(condition: Condition, event: Event, person: Person, _: Booking | None) -> Refused | None:
    if person.sector_id in {one.pk for one in condition.sectors.all()}:
        return None
    return _refuse(condition, event, "We have you down elsewhere: change your organisation in your profile if that is wrong.")


def _borough(condition: Condition, event: Event, person: Person, _: Booking | None) -> Refused | None:
    if person.borough_id in {one.pk for one in condition.boroughs.all()}:
        return None
    return _refuse(condition, event, "We have you down elsewhere: change your organisation in your profile if that is wrong.")


def _job_role(condition: Condition, event: Event, person: Person, _: Booking | None) -> Refused | None:
    mine = _words(person.job_role)
    if any(_words(role) <= mine for role in condition.named_roles):
        return None
    return _refuse(condition, event, "Change your job role in your profile if it is out of date.")


def _level(condition: Condition, event: Event, person: Person, _: Booking | None) -> Refused | None:
    courses = Course.objects.filter(level=condition.level_id).values_list("pk", flat=True)
    return None if held_courses([person.pk], courses) else _refuse(condition, event, "Book one of those first.")


def _course_first(condition: Condition, event: Event, person: Person, _: Booking | None) -> Refused | None:
    courses = [one.pk for one in condition.courses.all()]
    return None if held_courses([person.pk], courses) else _refuse(condition, event, "Book that first.")


def _partners_only(condition: Condition, event: Event, person: Person, _: Booking | None) -> Refused | None:
    hosts = event.hosts.values("partnership")
    theirs = PartnerAgency.objects.filter(organisation=person.organisation_id, partnership__in=hosts)
    if person.organisation_id is not None and theirs.exists():
        return None
    return _refuse(condition, event, "Yours is not among them. Look for other dates and courses in the programme.")


def _agency_limit(condition: Condition, event: Event, person: Person, instead_of: Booking | None) -> Refused | None:
    """Counts those who wait too, so that a place that is freed never takes an agency over its limit."""
    if person.organisation_id is None:
        return None
    theirs = Booking.objects.live().filter(event=event, organisation=person.organisation_id)
    if instead_of is not None:
        theirs = theirs.exclude(pk=instead_of.pk)
    if theirs.exclude(person=person).count() < (condition.number or 0):
        return None
    return _refuse(condition, event, "Your agency has used them. Ask a colleague whether you may come instead of them.")


def _refuse(condition: Condition, event: Event, what_to_do: str) -> Refused:
    write = f"Write to {event.lead_host.team_email} if you think that you should be able to book."
    return Refused(f"{in_words(condition)} {what_to_do} {write}", code=CODES[condition.kind])


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def _either(names: Iterable[str]) -> str:
    *others, last = list(names) or ["nothing"]
    return f"{', '.join(others)} or {last}" if others else last


CODES: dict[str, str] = {
    ConditionKind.SECTOR: "not_your_sector",
    ConditionKind.BOROUGH: "not_your_borough",
    ConditionKind.JOB_ROLE: "not_your_role",
    ConditionKind.LEVEL: "level_first",
    ConditionKind.COURSE_FIRST: "course_first",
    ConditionKind.PARTNERS_ONLY: "partners_only",
    ConditionKind.AGENCY_LIMIT: "agency_full",
}
_CHECKS = {
    ConditionKind.SECTOR: _sector,
    ConditionKind.BOROUGH: _borough,
    ConditionKind.JOB_ROLE: _job_role,
    ConditionKind.LEVEL: _level,
    ConditionKind.COURSE_FIRST: _course_first,
    ConditionKind.PARTNERS_ONLY: _partners_only,
    ConditionKind.AGENCY_LIMIT: _agency_limit,
}
