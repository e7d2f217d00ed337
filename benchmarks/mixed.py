"""Everything at once for half an hour: people read, book and cancel, officers change events, registers are taken, mail leaves.

    python -m benchmarks.mixed [--minutes 30] [--clients 16] [--pause 0] [--database sqlite|postgresql]

Clients fill in the pages' own forms over HTTP, against the web server and the worker as they are shipped. Exit status 0 when
nothing failed: no answer of 500 or more, no lost connection, no complaint of a locked database, nobody oversold, no booking
lost that was answered, no message failed.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode
from uuid import UUID

from benchmarks.bookings import at, counted
from benchmarks.live import people, site

PEOPLE, EVENTS, PLACES = 400, 60, 12
TODAY, AT_EACH = 8, 20  # events whose registers are taken, and how many are booked there
LOCKED = "database is locked"
BOOKING = re.compile(r'href="(/bookings/[0-9a-f-]{36}/)"')
OFFICE_BOOKING = re.compile(r'href="(/office/bookings/[0-9a-f-]{36}/)"')


class Forms(HTMLParser):
    """The forms of a page that are sent by POST, each as the fields that a browser would send; ``choices`` are radio buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.choices: list[dict[str, list[str]]] = []
        self._inside, self._text, self._select = False, "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("method", "").lower() == "post"
            if self._inside:
                self.found.append({})
                self.choices.append({})
        if not self._inside:
            return
        name, kind = given.get("name", ""), given.get("type", "")
        value = given.get("value", "on" if kind == "checkbox" else "")
        if tag == "input" and kind == "radio":
            self.choices[-1].setdefault(name, []).append(value)
        if tag == "input" and name and (kind not in ("radio", "checkbox") or "checked" in given):
            self.found[-1][name] = value
        elif tag == "textarea":
            self._text = name
            self.found[-1][name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.found[-1]):
            self.found[-1][self._select] = value

    def handle_data(self, data: str) -> None:
        if self._text:
            self.found[-1][self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._inside = False


class Stay(urllib.request.HTTPRedirectHandler):
    """Where an answer leads is looked at, not followed."""

    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class Seen:
    """What one client saw: how long each kind of step took in milliseconds, what was answered, what went wrong."""

    took: dict[str, list[float]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    booked: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Client:
    """One browser that asks one thing after the other."""

    port: int
    chance: random.Random
    seen: Seen
    opener: urllib.request.OpenerDirector = field(default_factory=lambda: urllib.request.build_opener(Stay))

    def ask(self, step: str, path: str, cookie: str, body: dict[str, str] | None = None) -> tuple[int, str, str]:
        """The answer's status, where it leads, and its page."""
        data = urlencode(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, headers={"Cookie": cookie})
        began = time.monotonic()
        try:
            with self.opener.open(request, timeout=60) as answer:
                status, leads_to, page = answer.status, "", answer.read().decode(errors="replace")
        except urllib.error.HTTPError as answer:
            status, leads_to, page = answer.code, answer.headers.get("Location", ""), answer.read().decode(errors="replace")
        except OSError as error:
            status, leads_to, page = 599, "", f"{type(error).__name__}: {error}"
        self.seen.took.setdefault(step, []).append((time.monotonic() - began) * 1000)
        self.seen.answers[f"{step} {status}"] += 1
        if status >= 500 or LOCKED in page:
            self.seen.wrong.append(f"{step} {path}: {status} {page[:80] if status == 599 else ''}")
        return status, leads_to, page

    def press(self, step: str, path: str, cookie: str, **changes: str) -> str:
        """Open a page, fill in its last form and send it. Returns where that leads, or nothing. ``changes`` by the name's end."""
        status, _, page = self.ask(f"{step}: open", path, cookie)
        forms = Forms(page) if status == 200 else None
        if forms is None or not forms.found:
            return ""
        fields = {name: self.chance.choice(values) for name, values in forms.choices[-1].items() if name not in forms.found[-1]}
        fields |= forms.found[-1]
        for end, value in changes.items():
            known = [name for name in fields if name == end or name.endswith(f"-{end}")] or [end]
            fields |= dict.fromkeys(known, value)
        fields["csrfmiddlewaretoken"] = people.CSRF
        return self.ask(f"{step}: send", path, cookie, fields)[1]


@dataclass(frozen=True)
class House:
    """What the clients know: who is signed in, and what there is."""

    cookies: list[str]
    officers: list[str]
    events: list[UUID]
    sessions: list[UUID]
    codes: list[str]


def practitioner(client: Client, house: House) -> None:
    chance = client.chance
    cookie, event = chance.choice(house.cookies), chance.choice(house.events)
    step = chance.random()
    if step < 0.15:
        client.ask("catalogue", f"/events/?page={chance.randint(1, 2)}", cookie)
    elif step < 0.3:
        client.ask("event page", f"/events/{event}/", cookie)
    elif step < 0.75:
        leads_to = client.press("book", f"/events/{event}/book/", cookie)
        if leads_to.startswith("/bookings/"):
            client.seen.booked.add(leads_to.split("/")[2])
    else:
        mine = BOOKING.findall(client.ask("my learning", "/my-learning/", cookie)[2])
        if mine:
            client.press("cancel", f"{chance.choice(mine)}cancel/", cookie)


def officer(client: Client, house: House) -> None:
    chance = client.chance
    cookie, event = chance.choice(house.officers), chance.choice(house.events)
    step = chance.random()
    if step < 0.2:
        client.ask("today", "/office/", cookie)
    elif step < 0.5:
        client.press("resize", f"/office/events/{event}/change/", cookie, places=str(chance.randint(PLACES - 4, PLACES + 8)))
    else:
        booked = OFFICE_BOOKING.findall(client.ask("people of an event", f"/office/events/{event}/people/", cookie)[2])
        if booked and step < 0.8:
            client.press("office cancels", f"{chance.choice(booked)}cancel/", cookie, reason="Asked us to")
        else:
            client.ask("messages", "/office/messages/", cookie)


def trainer(client: Client, house: House) -> None:
    """Mark, close, reopen, and again."""
    chance, cookie = client.chance, client.chance.choice(house.officers)
    session = chance.choice(house.sessions)
    step = chance.random()
    if step < 0.6:
        client.press("register", f"/registers/{session}/", cookie, **({"all_present": "yes"} if step < 0.2 else {}))
    elif step < 0.8:
        client.press("close a register", f"/registers/{session}/close/", cookie, rest_absent="yes")
    else:
        client.press("reopen a register", f"/registers/{session}/reopen/", cookie, reason="A mark was wrong")


def delegate(client: Client, house: House) -> None:
    """Scans the code and answers, without an account."""
    client.press("evaluation", f"/e/{client.chance.choice(house.codes)}/", f"csrftoken={people.CSRF}")


ROLES: list[Callable[[Client, House], None]] = [officer, officer, trainer, delegate]


def act(client: Client, role: Callable[[Client, House], None], house: House, until: float, pause: float) -> None:
    while time.monotonic() < until:
        role(client, house)
        time.sleep(client.chance.uniform(0, 2 * pause))


def make_house() -> House:
    from core.clock import now
    from events.models import Event, Session
    from feedback.operations import ensure_evaluation_form
    from tests.factories.bookings import BookingFactory
    from tests.factories.people import officer as make_officer

    made = people.make_people(PEOPLE)
    moment = now()
    today = people.make_events(TODAY, places=AT_EACH, start=moment + timedelta(hours=1))
    for number, event in enumerate(Event.objects.filter(pk__in=today)):
        for person in made[number * AT_EACH : (number + 1) * AT_EACH]:
            BookingFactory(event=event, person=person)
    Session.objects.filter(event__in=today).update(starts_at=moment - timedelta(hours=3), ends_at=moment - timedelta(minutes=5))
    forms = [ensure_evaluation_form(event=event, at=moment) for event in Event.objects.filter(pk__in=today)]
    events = [
        event
        for days in (10, 20, 40)
        for event in people.make_events(EVENTS // 3, places=PLACES, start=moment + timedelta(days=days))
    ]
    return House(
        cookies=people.sign_in(made),
        officers=people.sign_in([make_officer() for _ in range(3)]),
        events=events,
        sessions=list(Session.objects.filter(event__in=today).values_list("pk", flat=True)),
        codes=[form.code for form in forms],
    )


def run(house: House, *, port: int, clients: int, seconds: float, pause: float) -> list[Seen]:
    until = time.monotonic() + seconds
    seen = [Seen() for _ in range(clients)]
    threads = []
    for number, one in enumerate(seen):
        role = ROLES[number] if number < len(ROLES) else practitioner
        client = Client(port, random.Random(number), one)
        threads.append(threading.Thread(target=act, args=(client, role, house, until, pause)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def complaints() -> list[str]:
    """Lines of the server's and the worker's log that speak of a locked database or an error."""
    lines = site.log_file().read_text(errors="replace").splitlines()
    return [line for line in lines if LOCKED in line or " ERROR " in line or line.startswith("Traceback")]


def report(house: House, seen: list[Seen], *, seconds: float) -> int:
    from bookings.models import Booking
    from notifications.models import Message, MessageState

    took: dict[str, list[float]] = {}
    for one in seen:
        for step, times in one.took.items():
            took.setdefault(step, []).extend(times)
    answers = sum((one.answers for one in seen), Counter())
    print(f"{'':28}{'asked':>8}{'p50':>9}{'p95':>9}{'slowest':>9}   answers")
    for step, times in sorted(took.items()):
        times.sort()
        codes = ", ".join(
            f"{count} x {name.split()[-1]}" for name, count in sorted(answers.items()) if name.startswith(f"{step} ")
        )
        print(f"{step:28}{len(times):>8}{at(times, 0.5):>6.0f} ms{at(times, 0.95):>6.0f} ms{times[-1]:>6.0f} ms   {codes}")
    wrong = [line for one in seen for line in one.wrong]
    oversold, rows = counted(house.events)
    lost = len(set().union(*(one.booked for one in seen)) - rows)
    logged = complaints()
    states = Counter(Message.objects.values_list("state", flat=True))
    total = sum(len(times) for times in took.values())
    print(f"{total:,} requests in {seconds:.0f} s, {total / seconds:.0f} a second; {Booking.objects.count():,} bookings")
    print(f"messages: {', '.join(f'{count:,} {state}' for state, count in sorted(states.items()))}")
    print(f"errors {len(wrong)}, complaints in the log {len(logged)}, oversold {oversold}, answered but lost {lost}")
    for line in [*wrong[:10], *logged[:10]]:
        print(f"  {line}")
    is_kept = not (wrong or logged or oversold or lost or states[MessageState.FAILED])
    print("Everything promised was kept." if is_kept else "MISSED: wanted none of these.")
    return 0 if is_kept else 1


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--pause", type=float, default=0, help="seconds that people think between two steps, on the average (0)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home, site.database(options.database):
        site.set_up(home, settings="config.settings")
        from django.db import connection, connections

        house, seconds = make_house(), options.minutes * 60
        print(f"{connection.vendor}, {options.clients} clients, minutes: {options.minutes:g}", flush=True)
        connections.close_all()
        with site.mail_server() as email_url:
            os.environ["EMAIL_URL"] = email_url
            with site.server() as (port, _), site.worker():
                seen = run(house, port=port, clients=options.clients, seconds=seconds, pause=options.pause)
        return report(house, seen, seconds=seconds)


if __name__ == "__main__":
    sys.exit(main())
