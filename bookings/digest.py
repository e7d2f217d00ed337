"""The programme by e-mail, to people who agreed to hear of learning: when it is due, what stands in it, who gets it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import groupby

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q

from bookings.counting import PlaceCounts, place_counts
from bookings.models import BookingTerms, DigestEvery, MessageSettings
from core.clock import london_date, london_instant
from events.models import Event
from notifications.models import Message
from people.models import Partnership, Person, PersonQuerySet

MOST_EVENTS = 40
LOOKS_AHEAD = timedelta(days=120)
LATE_BY_AT_MOST = timedelta(days=2)  # a worker that was away for longer waits for the next one
NO_THEME = "More learning"

Programme = list[tuple[str, list[tuple[Event, PlaceCounts]]]]


def issue_of(settings: MessageSettings, at: datetime) -> date | None:
    """The Monday whose digest should leave at this moment, if one should."""
    today = london_date(at)
    monday = today - timedelta(days=today.weekday())
    if settings.digest_every == DigestEvery.NEVER or (settings.digest_every == DigestEvery.MONTH and monday.day > 7):
        return None
    leaves_at = _leaves_at(settings, monday)
    return monday if leaves_at <= at < leaves_at + LATE_BY_AT_MOST else None


def about_issue(settings: MessageSettings, issue: date) -> str:
    """What the messages of one issue carry as their ``about``."""
    return f"digest:{settings.partnership_id}:{issue}"


def left_to_send(settings: MessageSettings, at: datetime) -> tuple[str, PersonQuerySet] | None:
    """What the issue that is due is called, and who has not got it yet. None while none is due, or the partnership is silent."""
    issue, silent_until = issue_of(settings, at), settings.partnership.messages_from
    if issue is None or silent_until is None or silent_until > london_date(at):
        return None
    about = about_issue(settings, issue)
    got_it = Message.objects.filter(about=about, person=OuterRef("pk"))
    return about, readers(settings.partnership).exclude(Exists(got_it)).order_by("pk")


def next_issue(settings: MessageSettings, at: datetime) -> date | None:
    """The next Monday on which one leaves; None where there are none."""
    if settings.digest_every == DigestEvery.NEVER:
        return None
    today = london_date(at)
    monday = today + timedelta(days=-today.weekday() % 7)
    if _leaves_at(settings, monday) <= at:
        monday += timedelta(days=7)
    while settings.digest_every == DigestEvery.MONTH and monday.day > 7:
        monday += timedelta(days=7)
    return monday


def programme(partnership: Partnership, at: datetime) -> Programme:
    """What anybody can book now, or wait for, by theme and then by date. A fixed number of queries."""
    today = london_date(at)
    open_now = BookingTerms.objects.filter(
        Q(opens_at__isnull=True) | Q(opens_at__lte=at), Q(closes_at__isnull=True) | Q(closes_at__gt=at), event=OuterRef("pk")
    )
    listed = Event.objects.listed().hosted_by(partnership).filter(starts_on__gt=today, starts_on__lte=today + LOOKS_AHEAD)
    found = listed.filter(Exists(open_now), for_organisation=None).select_related("theme", "venue").prefetch_related("sessions")
    events = list(found.order_by("starts_on", "title", "pk")[:MOST_EVENTS])
    places = place_counts(events)
    waits = set(BookingTerms.objects.filter(event__in=events, has_waiting_list=True).values_list("event_id", flat=True))
    bookable = [event for event in events if not places[event.pk].is_full or event.pk in waits]
    by_theme = sorted(bookable, key=lambda event: (event.theme is None, str(event.theme)))
    return [
        (theme, [(event, places[event.pk]) for event in group])
        for theme, group in groupby(by_theme, key=lambda event: str(event.theme) if event.theme else NO_THEME)
    ]


def readers(partnership: Partnership) -> PersonQuerySet:
    """Who agreed to hear of learning, can sign in and has an address."""
    agreed: PersonQuerySet = Person.objects.active().filter(partnerships=partnership, agreed_to_hear_at__isnull=False)
    has_address = Exists(EmailAddress.objects.filter(user=OuterRef("pk")))
    return agreed.filter(has_address).with_address()


def _leaves_at(settings: MessageSettings, monday: date) -> datetime:
    return london_instant(datetime.combine(monday, time(settings.leaves_at_hour)))
