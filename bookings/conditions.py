"""Who may book: each condition says to the person why not, and what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from bookings.models import Booking, Condition, ConditionKind
from core import wording
from core.refusals import Refused
from courses.models import Course
from events.models import Event, EventHost, EventStatus
from people.models import PartnerAgency, Partnership, Person
from records.queries import held_courses

# Not a row of its own: the event itself says for whom it is (docs/decisions/0023).
FOR_ORGANISATION = "for_organisation"


def conditions_of(event: Event) -> list[Condition]:
    """The event's own conditions and those of its course, with what they name; first, whether it is for one organisation."""
    own = Q(event=event) | Q(course=event.course_id) if event.course_id else Q(event=event)
    found = Condition.objects.filter(own).select_related("level").prefetch_related("sectors", "boroughs", "courses")
    return [*_for_one_organisation(event), *found]


def _for_one_organisation(event: Event) -> list[Condition]:
    """Of a closed event the list of the invited decides alone."""
    if event.for_organisation_id is None or event.is_closed:
        return []
    return [Condition(event=event, kind=FOR_ORGANISATION)]


def kept_to_partners(partnership: Partnership, today: date) -> QuerySet[Event]:
    """The published events to come, led by this partnership, that only people from partner agencies book."""
    conditions = Condition.objects.filter(kind=ConditionKind.PARTNERS_ONLY)
    of_either = Q(pk__in=conditions.values("event")) | Q(course__in=conditions.filter(course__isnull=False).values("course"))
    published: QuerySet[Event] = Event.objects.filter(of_either, lead_host=partnership, status=EventStatus.PUBLISHED)
    return published.filter(starts_on__gte=today)


def broken(event: Event, person: Person, *, instead_of: Booking | None = None, reader: Person | None = None) -> Iterator[Refused]:
    """A refusal for each condition that this person does not meet; ``instead_of`` is a booking whose place they would take.

    ``reader`` is who reads it, where that is somebody else.
    """
    is_theirs = reader is None or reader == person
    return Checker(event, [person], instead_of=instead_of, speaks_to_them=is_theirs).broken(person)


def broken_at(events: Sequence[Event], person: Person) -> dict[UUID, list[Refused]]:
    """What ``broken`` says for each of many events, by the event's id, in a fixed number of queries."""
    of_any = Q(event__in=events) | Q(course__in={event.course_id for event in events if event.course_id})
    every = Condition.objects.filter(of_any).select_related("level").prefetch_related("sectors", "boroughs", "courses")
    conditions = list(every)
    facts = _facts_at(events, person, conditions)
    found: dict[UUID, list[Refused]] = {event.pk: [] for event in events}
    for event in events:
        for condition in _for_one_organisation(event):
            refusal = _for_organisation(condition, event, person, None)
            found[event.pk] += [refusal] if refusal else []
        for condition in conditions:
            if condition.event_id == event.pk or (condition.course_id and condition.course_id == event.course_id):
                refusal = _CHECKS[condition.kind](condition, event, person, facts(condition, event))
                found[event.pk] += [refusal] if refusal else []
    return found


