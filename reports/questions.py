"""What is asked of a measure: whose events, when, and which cut of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce

from events.models import Event, EventHost, EventKind, EventStatus
from people.models import OrganisationState, Partnership
from reports.periods import Period

NOT_MATCHED = "Not matched"
NO_ORGANISATION = "No organisation"
WITHOUT_SECTOR = {NOT_MATCHED: OrganisationState.UNMATCHED, NO_ORGANISATION: OrganisationState.NONE}

# Forums are meetings, not training: they are counted apart and are not among the kinds to choose from.
KINDS: list[tuple[str, str]] = [(value, label) for value, label in EventKind.choices if value != EventKind.FORUM]
KIND_LABELS = dict(EventKind.choices)


def course_title(event: str = "") -> Case:
    """What an event is counted under, as SQL: its course's title, or its own where it has no course.

    A closed event keeps its neutral title, so that a report never says what it was about. ``event`` is the way to the event from
    the table at hand, as "event__".
    """
    return Case(
        When(**{f"{event}is_closed": True}, then=F(f"{event}neutral_title")),
        When(**{f"{event}course__isnull": False}, then=F(f"{event}course__title")),
        default=F(f"{event}title"),
        output_field=CharField(),
    )


PUBLIC_TITLE = Case(When(is_closed=True, then=F("neutral_title")), default=F("title"), output_field=CharField())


@dataclass(frozen=True)
class Question:
    """Which events a measure is asked about.

    The events are those the partnership hosts, alone, as lead or beside others. ``kinds`` holds values of EventKind; none means
    all. ``sector`` is a sector's name, "Not matched" or "No organisation"; ``course`` a title as in attendances by course;
    ``theme`` a theme's name. ``today`` decides which registers are overdue.
    """

    partnership: Partnership
    period: Period
    today: date
    kinds: tuple[str, ...] = ()
    sector: str = ""
    course: str = ""
    theme: str = ""

    @property
    def cuts(self) -> frozenset[str]:
        """The names of the cuts in use."""
        return frozenset(name for name in ("kinds", "sector", "course", "theme") if getattr(self, name))

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The question as parameters of an address; the partnership is the signed-in person's."""
        kinds = [("kind", kind) for kind in self.kinds]
        rest = [(name, getattr(self, name)) for name in ("sector", "course", "theme") if getattr(self, name)]
        return [("period", self.period.text), *kinds, *rest]

    @property
    def query(self) -> str:
        return urlencode(self.parameters)

    def narrowed(self, **cut: Any) -> Question:
        """The same question with another cut."""
        return replace(self, **cut)

    def with_previous(self) -> tuple[date, date]:
        """From the first day of the previous period to the last day of this one: they follow each other."""
        return self.period.previous().starts_on, self.period.ends_on

    def events(self) -> Any:  # a QuerySet[Event] with two more columns, which the type checker cannot follow
        """The events of this period and the previous one that the question is about, drafts never.

        Adds ``course_title`` and ``public_title_now``.
        """
        hosted = EventHost.objects.filter(event=OuterRef("pk"), partnership=self.partnership)
        found = (
            Event.objects.filter(Exists(hosted), starts_on__range=self.with_previous())
            .exclude(status=EventStatus.DRAFT)
            .annotate(course_title=course_title(), public_title_now=PUBLIC_TITLE)
        )
        if self.kinds:
            found = found.filter(kind__in=self.kinds)
        if self.course:
            found = found.filter(course_title=self.course)
        if self.theme:
            found = found.annotate(theme_name=Coalesce("theme__name", "course__theme__name")).filter(theme_name=self.theme)
        return found

    def affiliation(self) -> Q:
        """The rows of the chosen sector, among rows that keep an affiliation."""
        if not self.sector:
            return Q()
        if self.sector in WITHOUT_SECTOR:
            return Q(organisation_state=WITHOUT_SECTOR[self.sector])
        return Q(sector__name=self.sector)
