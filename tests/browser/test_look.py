"""No page has anything that axe finds, scrolls sideways or breaks the security policy: with people in it, empty, in error."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from bookings.models import ApprovalRequest, Hold
from core import personal_links
from core.clock import now
from elearning.models import Module
from feedback.models import FOLLOW_UP_LINK, NO_FOLLOW_UPS_LINK, FollowUp, Purpose
from feedback.operations import answer_follow_up, set_follow_ups
from feedback.questionnaires import ensure_questionnaire
from people.models import HEARING_LINK, Person
from tests.browser.looking import SIZES, faults_at
from tests.factories.agency import lead_of
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.people import OrganisationFactory, PartnershipFactory, PersonFactory, SectorFactory, officer
from tests.factories.records import AcceptedFactory, CertificateFactory

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser runs an event loop in this thread; ours is plain
NOT_THERE = "/nothing/here/"
FOR_EVERYBODY = ["/", "/events/", "/podcasts/", "/accessibility/", "/privacy/", "/components/", "/sign-in/", NOT_THERE]
OFFICE = ["/office/", "/office/events/", "/office/events/new/", "/office/people/", "/office/messages/", "/office/worker/"]
OFFICE += ["/office/courses/", "/office/courses/new/", "/office/lists/", "/office/partnership/", "/office/people/new/"]
OFFICE += ["/office/events/series/", "/office/events/publish/", "/office/demand/", "/office/demand/sessions/", "/sessions/ask/"]
OFFICE += ["/imports/", "/imports/organisations/", "/reports/reach/", "/registers/", "/profile/"]


@pytest.fixture
def faults(browser: Browser, live_server: LiveServer) -> Callable[..., list[str]]:
    """Opens each path, as somebody or as a visitor, on a phone and on a desk, and returns everything that is wrong."""

    def look(paths: list[str], *, person: Person | None = None) -> list[str]:
        context = browser.new_context(base_url=live_server.url)
        if person:
            context.add_cookies([{"name": "sessionid", "value": session_of(person), "url": live_server.url}])
        page, found = context.new_page(), []
        page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
        for path in paths:
            for size in SIZES:
                found += faults_at(page, path, size)
        context.close()
        return found

    return look


def session_of(person: Person) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_house_with_nothing_in_it(faults: Callable[..., list[str]]) -> None:
    assert faults(FOR_EVERYBODY) == []
    PartnershipFactory()
    assert faults(["/", "/events/", "/my-learning/", *OFFICE], person=officer()) == []


@pytest.mark.django_db(transaction=True)
def test_a_house_with_people_in_it(faults: Callable[..., list[str]]) -> None:
    partnership = PartnershipFactory()
    course = CourseFactory(content_note="Includes an account of abuse.", outcomes="see it\nname it", description="About it.")
    module = Module.objects.create(partnership=partnership, title="Bruising in babies", minutes=10)
    soon = now() + timedelta(days=10)
    event = bookable_event(
        places=2, course=course, first_start=soon, title="A title that goes on: engaging, understanding, responding"
    )
    full = bookable_event(places=1, first_start=soon, sessions=2, joining_link="https://teams.example/" + "a" * 120)
    event.for_sectors.set([SectorFactory()])
    person = PersonFactory(forename="Maximiliane", surname="Featherstonehaugh-Cholmondeley")
    BookingFactory(event=full)
    BookingFactory(event=full, person=person, status="waiting", queue_number=1)
    booking = BookingFactory(event=event, person=person)
    accepted = AcceptedFactory(person=person, course=course, note="The same day elsewhere, " + "certificate" * 12)
    paths = [f"/events/{event.pk}/", f"/events/{full.pk}/", f"/courses/{course.pk}/", f"/modules/{module.pk}/", "/my-learning/"]
    paths += [f"/bookings/{booking.pk}/", f"/bookings/{booking.pk}/cancel/", f"/events/{event.pk}/book/"]
    certificate = CertificateFactory(
        person=person, course=course, title="Engaging, understanding and responding: the whole family"
    )
    fields = {"person": person, "withdrawn_at": now(), "withdrawn_reason": "The register was corrected."}
    withdrawn = CertificateFactory(source_uuid=certificate.source_uuid, **fields)
    paths += [f"/certificates/{one.pk}/" for one in (certificate, withdrawn)]
    checked = ["/c/", *(f"/c/{one.code}/" for one in (certificate, withdrawn)), "/c/nothing/"]
    assert faults(["/", "/events/", paths[0], paths[1], *checked]) == []
    assert faults(["/", *paths], person=person) == []
    tabs = ["", "people/", "register/", "evaluation/", "messages/", "history/", "change/", "cancel/", "book/"]
    ours = [*OFFICE, *(f"/office/events/{event.pk}/{tab}" for tab in tabs), f"/office/people/{person.pk}/"]
    ours += [f"/office/people/{person.pk}/learning/{more}" for more in ("", "accept/", f"{accepted.pk}/withdraw/")]
    ours += [f"/office/people/{person.pk}/certificates/", f"/office/events/{event.pk}/messages/certificate_ready/"]
    assert faults(ours, person=officer()) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_officers_desk_with_every_state_on_it(faults: Callable[..., list[str]]) -> None:
    partnership, course, olu = PartnershipFactory(), CourseFactory(), officer(surname="Featherstonehaugh-Cholmondeley")
    soon, long = now() + timedelta(days=20), "Engaging, understanding and responding: working with the whole family"
    event = bookable_event(places=6, course=course, first_start=soon, title=long, terms={"minimum": 5})
    bookable_event(places=9, course=course, first_start=soon + timedelta(days=9), title=long)
    address = "manager.with.a.very.long.address.indeed@children-services.riverside-council.example"
    made = {
        status: BookingFactory(
            event=event,
            status=status,
            manager_email=address,
            person=PersonFactory(surname=f"{status} {long}"[:79], address=f"{status}@school.example"),
            **fields,
        )
        for status, fields in {
            "requested": {},
            "confirmed": {},
            "awaiting_approval": {},
            "offered": {},
            "waiting": {"queue_number": 1, "priority": 2, "priority_reason": long * 3},
            "cancelled": {"cancelled_by": "delegate", "ended_at": now()},
        }.items()
    }
    times = {"asked_at": now(), "remind_at": now(), "lapses_at": now() + timedelta(hours=1)}
    ApprovalRequest.objects.create(booking=made["awaiting_approval"], manager_email=address, **times)
    hold = Hold.objects.create(event=event, kind="reserved", places=1, sector=SectorFactory(), until=soon, made_at=now())
    hears = PersonFactory(agreed_to_hear_at=now(), organisation=OrganisationFactory(sector=SectorFactory(name="Police")))
    hears.partnerships.add(partnership)
    ours = [f"/office/bookings/{booking.pk}/" for booking in made.values()]
    steps = {"confirmed": ("cancel", "move"), "offered": ("offer",), "awaiting_approval": ("approval", "manager")}
    steps |= {"waiting": ("priority",), "cancelled": ("cancel",)}
    ours += [f"/office/bookings/{made[status].pk}/{step}/" for status, names in steps.items() for step in names]
    ours += [f"/office/bookings/{made['confirmed'].pk}/substitute/{more}" for more in (f"{hears.pk}/", "?q=sam")]
    ours += [f"/office/events/{event.pk}/{part}/" for part in ("people", "go-ahead", "holds", "call")]
    ours += [f"/office/events/{event.pk}/people/?show=waiting&q=sam", f"/office/holds/{hold.pk}/release/", "/office/"]
    ours += [f"/office/people/{hears.pk}/book/", "/office/people/?q=sam", "/office/partnership/booking/"]
    assert faults(ours, person=olu) == []
    token = personal_links.fill(personal_links.placeholder(HEARING_LINK, str(hears.pk)))
    assert faults([f"/hearing/{token}/", "/hearing/nothing/"]) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_pages_of_a_follow_up(faults: Callable[..., list[str]], browser: Browser, live_server: LiveServer) -> None:
    """Asked, with a mistake, answered, closed, stopped, a link that opens nothing, and what the officer sees of it."""
    event = bookable_event(
        title="Engaging, understanding and responding: working with the whole family", first_start=now() - timedelta(days=90)
    )
    questionnaire = ensure_questionnaire(event.lead_host, Purpose.FOLLOW_UP)
    sent = [now().date(), now().date() - timedelta(days=70), *([now().date()] * 5)]
    asked = [FollowUp(event=event, person=PersonFactory(), questionnaire=questionnaire, sent_on=day) for day in sent]
    FollowUp.objects.bulk_create(asked)
    for one in asked[2:]:
        answer_follow_up(follow_up=one, answers={"changed_practice": "yes", "example": "A child" * 99}, at=now())
    links = [personal_links.fill(f"/follow-up/{personal_links.placeholder(FOLLOW_UP_LINK, str(one.pk))}/") for one in asked[:3]]
    stop = personal_links.fill(f"/follow-up/{personal_links.placeholder(NO_FOLLOW_UPS_LINK, str(asked[0].pk))}/stop/")
    assert faults([*links, stop, "/follow-up/nothing/"]) == []
    set_follow_ups(person=asked[0].person, wanted=False, by=None, at=now())
    assert faults([stop]) == []
    assert faults([f"/office/events/{event.pk}/{tab}" for tab in ("evaluation/", "messages/follow_up/")], person=officer()) == []
    page = browser.new_page(base_url=live_server.url)
    page.goto(links[0])
    page.get_by_label("What did you do differently?").fill("I ask what the day is like.")
    page.get_by_role("button", name="Send your answers").click()
    found = [fault for size in SIZES for fault in faults_at(page, None, size)]
    assert (found, page.get_by_label("What did you do differently?").input_value()) == ([], "I ask what the day is like.")
    page.close()


@pytest.mark.django_db(transaction=True)
def test_pages_with_an_error(faults: Callable[..., list[str]]) -> None:
    PartnershipFactory()
    assert faults(["/events/?kind=holiday&from=2020-01", "/events/?q=nothing+like+it"]) == []
    assert faults(["/office/"], person=PersonFactory()) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_pages_of_an_agency(faults: Callable[..., list[str]], browser: Browser, live_server: LiveServer) -> None:
    """Empty, then from choosing colleagues to what became of them, with mistakes on the way."""
    grant = lead_of(OrganisationFactory(name="The Featherstonehaugh-Cholmondeley Academy for Girls"))
    ours = f"/agency/{grant.pk}/"
    lists = [ours, *(f"{ours}{part}" for part in ("bookings/", "holds/", "events/", "people/new/"))]
    assert faults(lists, person=grant.person) == []
    event = bookable_event(places=2, first_start=now() + timedelta(days=20), title="Engaging, understanding and responding")
    person = PersonFactory(organisation=grant.organisation, surname="Featherstonehaugh-Cholmondeley")
    booking = BookingFactory(event=event, person=person)
    hold = Hold.objects.create(
        event=event, kind="unnamed", places=1, organisation=grant.organisation, until=event.starts_on, made_at=now()
    )
    here = f"{ours}events/{event.pk}/"
    paths = [*lists, here, f"{here}hold/", f"{ours}holds/{hold.pk}/release/"]
    paths += [f"{ours}bookings/{booking.pk}/{part}" for part in ("", "cancel/", "substitute/", "move/")]
    assert faults(paths, person=grant.person) == []
    context = browser.new_context(base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": session_of(grant.person), "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{here}book/")
    found = [fault for size in SIZES for fault in faults_at(page, None, size)]
    page.get_by_label("Or paste e-mail addresses").fill("Sam Lee <sam@new.example>\nhead@new.example\nlost@nowhere")
    for button in ("Check before booking", "Book 2 people"):  # the second time a name is missing
        page.get_by_role("button", name=button).click()
        found += [fault for size in SIZES for fault in faults_at(page, None, size)]
    page.get_by_label("First name of head@new.example").fill("Hedy")
    page.get_by_label("Last name of head@new.example").fill("Head")
    page.get_by_role("button", name="Book 2 people").click()
    found += [fault for size in SIZES for fault in faults_at(page, None, size)]
    assert (found, page.get_by_role("heading", level=1).inner_text()) == ([], "1 place booked")
    context.close()
