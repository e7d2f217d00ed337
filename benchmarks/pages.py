"""How long the server takes for the two pages that everybody opens, beside the same rows by plain SQL in the same run.

    python -m benchmarks.pages [--database postgresql] [--runs 100]

The catalogue of 500 upcoming events, 50 on a page, and the learning of somebody with 200 bookings. Server time is one call of the
WSGI application in this process: every middleware, the session, the database and the templates, without a network. The raw limit
reads the rows that the page shows by hand-written SQL and puts each into one line of HTML. Exit status 1 above the limit, and
where a page of more rows asks more questions.
"""

from __future__ import annotations

import argparse
import html
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.live import site
from benchmarks.reports import recorded

LIMIT_MS = 100
EVENTS, BOOKINGS = 500, 200

CARDS = """
    SELECT e.id, e.title, e.kind, e.starts_on, v.name, l.name, s.starts_at, s.ends_at, t.booking_limit,
           (SELECT count(*) FROM bookings_booking b WHERE b.event_id = e.id AND b.status IN ('confirmed', 'offered')),
           (SELECT max(b.status) FROM bookings_booking b WHERE b.event_id = e.id AND b.person_id = %(person)s)
    FROM (SELECT * FROM events_event WHERE status = 'published' AND NOT is_closed AND ends_on >= %(today)s
          ORDER BY starts_on, title, id LIMIT 50 OFFSET %(offset)s) e
    LEFT JOIN events_venue v ON v.id = e.venue_id
    LEFT JOIN courses_course c ON c.id = e.course_id
    LEFT JOIN courses_level l ON l.id = c.level_id
    JOIN events_session s ON s.event_id = e.id
    JOIN bookings_bookingterms t ON t.event_id = e.id
    ORDER BY e.starts_on, e.title, e.id, s.number"""
LEARNING = """
    SELECT e.id, e.title, e.starts_on, v.name, s.starts_at, s.ends_at, b.status, a.outcome, r.id,
           CASE WHEN b.status = 'waiting' THEN (SELECT count(*) FROM bookings_booking w WHERE w.event_id = b.event_id
               AND w.status = 'waiting' AND w.queue_number <= b.queue_number) END
    FROM bookings_booking b
    JOIN events_event e ON e.id = b.event_id
    LEFT JOIN events_venue v ON v.id = e.venue_id
    JOIN events_session s ON s.event_id = e.id
    LEFT JOIN registers_attendance a ON a.event_id = b.event_id AND a.person_id = b.person_id
    LEFT JOIN records_certificate r ON r.source_uuid = b.event_id AND r.person_id = b.person_id AND r.withdrawn_at IS NULL
    WHERE b.person_id = %(person)s
    ORDER BY e.starts_on, e.title, s.number"""


class Visitor:
    """Asks the WSGI application as the web server would, signed in as somebody."""

    def __init__(self, application: Any, cookie: str) -> None:
        self.application = application
        self.cookie = cookie

    def get(self, address: str) -> bytes:
        """The page's body. Raises AssertionError for anything but a page."""
        path, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_COOKIE": self.cookie,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.version": (1, 0),
        }
        said: list[str] = []
        answer = self.application(environ, lambda status, headers, exc_info=None: said.append(status))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        assert said == ["200 OK"], (address, said)
        return body


def make_programme(person: Any, others: list[Any]) -> None:
    """500 events to come, of one to three sessions, a third of the places taken; 200 bookings of one person, 120 of the past.

    Of these, 110 have their register, a credit and a certificate; every second course is to be refreshed.
    """
    from bookings.models import Booking, BookingStatus
    from core.clock import now
    from core.codes import new_code
    from people.queries import affiliation_of
    from records.models import Certificate, Credit, SourceKind
    from registers.models import Attendance, Outcome
    from tests.factories.bookings import bookable_event
    from tests.factories.courses import CourseFactory, LevelFactory, ThemeFactory
    from tests.factories.events import VenueFactory

    at = now()
    themes = [ThemeFactory(name=name) for name in ("Neglect", "Exploitation", "Domestic abuse", "Online safety", "Early help")]
    levels = [LevelFactory(name=name) for name in ("Awareness", "Core", "Specialist")]
    shapes = [{"theme": themes[number % 5], "level": levels[number % 3]} for number in range(30)]
    courses = [CourseFactory(**shape, refresh_months=36 if number % 2 else None) for number, shape in enumerate(shapes)]
    venues = [VenueFactory(name=f"Centre {number}") for number in range(20)]

    def event_in(days: float, number: int) -> Any:
        shape = {"course": courses[number % 30], "venue": venues[number % 20], "sessions": 1 + number % 3}
        return bookable_event(places=20, first_start=at + timedelta(days=days), **shape)

    def claim(event: Any, who: Any, status: str, **fields: Any) -> Booking:
        return Booking(
            event=event, person=who, status=status, booked_at=at - timedelta(days=200), **affiliation_of(who), **fields
        )

    coming = [event_in(2 + number * 0.6, number) for number in range(EVENTS)]
    past = [event_in(-30 - number * 6, number) for number in range(120)]
    rows = [claim(event, others[(i * 7 + j) % len(others)], "confirmed") for i, event in enumerate(coming) for j in range(7)]
    rows += [claim(event, person, "confirmed") for event in coming[:30]]
    rows += [claim(event, person, "waiting", queue_number=2) for event in coming[30:40]]
    rows += [claim(event, others[0], "waiting", queue_number=1) for event in coming[30:40]]
    over = {"cancelled_by": "delegate", "cancelled_in_time": True, "ended_at": at - timedelta(days=190)}
    rows += [claim(event, person, BookingStatus.CANCELLED, **over) for event in coming[40:80]]
    rows += [claim(event, person, "confirmed") for event in past]
    seen = {(row.event.pk, row.person.pk) for row in rows}
    assert len(seen) == len(rows)
    assert sum(row.person == person for row in rows) == BOOKINGS
    Booking.objects.bulk_create(rows, batch_size=500)
    snapshot = affiliation_of(person)
    Attendance.objects.bulk_create(
        Attendance(
            event=event,
            person=person,
            course=event.course,
            event_kind=event.kind,
            date=event.starts_on,
            outcome=Outcome.ATTENDED,
            **snapshot,
        )
        for event in past[:110]
    )
    earned = [
        {"person": person, "course": event.course, "title": event.title, "hours": 6, "source_uuid": event.pk}
        for event in past[:110]
    ]
    days = [event.starts_on for event in past[:110]]
    kind = SourceKind.ATTENDANCE
    Credit.objects.bulk_create(
        Credit(**row, source_kind=kind, earned_on=day, given_at=at) for row, day in zip(earned, days, strict=True)
    )
    host = past[0].lead_host
    Certificate.objects.bulk_create(
        Certificate(**row, source_kind=kind, awarded_on=day, issued_at=at, partnership=host, name=person.name, code=new_code())
        for row, day in zip(earned, days, strict=True)
    )