def _facts_at(events: Sequence[Event], person: Person, conditions: list[Condition]) -> Callable[[Condition, Event], Any]:
    """For one person what ``_FACTS`` gives for one event: one or two queries for each kind of condition that asks."""
    kinds, organisation_id = {one.kind for one in conditions}, person.organisation_id
    first = {one.pk: {course.pk for course in one.courses.all()} for one in conditions if one.kind == ConditionKind.COURSE_FIRST}
    if ConditionKind.LEVEL in kinds:
        by_level: dict[UUID | None, set[UUID]] = defaultdict(set)
        levels = {one.level_id for one in conditions if one.kind == ConditionKind.LEVEL}
        for course_id, level_id in Course.objects.filter(level__in=levels).values_list("pk", "level_id"):
            by_level[level_id].add(course_id)
        first |= {one.pk: by_level[one.level_id] for one in conditions if one.kind == ConditionKind.LEVEL}
    asked = set().union(*first.values())
    held = {course_id for _, course_id in held_courses([person.pk], asked)} if asked else set()
    partners_at: set[UUID] = set()
    if ConditionKind.PARTNERS_ONLY in kinds:
        theirs = PartnerAgency.objects.filter(organisation=organisation_id).values("partnership")
        partners_at = set(EventHost.objects.filter(event__in=events, partnership__in=theirs).values_list("event_id", flat=True))
    booked: dict[UUID, dict[UUID, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    if ConditionKind.AGENCY_LIMIT in kinds and organisation_id:
        live = Booking.objects.live().filter(event__in=events, organisation=organisation_id)
        for event_id, person_id in live.values_list("event_id", "person_id"):
            booked[event_id][organisation_id].add(person_id)

    def fact(condition: Condition, event: Event) -> Any:
        if condition.kind == ConditionKind.PARTNERS_ONLY:
            return {organisation_id} if event.pk in partners_at else set()
        if condition.kind == ConditionKind.AGENCY_LIMIT:
            return booked[event.pk]
        return {person.pk} if first.get(condition.pk, set()) & held else set()

    return fact


class Checker:
    """The conditions of one event, and what is known of these people that they ask for: a query for each condition."""

    def __init__(
        self, event: Event, people: Sequence[Person], *, instead_of: Booking | None = None, speaks_to_them: bool = True
    ) -> None:
        """Without ``speaks_to_them`` a refusal is read by whoever books for them."""
        self.event, self.people, self.instead_of, self.conditions = event, people, instead_of, list(conditions_of(event))
        self.speaks_to_them = speaks_to_them
        self._facts = {one.pk: _FACTS[one.kind](one, self, people) for one in self.conditions if one.kind in _FACTS}

    def broken(self, person: Person, *, is_new: bool = False) -> Iterator[Refused]:
        """``is_new``: nobody we know yet, so that they have no profile to change."""
        for condition in self.conditions:
            refusal = _CHECKS[condition.kind](condition, self.event, person, self._facts.get(condition.pk))
            if refusal is not None:
                yield refusal if self.speaks_to_them else _refuse_another(condition, self.event, is_new=is_new)

    def unmet(self) -> dict[str, int]:
        """How many of these people don't meet each condition, by its words; of an agency, how many are over its limit.

        For people who have a live booking here.
        """
        return {in_words(condition): self._unmet(condition) for condition in self.conditions}

    def _unmet(self, condition: Condition) -> int:
        facts: Any = self._facts.get(condition.pk)
        if condition.kind == ConditionKind.AGENCY_LIMIT:
            return sum(max(len(booked) - int(condition.number or 0), 0) for booked in facts.values())
        return sum(_CHECKS[condition.kind](condition, self.event, person, facts) is not None for person in self.people)

    def count(self, person: Person) -> None:
        """Suppose that this person is booked too: whoever is asked about next has that many fewer places of the agency's."""
        for condition in self.conditions:
            if condition.kind == ConditionKind.AGENCY_LIMIT and person.organisation_id is not None:
                self._facts[condition.pk][person.organisation_id].add(person.pk)


def in_words(condition: Condition) -> str:
    """The condition as a visitor reads it before booking."""
    if condition.kind == FOR_ORGANISATION:
        return f"For people of {condition.event.for_organisation}."  # type: ignore[union-attr]
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


def _for_organisation(condition: Condition, event: Event, person: Person, _: Any) -> Refused | None:
    if person.organisation_id == event.for_organisation_id:
        return None
    what = "Look for other dates in the programme, or change your organisation in your profile if you work there."
    return _refuse(condition, event, what)


def _sector(condition: Condition, event: Event, person: Person, _: Any) -> Refused | None:
    if person.sector_id in {one.pk for one in condition.sectors.all()}:
        return None
    return _refuse(condition, event, "We have you down elsewhere: change your organisation in your profile if that is wrong.")


def _borough(condition: Condition, event: Event, person: Person, _: Any) -> Refused | None:
    if person.borough_id in {one.pk for one in condition.boroughs.all()}:
        return None
    return _refuse(condition, event, "We have you down elsewhere: change your organisation in your profile if that is wrong.")


def _job_role(condition: Condition, event: Event, person: Person, _: Any) -> Refused | None:
    mine = _words(person.job_role)
    if any(_words(role) <= mine for role in condition.named_roles):
        return None
    return _refuse(condition, event, "Change your job role in your profile if it is out of date.")


def _level(condition: Condition, event: Event, person: Person, holders: set[UUID]) -> Refused | None:
    return None if person.pk in holders else _refuse(condition, event, "Book one of those first.")


def _course_first(condition: Condition, event: Event, person: Person, holders: set[UUID]) -> Refused | None:
    return None if person.pk in holders else _refuse(condition, event, "Book that first.")


def _partners_only(condition: Condition, event: Event, person: Person, partners: set[UUID]) -> Refused | None:
    if person.organisation_id in partners:
        return None
    return _refuse(condition, event, "Yours is not among them. Look for other dates and courses in the programme.")


def _agency_limit(condition: Condition, event: Event, person: Person, booked: dict[UUID, set[UUID]]) -> Refused | None:
    """Counts those who wait too, so that a place that is freed never takes an agency over its limit."""
    if person.organisation_id is None or len(booked[person.organisation_id] - {person.pk}) < (condition.number or 0):
        return None
    return _refuse(condition, event, "Your agency has used them. Ask a colleague whether you may come instead of them.")


def _holders_of_the_level(condition: Condition, _: Checker, people: Sequence[Person]) -> set[UUID]:
    return _holders(people, Course.objects.filter(level=condition.level_id).values_list("pk", flat=True))


def _holders_of_the_courses(condition: Condition, _: Checker, people: Sequence[Person]) -> set[UUID]:
    return _holders(people, [one.pk for one in condition.courses.all()])


def _holders(people: Sequence[Person], courses: Iterable[UUID]) -> set[UUID]:
    return {person_id for person_id, _ in held_courses([person.pk for person in people], courses)}


def _partners(_: Condition, checker: Checker, people: Sequence[Person]) -> set[UUID]:
    theirs = PartnerAgency.objects.filter(partnership__in=checker.event.hosts.values("partnership"))
    organisations = {person.organisation_id for person in people if person.organisation_id}
    return set(theirs.filter(organisation__in=organisations).values_list("organisation_id", flat=True))


def _booked_by_agency(_: Condition, checker: Checker, people: Sequence[Person]) -> dict[UUID, set[UUID]]:
    """Who of each agency has a live booking for the event."""
    organisations = {person.organisation_id for person in people if person.organisation_id}
    theirs = Booking.objects.live().filter(event=checker.event, organisation__in=organisations)
    if checker.instead_of is not None:
        theirs = theirs.exclude(pk=checker.instead_of.pk)
    booked: dict[UUID, set[UUID]] = defaultdict(set)
    for organisation_id, person_id in theirs.values_list("organisation_id", "person_id"):
        booked[organisation_id].add(person_id)
    return booked


def _refuse(condition: Condition, event: Event, what_to_do: str) -> Refused:
    write = f"Write to {event.lead_host.team_email} if you think that you should be able to book."
    return Refused(f"{in_words(condition)} {what_to_do} {write}", code=CODES[condition.kind])


def _refuse_another(condition: Condition, event: Event, *, is_new: bool) -> Refused:
    """The same, as whoever books for somebody else reads it."""
    words = in_words(condition).replace("You need", "They need", 1)
    write = f"Write to {event.lead_host.team_email} if you think that they should be able to come."
    what_to_do = "" if is_new and condition.kind in IN_THEIR_PROFILE else f" {_OF_ANOTHER[condition.kind]}"
    return Refused(f"{words}{what_to_do} {write}", code=CODES[condition.kind])


IN_THEIR_PROFILE = (FOR_ORGANISATION, ConditionKind.SECTOR, ConditionKind.BOROUGH, ConditionKind.JOB_ROLE)
_ELSEWHERE = "We have them down elsewhere: they can change their organisation in their profile if that is wrong."
_OF_ANOTHER: dict[str, str] = {
    FOR_ORGANISATION: _ELSEWHERE,
    ConditionKind.SECTOR: _ELSEWHERE,
    ConditionKind.BOROUGH: _ELSEWHERE,
    ConditionKind.JOB_ROLE: "They can change their job role in their profile if it is out of date.",
    ConditionKind.LEVEL: "They book one of those first.",
    ConditionKind.COURSE_FIRST: "They book that first.",
    ConditionKind.PARTNERS_ONLY: "Theirs is not among them.",
    ConditionKind.AGENCY_LIMIT: "Their agency has used them. They may come instead of a colleague.",
}


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def _either(names: Iterable[str]) -> str:
    *others, last = list(names) or ["nothing"]
    return f"{', '.join(others)} or {last}" if others else last


CODES: dict[str, str] = {
    FOR_ORGANISATION: "not_your_organisation",
    ConditionKind.SECTOR: "not_your_sector",
    ConditionKind.BOROUGH: "not_your_borough",
    ConditionKind.JOB_ROLE: "not_your_role",
    ConditionKind.LEVEL: "level_first",
    ConditionKind.COURSE_FIRST: "course_first",
    ConditionKind.PARTNERS_ONLY: "partners_only",
    ConditionKind.AGENCY_LIMIT: "agency_full",
}
_FACTS: dict[str, Callable[[Condition, Checker, Sequence[Person]], Any]] = {
    ConditionKind.LEVEL: _holders_of_the_level,
    ConditionKind.COURSE_FIRST: _holders_of_the_courses,
    ConditionKind.PARTNERS_ONLY: _partners,
    ConditionKind.AGENCY_LIMIT: _booked_by_agency,
}
_CHECKS: dict[str, Callable[[Condition, Event, Person, Any], Refused | None]] = {
    FOR_ORGANISATION: _for_organisation,
    ConditionKind.SECTOR: _sector,
    ConditionKind.BOROUGH: _borough,
    ConditionKind.JOB_ROLE: _job_role,
    ConditionKind.LEVEL: _level,
    ConditionKind.COURSE_FIRST: _course_first,
    ConditionKind.PARTNERS_ONLY: _partners_only,
    ConditionKind.AGENCY_LIMIT: _agency_limit,
}
