"""Many people who are signed in, and events to book."""

from __future__ import annotations

import html
import re
import urllib.request
import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from core.clock import now

CSRF = "0123456789abcdefghijklmnopqrstuv"  # any 32 letters and digits: the cookie and the form's field must agree


def make_people(count: int) -> list[Any]:
    """People of twenty schools, each with a proved address."""
    from allauth.account.models import EmailAddress

    from people.models import AFFILIATION_FIELDS, Person
    from tests.factories.people import LONG_AGO, OrganisationFactory, PersonFactory

    schools = [OrganisationFactory() for _ in range(20)]
    pattern = [PersonFactory(organisation=school) for school in schools]
    people = [
        Person(
            forename="Sam",
            surname=f"Ade{number}",
            profile_done_at=LONG_AGO,
            joined_at=LONG_AGO,
            manager_email="head@school.example",
            **{field: getattr(pattern[number % len(pattern)], field) for field in AFFILIATION_FIELDS},
        )
        for number in range(count)
    ]
    Person.objects.bulk_create(people, batch_size=1000)
    addresses = [
        EmailAddress(user=person, email=f"sam.ade{number}@school.example", primary=True, verified=True)
        for number, person in enumerate(people)
    ]
    EmailAddress.objects.bulk_create(addresses, batch_size=1000)
    return people


def sign_in(people: list[Any]) -> list[str]:
    """A session for each, as the sign-in makes it; returns the cookies that a browser would send."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    expires = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    sessions = []
    for person in people:
        data = {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
        encoded = Session.objects.encode(data)
        sessions.append(Session(session_key=uuid.uuid4().hex, session_data=encoded, expire_date=expires))
    Session.objects.bulk_create(sessions, batch_size=1000)
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    return [f"{names[0]}={session.session_key}; {names[1]}={CSRF}" for session in sessions]


def make_events(count: int, *, places: int, start: datetime) -> list[UUID]:
    """Published events of one session on that day, on the course's usual terms."""
    from tests.factories.bookings import bookable_event
    from tests.factories.courses import CourseFactory
    from tests.factories.people import PartnershipFactory

    course = CourseFactory(partnership=PartnershipFactory())
    return [bookable_event(places=places, course=course, first_start=start).pk for _ in range(count)]


def form_of(port: int, path: str, cookie: str) -> str:
    """The body that a browser sends when somebody opens the page and presses the button, with what the page has filled in."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        page = answer.read().decode()
        if answer.geturl() != request.full_url:
            raise RuntimeError(f"{path} leads to {answer.geturl()}")
    forms = [form for form in re.findall(r"<form\b[^>]*method=.post.*?</form>", page, re.S) if "csrfmiddlewaretoken" in form]
    form = next(form for form in reversed(forms) if "/sign-out" not in form and "logout" not in form)
    fields: dict[str, str] = {}
    for tag in re.findall(r"<(?:input|button)\b[^>]*>", form):
        found = {name: html.unescape(value) for name, value in re.findall(r'\b([a-z-]+)="([^"]*)"', tag)}
        is_chosen = found.get("type") not in ("checkbox", "radio") or " checked" in tag
        if "name" in found and is_chosen:
            fields[found["name"]] = found.get("value", "")
    return urlencode({**fields, "csrfmiddlewaretoken": CSRF})


def keep_a_past(people: list[Any], *, events: int = 100, each: int = 200) -> None:
    """Bookings of events that are over, for ``begin_anew``: the database plans for tables of a size that it will meet."""
    from django.db import connection

    from bookings.models import Booking, BookingStatus
    from people.queries import affiliation_of
    from tests.factories.people import LONG_AGO

    past = make_events(events, places=each, start=now() - timedelta(days=90))
    rows = [
        Booking(event_id=event, person=person, status=BookingStatus.CONFIRMED, booked_at=LONG_AGO, **affiliation_of(person))
        for number, event in enumerate(past)
        for person in (people[(number * each + index) % len(people)] for index in range(each))
    ]
    Booking.objects.bulk_create(rows, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE benchmark_past AS SELECT * FROM bookings_booking")


def begin_anew() -> None:
    """Every booking of the last measurement, its history, audit and messages away: each begins with the same tables."""
    from django.db import connection

    tables = "bookings_booking, notifications_message, core_auditentry"
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
        cursor.execute("UPDATE bookings_bookingterms SET queue_counter = 0")
        cursor.execute("INSERT INTO bookings_booking SELECT * FROM benchmark_past")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