def times(work: Callable[[], object], runs: int) -> tuple[float, float, float]:
    """Milliseconds: the median, the 95th percentile, and this process's own processor time, after five runs that warm up."""
    taken, used = [], []
    for run in range(runs + 5):
        began, worked = time.perf_counter(), time.process_time()
        work()
        if run >= 5:
            taken.append(1000 * (time.perf_counter() - began))
            used.append(1000 * (time.process_time() - worked))
    return statistics.median(taken), sorted(taken)[int(runs * 0.95)], statistics.median(used)


def raw(statement: str, **values: Any) -> Callable[[], str]:
    """Reads the rows by the driver alone and writes each as a line."""
    from django.db import connection

    if connection.vendor == "sqlite":
        for name in values:
            statement = statement.replace(f"%({name})s", f":{name}")
        values = {name: getattr(value, "hex", value) for name, value in values.items()}
        values = {name: value if isinstance(value, str | int) else str(value) for name, value in values.items()}

    def read() -> str:
        connection.ensure_connection()
        cursor = connection.connection.cursor()
        cursor.execute(statement, values)
        lines = ("".join(f"<td>{html.escape(str(value))}</td>" for value in row) for row in cursor.fetchall())
        return "".join(f"<tr>{line}</tr>" for line in lines)

    return read


def measure(runs: int) -> bool:
    from django.db import connection

    from benchmarks.live import people
    from config.wsgi import application
    from core.clock import london_date, now

    made = people.make_people(400)
    person, newcomer = made[0], made[-1]
    make_programme(person, made[1:-1])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    cookies = people.sign_in([person, newcomer])
    reader, new_reader = Visitor(application, cookies[0]), Visitor(application, cookies[1])
    today = london_date(now())
    first = raw(CARDS, person=person.pk, today=today, offset=0)
    last = raw(CARDS, person=person.pk, today=today, offset=EVENTS - 50)
    mine = raw(LEARNING, person=person.pk)
    pages = {
        "catalogue of 500 events, page 1": ("/events/", first),
        "the same, page 10": ("/events/?page=10", last),
        "the same, places left, one word": ("/events/?places=on&q=neglect", first),
        "my learning, 200 bookings": ("/my-learning/", mine),
    }
    print(f"{connection.vendor}, {runs} runs, limit {LIMIT_MS} ms at the 95th percentile\n")
    print(f"{'':<36}{'p50':>8}{'p95':>9}{'of it ours':>12}{'queries':>9}{'raw p50':>10}{'ratio':>7}{'size':>9}")
    within = True
    for name, (address, limit) in pages.items():

        def ask(address: str = address) -> bytes:
            return reader.get(address)

        p50, p95, ours = times(ask, runs)
        asked = recorded(connection, ask)
        floor, _, _ = times(limit, runs)
        within = within and p95 < LIMIT_MS
        print(
            f"{name:<36}{p50:>5.0f} ms{p95:>6.0f} ms{ours:>9.0f} ms{len(asked):>9}{floor:>7.1f} ms{p50 / floor:>7.1f}"
            f"{len(ask()) / 1024:>6.0f} KB"
        )
    few, many = (len(recorded(connection, lambda who=who: who.get("/my-learning/"))) for who in (new_reader, reader))
    print(f"\nMy learning asks {few} questions of somebody with nothing to show, {many} of somebody with {BOOKINGS} bookings.")
    print(
        f"{'Within' if within else 'OVER'} the limit. Ratio: the page, against its rows by plain SQL and one line of HTML each."
    )
    return within


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--runs", type=int, default=100)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home, site.database(options.database):
        os.environ["DEMO"] = "0"
        Path(home, "log").touch()
        site.set_up(home, settings="config.settings")
        from django.db import connections

        try:
            return 0 if measure(options.runs) else 1
        finally:
            connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
