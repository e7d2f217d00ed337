"""The limit that a booking is measured against: lock the event's terms, count who holds a place, insert the booking.

No rule, no history, no audit, no message. Once as plain psycopg would do it, once as a view of the same project: behind the same
server, the same middleware and the same sign-in. This is also the settings module and the list of addresses of that server: all
of the product, and one address more.
"""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.live.bare_urls"

LOCK = "SELECT booking_limit, queue_counter FROM bookings_bookingterms WHERE event_id = %s FOR UPDATE"
COUNT = "SELECT count(*) FROM bookings_booking WHERE event_id = %s AND status IN ('confirmed', 'offered')"
NUMBER = "UPDATE bookings_bookingterms SET queue_counter = %s WHERE event_id = %s"


@cache
def insert() -> tuple[str, dict[str, Any]]:
    """The statement that writes a booking, and the values which are the same in each: whatever columns the table has today."""
    from django.db import connection

    from bookings.models import Booking
    from core.clock import now
    from people.models import Person
    from people.queries import affiliation_of

    someone = Person.objects.exclude(organisation=None).first()
    assert someone is not None
    booking = Booking(booked_at=now(), status="confirmed", **affiliation_of(someone))
    fields = Booking._meta.concrete_fields
    values = {field.column: field.get_db_prep_save(getattr(booking, field.attname), connection) for field in fields}
    columns = ", ".join(f'"{column}"' for column in values)
    places = ", ".join(f"%({column})s" for column in values)
    return f"INSERT INTO bookings_booking ({columns}) VALUES ({places})", values  # noqa: S608 - names of our own columns


def book(cursor: Any, *, event: uuid.UUID, person: uuid.UUID) -> uuid.UUID:
    """The transaction's statements, for a cursor inside one."""
    cursor.execute(LOCK, [event])
    limit, number = cursor.fetchone()
    cursor.execute(COUNT, [event])
    (taken,) = cursor.fetchone()
    statement, same = insert()
    key = uuid.uuid4()
    mine = {"id": key, "event_id": event, "person_id": person, "booked_by_id": person}
    if taken >= limit:
        number += 1
        mine |= {"status": "waiting", "queue_number": number}
        cursor.execute(NUMBER, [number, event])
    cursor.execute(statement, {**same, **mine})
    return key
