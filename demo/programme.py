"""The events ahead: always in the future of the day they are loaded, and one today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from bookings.models import (
    Approver,
    Booking,
    BookingStatus,
    BookingTerms,
    CancelledBy,
    ConditionKind,
    HoldKind,
    ManagerRole,
)
from bookings.needs import Needs
from bookings.operations import (
    approve_booking,
    book_place,
    cancel_booking,
    create_bookable_event,
    hold_places,
    set_conditions,
)
from bookings.policies import last_day_to_hold
from bookings.wanted import Wanted
from core.clock import london_date, london_instant
from core.working_days import working_days_after
from courses.models import Course, Format, Priority, Theme
from demo.people import HALINA, JOE, LENA, OLIVIA, PRIYA, SAM, TOM, person_of
from events.models import Event, EventKind, Recommendation, Review, Venue
from events.operations import SessionTimes, publish_event
from feedback.operations import ensure_evaluation_form
from people.models import Partnership, Person, Sector

MANAGER = "manager@riverside.example"
NEEDS = (
    Needs(diet=("vegan",)),
    Needs(diet=("halal",)),
    Needs(diet=("vegetarian",), access=("hearing_loop",)),
    Needs(diet=("vegetarian",)),
    Needs(diet_other="No celery", access=("step_free", "parking")),
    Needs(interpreter="BSL"),
)
LINK = "https://meet.example/riverside"
BOOKED_DAYS_BEFORE = 21


@dataclass(frozen=True)
class Planned:
    """An event to be. ``in_days`` counts working days from today; ``code`` is its course's; ``booked`` how many hold a place."""

    title: str
    in_days: int
    starts: str
    ends: str
    places: int
    booked: int
    kind: str = EventKind.COURSE
    code: str = ""
    days: int = 1
    venue: str = ""
    waiting: int = 0
    held: int = 0  # how many more the training lead holds without names
    summary: str = ""
    hosts: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    priority: str = ""
    theme: str = ""
    neutral_title: str = ""
    review: str = ""
    also: tuple[str, ...] = field(default_factory=tuple)  # addresses of people who sign in and hold a place
    waits: str = ""  # the address of somebody who signs in and is first in line
    terms: dict[str, Any] = field(default_factory=dict)  # of booking, besides the places
    roles: str = ""  # job roles that may book from now on, one a line
    gave_back: int = 0  # how many cancelled yesterday
    asked_yesterday: int = 0  # how many of those booked wait for their manager
    needs: int = 0  # how many said that they need something


SCHOOLS = ("Primary schools", "Secondary schools", "Early years")
LATE = {"confirm_until_days": 10, "offer_hours": 40}  # what becomes free is offered, and can be answered until the start
PROGRAMME = (
    Planned("Private Fostering: a Briefing", 2, "12:30", "13:30", 12, 12, EventKind.BRIEFING, waiting=2, waits=SAM.address,
            gave_back=1, terms=LATE, theme="Core", summary="What it is, why it is missed, and whom to tell."),
    Planned("Level 3 Refresher", 3, "13:30", "17:30", 24, 19, code="L3R", also=(PRIYA.address,)),
    Planned("Domestic Abuse and Safeguarding Children", 7, "09:30", "16:30", 20, 20, code="DA1", venue="Civic Suite", waiting=4,
            also=(SAM.address,), needs=6),
    Planned("GP safeguarding forum", 10, "12:30", "13:45", 60, 21, EventKind.FORUM, also=(HALINA.address,),
            summary="Quarterly forum of the named GP: cases, changes and an hour for your questions.",
            sectors=("Primary care",)),
    Planned("Working Together to Safeguard Children (Level 3)", 14, "09:30", "16:30", 25, 17, code="L3", days=2,
            venue="Training Room 2, Town Hall"),
    Planned("Briefing: what changes in Keeping Children Safe in Education", 17, "16:00", "17:00", 200, 64, EventKind.BRIEFING,
            summary="One hour after school on what is new, with the questions that designated leads ask most.", sectors=SCHOOLS),
    Planned("Complex Neglect: Identification and Response", 22, "09:30", "16:30", 20, 11, code="NEG", held=3,
            venue="Yvonne Centre, Battersea Road", also=(PRIYA.address,)),
    Planned("Learning from a local review: the findings", 27, "10:00", "12:30", 30, 14, EventKind.LEARNING_EVENT, code="LFE",
            neutral_title="Learning event", venue="Training Room 2, Town Hall", review="Learning review 7", also=(SAM.address,),
            summary="For invited practitioners and their managers."),
    Planned("Meet the LADO and Safer Recruitment", 31, "09:30", "12:30", 30, 9, code="LADO", sectors=SCHOOLS),
    Planned("MARAC and the DASH Risk Checklist", 36, "13:30", "16:30", 18, 7, code="MARAC", also=(PRIYA.address,),
            terms={"manager_role": ManagerRole.APPROVES}, asked_yesterday=2),
    Planned("Annual Conference: Listening to Children", 45, "09:30", "16:30", 110, 88, EventKind.CONFERENCE,
            venue="Heron Academy hall", hosts=("Kingsbridge", "Richford"), theme="Core", priority="Neglect",
            also=(JOE.address, HALINA.address),
            summary="One day, three boroughs: young people, a researcher and eight workshops on hearing what children say."),
    Planned("Adultification", 52, "09:30", "13:30", 20, 6, code="ADU", venue="Civic Suite", also=(JOE.address,),
            terms={"minimum": 10}),
    Planned("Child Exploitation: Awareness and Disruption", 60, "09:30", "13:30", 24, 4, code="CSE"),
    Planned("Safeguarding Supervision for Managers", 75, "09:30", "16:30", 16, 3, code="SUP", venue="Training Room 2, Town Hall",
            roles="Manager\nHead teacher\nDesignated safeguarding lead"),
)  # fmt: skip
TODAY = Planned(
    "Parental Mental Health and Substance Misuse",
    0,
    "",
    "",
    18,
    12,
    code="PMH",
    venue="Civic Suite",
    also=(PRIYA.address, JOE.address),
)


class Programme:
    """Makes the events that are missing, through the operations of the pages, as if they had been made three weeks ago."""

    def __init__(self, riverside: Partnership, *, at: datetime) -> None:
        self.riverside = riverside
        self.at = at
        self.today = london_date(at)
        self.made_at = at - timedelta(days=BOOKED_DAYS_BEFORE + 7)
        self.booked_at = at - timedelta(days=BOOKED_DAYS_BEFORE)
        self.officer = person_of(OLIVIA)
        self.trainer = person_of(TOM)
        self.delegates = list(
            Person.objects.filter(partnerships=riverside, profile_done_at=None)
            .exclude(surname="")
            .order_by("-joined_at", "pk")[:400]
        )

    def add_missing(self) -> int:
        """How many events were made. One of the same title that is still ahead stands for itself."""
        ahead = set(Event.objects.filter(lead_host=self.riverside, starts_on__gt=self.today).values_list("title", flat=True))
        missing = [planned for planned in PROGRAMME if planned.title not in ahead]
        for planned in missing:
            self._make(planned, self._sessions(planned))
        return len(missing) + self._make_todays()

    def _make_todays(self) -> int:
        if Event.objects.filter(lead_host=self.riverside, starts_on=self.today).exists():
            return 0
        event = self._make(TODAY, [self._session_at_hand()])
        ensure_evaluation_form(event=event, at=self.at)
        return 1

    def _session_at_hand(self) -> SessionTimes:
        """One that has begun, so that its register can be taken and its evaluation is open."""
        midnight = london_instant(datetime.combine(self.today, time()))
        starts_at = max(midnight, self.at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1))
        return SessionTimes(starts_at, min(starts_at + timedelta(hours=4), midnight + timedelta(hours=23, minutes=59)))

    def _sessions(self, planned: Planned) -> list[SessionTimes]:
        first = working_days_after(self.today, planned.in_days)
        days = [working_days_after(first, number) for number in range(planned.days)]
        return [
            SessionTimes(
                london_instant(datetime.combine(day, time.fromisoformat(planned.starts))),
                london_instant(datetime.combine(day, time.fromisoformat(planned.ends))),
                title=f"Day {number}" if planned.days > 1 else "",
            )
            for number, day in enumerate(days, start=1)
        ]

    def _make(self, planned: Planned, sessions: Sequence[SessionTimes]) -> Event:
        course = Course.objects.filter(partnership=self.riverside, code=planned.code).first() if planned.code else None
        guests = self._guests(planned)
        review, recommendations = self._review(planned)
        event = create_bookable_event(
            places=planned.places,
            terms=planned.terms,
            invited=self._invited(planned, guests),
            partnership=self.riverside,
            kind=planned.kind,
            title=planned.title,
            format=Format.CLASSROOM if planned.venue else Format.VIRTUAL,
            sessions=sessions,
            course=course,
            summary=planned.summary or (course.summary if course else ""),
            description="" if course else planned.summary,
            venue=Venue.objects.filter(partnership=self.riverside, name=planned.venue).first() if planned.venue else None,
            joining_link="" if planned.venue else LINK,
            trainers=[self.trainer, "B. Cotrainer"] if planned.days > 1 else [self.trainer],
            hosts=Partnership.objects.filter(short_name__in=planned.hosts),
            is_closed=bool(planned.neutral_title),
            neutral_title=planned.neutral_title,
            theme=Theme.objects.filter(partnership=self.riverside, name=planned.theme).first() if planned.theme else None,
            priority=Priority.objects.filter(partnership=self.riverside, name=planned.priority).first(),
            review=review,
            recommendations=recommendations,
            for_sectors=Sector.objects.filter(name__in=planned.sectors),
            by=self.officer,
            at=self.made_at,
        )
        publish_event(event=event, by=self.officer, at=self.made_at)
        self._book(event, planned, guests)
        if planned.roles:
            wanted = [Wanted(ConditionKind.JOB_ROLE, job_roles=planned.roles)]
            set_conditions(event=event, wanted=wanted, by=self.officer, at=self.booked_at)
        if planned.held:
            self._hold(event, planned.held)
        return event

    def _book(self, event: Event, planned: Planned, guests: Sequence[Person]) -> None:
        """Three weeks ago, but those whose manager is still asked: yesterday, like whoever gave a place back."""
        yesterday = self.at - timedelta(days=1)
        manager = MANAGER if "manager_role" in planned.terms else None
        for number, person in enumerate(guests):
            at = yesterday if number < planned.asked_yesterday else self.booked_at + timedelta(minutes=number)
            needs = NEEDS[number] if number < planned.needs else None
            made = book_place(event=event, person=person, by=self.officer, at=at, needs=needs, manager_email=manager)
            if made.status == BookingStatus.AWAITING_APPROVAL and number >= planned.asked_yesterday:
                approve_booking(request=made.approval, approver=Approver.MANAGER, by=None, at=at)
        for person in guests[1 : 1 + planned.gave_back]:
            booking = Booking.objects.get(event=event, person=person)
            cancel_booking(booking=booking, cancelled_by=CancelledBy.DELEGATE, by=self.officer, at=yesterday)

    def _hold(self, event: Event, places: int) -> None:
        lead = person_of(LENA)
        until = last_day_to_hold(event, BookingTerms.objects.get(event=event))
        hold_places(
            event=event,
            places=places,
            until=until,
            kind=HoldKind.UNNAMED,
            organisation=lead.organisation,
            by=lead,
            at=self.booked_at,
        )

    def _guests(self, planned: Planned) -> list[Person]:
        """Who books, those who sign in first; a different stretch of the imported people for each event."""
        known = [person_of(somebody) for somebody in (PRIYA, SAM, HALINA, JOE) if somebody.address in planned.also]
        number = planned.booked + planned.waiting - len(known)
        start = (planned.in_days * 7) % max(1, len(self.delegates))
        stretch = (self.delegates * 2)[start : start + number]
        guests = [*known, *dict.fromkeys(stretch)]
        waits = [person_of(somebody) for somebody in (PRIYA, SAM, HALINA, JOE) if somebody.address == planned.waits]
        return [*guests[: planned.booked], *waits, *guests[planned.booked :]][: planned.booked + planned.waiting]

    def _invited(self, planned: Planned, guests: Sequence[Person]) -> list[str]:
        return [person.main_address() for person in guests] if planned.neutral_title else []

    def _review(self, planned: Planned) -> tuple[Review | None, list[Recommendation]]:
        if not planned.review:
            return None, []
        review, _ = Review.objects.get_or_create(partnership=self.riverside, title=planned.review)
        texts = ("Hear the child who does not speak.", "Share the chronology before the meeting, not at it.")
        for number, text in enumerate(texts, start=1):
            Recommendation.objects.get_or_create(review=review, number=str(number), defaults={"text": text})
        return review, list(review.recommendations.all())
