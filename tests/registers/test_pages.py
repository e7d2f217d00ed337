"""The register on a page: who may open it, the form without JavaScript, one tap with it."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import BookingStatus
from events.models import Event, Session
from people.models import OrganisationState, Person
from registers.models import Attendance, AttendanceRule, HeadCount, Mark, Register, WalkIn
from registers.operations import add_head_count, add_walk_in
from registers.queries import register_tab
from tests.factories.bookings import BookingFactory
from tests.factories.people import (
    GrantFactory,
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
    officer,
    subgroup_member,
    trainer,
)
from tests.factories.registers import event_with_people, marked, session_of, take_register, teaches

pytestmark = pytest.mark.django_db

MORNING = datetime(2027, 1, 26, 9, 40, tzinfo=UTC)
ON_SESSION = [
    "register",
    "register_mark",
    "register_marks",
    "register_walk_in",
    "register_close",
    "register_reopen",
    "register_print",
    "register_head_counts",
    "register_rule",
]


@pytest.fixture(autouse=True)
def _on_the_morning() -> object:
    with time_machine.travel(MORNING, tick=False):
        yield


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(name: str, session: Session, *more: object) -> str:
    return reverse(name, args=[session.pk, *more])


def status(client: Client, name: str, session: Session) -> int:
    return (client.post if name == "register_mark" else client.get)(url(name, session)).status_code


@pytest.mark.parametrize("name", ON_SESSION)
def test_a_register_opens_to_its_trainers_and_the_lead_hosts_officers_only(name: str) -> None:
    PartnershipFactory()
    event, _ = event_with_people(1)
    session = session_of(event)
    other = OtherPartnershipFactory()
    elsewhere = GrantFactory(partnership=other).person
    also_hosting = GrantFactory(partnership=other).person
    event.hosts.create(partnership=other)
    booked_person = BookingFactory(event=event).person
    strangers = [PersonFactory(), booked_person, trainer(), subgroup_member(), elsewhere, also_hosting]
    fine = 400 if name == "register_mark" else 200

    assert [status(signed_in(person), name, session) for person in strangers] == [404] * 6
    assert [status(signed_in(person), name, session) for person in (teaches(event), officer())] == [fine, fine]
    assert status(Client(), name, session) == 302


def test_a_register_nobody_has_made_is_not_found() -> None:
    client = signed_in(officer())
    assert client.get(reverse("register", args=[uuid.uuid4()])).status_code == 404


def test_the_trainer_of_one_event_does_not_touch_another() -> None:
    mine, _ = event_with_people(0)
    theirs, [person] = event_with_people(1)
    me = teaches(mine)
    walk_in = add_walk_in(session=session_of(theirs), person=PersonFactory(), by=None, at=MORNING)
    counted = add_head_count(event=theirs, count=9, by=None, at=MORNING)
    client, session = signed_in(me), session_of(mine)

    answers = [
        client.post(url("register_walk_in_remove", session, walk_in.person_id)).status_code,
        client.post(url("register_head_count_remove", session, counted.pk)).status_code,
        client.post(url("register_mark", session), {"person": person.pk, "value": "present", "version": 0}).status_code,
        client.post(url("register", session), {f"mark-{person.pk}": "present", f"shown-{person.pk}": ":0"}).status_code,
    ]

    assert answers == [404, 404, 422, 302]
    assert (WalkIn.objects.count(), HeadCount.objects.count(), Mark.objects.count()) == (1, 1, 1)


def test_opening_the_page_changes_nothing() -> None:
    event, _ = event_with_people(2)
    client = signed_in(teaches(event))
    for name in set(ON_SESSION) - {"register_mark"}:
        client.get(url(name, session_of(event)))
    assert (Register.objects.count(), Mark.objects.count()) == (0, 0)


def rows_of(page: str) -> dict[str, str]:
    """What the form of a page would send: every hidden field and every chosen mark."""
    hidden = dict(re.findall(r'<input type="hidden" name="(shown-[^"]+)" value="([^"]*)"', page))
    chosen = dict(re.findall(r'<input type="radio" name="(mark-[^"]+)" value="([^"]*)" checked', page))
    return hidden | chosen


def test_the_whole_register_is_saved_by_one_form_without_javascript() -> None:
    event, people = event_with_people(3)
    client, session = signed_in(teaches(event)), session_of(event)
    form = rows_of(client.get(url("register", session)).content.decode())
    assert form == {f"shown-{person.pk}": ":0" for person in people}

    answer = client.post(
        url("register", session), {**form, f"mark-{people[0].pk}": "late", f"mark-{people[1].pk}": "absent"}, follow=True
    )

    page = answer.content.decode()
    assert (answer.redirect_chain, "Saved 2 marks." in page) == ([(url("register", session), 302)], True)
    assert rows_of(page) == {
        f"shown-{people[0].pk}": "late:1",
        f"shown-{people[1].pk}": "absent:1",
        f"shown-{people[2].pk}": ":0",
        f"mark-{people[0].pk}": "late",
        f"mark-{people[1].pk}": "absent",
    }
    assert [(mark.person, mark.value) for mark in Mark.objects.order_by("person__surname")] == [
        (people[0], "late"),
        (people[1], "absent"),
    ]


def test_a_whole_register_sent_late_touches_only_the_rows_that_were_changed_on_it() -> None:
    event, [first, second] = event_with_people(2)
    session, me, other = session_of(event), teaches(event), teaches(event, forename="Priya", surname="Shah")
    marked(session, first, "present", at=MORNING, by=me)
    client = signed_in(me)
    form = rows_of(client.get(url("register", session)).content.decode())
    signed_in(other).post(url("register_mark", session), {"person": first.pk, "value": "late", "version": 1})

    answer = client.post(url("register", session), {**form, f"mark-{second.pk}": "absent"})

    assert answer.status_code == 302
    assert {mark.person: mark.value for mark in Mark.objects.all()} == {first: "late", second: "absent"}


def test_a_whole_register_that_contradicts_another_trainer_says_whose_mark_stands() -> None:
    event, [first, second] = event_with_people(2)
    session, me, other = session_of(event), teaches(event), teaches(event, forename="Priya", surname="Shah")
    form = {f"shown-{first.pk}": ":0", f"shown-{second.pk}": ":0", f"mark-{first.pk}": "absent", f"mark-{second.pk}": "present"}
    marked(session, first, "late", at=MORNING, by=other)

    answer = signed_in(me).post(url("register", session), form)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert page.count(f"Priya Shah marked {first.name} “late” at 9.40am, and that stands. Choose again to change it.") == 2
    assert {mark.person: mark.value for mark in Mark.objects.all()} == {first: "late", second: "present"}
    assert rows_of(page)[f"shown-{first.pk}"] == "late:1"


def test_all_present_saves_what_was_chosen_first_and_marks_the_rest() -> None:
    event, people = event_with_people(3)
    session = session_of(event)
    form = {f"shown-{people[0].pk}": ":0", f"mark-{people[0].pk}": "absent", "all_present": "yes"}

    answer = signed_in(teaches(event)).post(url("register", session), form, follow=True)

    assert "Saved 3 marks." in answer.content.decode()
    assert {mark.person: mark.value for mark in Mark.objects.all()} == {
        people[0]: "absent",
        people[1]: "present",
        people[2]: "present",
    }


@pytest.mark.parametrize("junk", ["asleep", "", "present\0", "x" * 9000])
def test_junk_in_the_form_marks_nobody(junk: str) -> None:
    event, [person] = event_with_people(1)
    client, session = signed_in(teaches(event)), session_of(event)
    form = {f"mark-{person.pk}": junk, f"shown-{person.pk}": junk, "mark-nobody": "present"}

    assert client.post(url("register", session), form).status_code == 302
    assert client.post(url("register_mark", session), {"person": junk, "value": junk, "version": junk}).status_code == 400
    assert Mark.objects.count() == 0


def test_a_tap_answers_with_the_mark_that_stands() -> None:
    event, [person] = event_with_people(1)
    session, me, other = session_of(event), teaches(event, forename="Tom", surname="Reed"), teaches(event)
    tap = {"person": person.pk, "value": "present", "version": 0}

    saved = signed_in(me).post(url("register_mark", session), tap)
    refused = signed_in(other).post(url("register_mark", session), {**tap, "value": "absent"})

    standing = {
        "person": str(person.pk),
        "value": "present",
        "label": "Present",
        "version": 1,
        "by": "Tom Reed",
        "at": "9.40am",
    }
    assert (saved.status_code, saved.json()) == (200, {"mark": standing})
    message = f"Tom Reed marked {person.name} “present” at 9.40am, and that stands. Choose again to change it."
    assert (refused.status_code, refused.json()) == (
        409,
        {"code": "changed_meanwhile", "message": message, "mark": standing},
    )
    assert signed_in(other).get(url("register_marks", session)).json() == {"closed": False, "marks": [standing]}


def test_a_tap_on_a_closed_register_says_so() -> None:
    event, [person] = event_with_people(1)
    session = session_of(event)
    take_register(session, {person: "present"})

    answer = signed_in(officer()).post(url("register_mark", session), {"person": person.pk, "value": "late", "version": 1})

    assert (answer.status_code, answer.json()) == (
        422,
        {"code": "register_closed", "message": "This register is closed. Reopen it to change it."},
    )


def test_before_the_day_a_trainer_reads_who_comes_and_can_print_but_not_mark() -> None:
    event, [person] = event_with_people(1)
    client, session = signed_in(teaches(event)), session_of(event)
    with time_machine.travel(datetime(2027, 1, 25, 12, 0, tzinfo=UTC)):
        page = client.get(url("register", session)).content.decode()
        sheet = client.get(url("register_print", session)).content.decode()

    assert ("This register opens on the day, Tuesday 26 January 2027." in page, 'type="radio"' in page) == (True, False)
    assert (person.surname in page, person.surname in sheet) == (True, True)


def test_closing_names_the_unmarked_and_one_button_marks_them_absent() -> None:
    event, [here, missing] = event_with_people(2)
    session = session_of(event)
    marked(session, here, "present", at=MORNING)
    client = signed_in(teaches(event))

    page = client.get(url("register_close", session)).content.decode()
    assert (missing.name in page, here.name in page, "Mark the rest absent and close" in page) == (True, False, True)

    refused = client.post(url("register_close", session), follow=True).content.decode()
    assert f"Not marked yet: {missing.name}. Mark them, or mark the rest absent." in refused

    closed = client.post(url("register_close", session), {"rest_absent": "yes"}, follow=True).content.decode()
    assert ("Register closed. Attendance is in" in closed, 'type="radio"' in closed) == (True, False)
    outcomes = {row.person: row.outcome for row in Attendance.objects.all()}
    assert outcomes == {here: "attended", missing: "did_not_attend"}


def test_a_register_closed_too_early_marks_nobody_absent() -> None:
    event, _ = event_with_people(1)
    session = session_of(event)
    with time_machine.travel(session.starts_at - timedelta(minutes=30)):
        signed_in(teaches(event)).post(url("register_close", session), {"rest_absent": "yes"})
    assert Mark.objects.count() == 0


def test_reopening_asks_why_and_says_what_it_takes_away() -> None:
    event, [person] = event_with_people(1)
    session = session_of(event)
    take_register(session, {person: "present"})
    client = signed_in(officer())

    page = client.get(url("register_reopen", session)).content.decode()
    assert "(1 attended, 0 in part, 0 did not) leaves the figures" in page
    without = client.post(url("register_reopen", session), {"reason": " "}).content.decode()
    assert "<title>Error: Reopen the register" in without
    client.post(url("register_reopen", session), {"reason": "The wrong Sam"})
    assert (Register.objects.get().state, Attendance.objects.count()) == ("open", 0)


def test_a_known_person_is_added_as_a_walk_in() -> None:
    event, _ = event_with_people(0)
    session, person = session_of(event), PersonFactory(forename="Ada", surname="Nwosu")
    client = signed_in(teaches(event))
    page = client.get(url("register_walk_in", session), {"q": "nwo"}).content.decode()
    assert f'name="person" value="{person.pk}"' in page

    answer = client.post(url("register_walk_in", session), {"person": person.pk}, follow=True)

    assert "Ada Nwosu added and marked present." in answer.content.decode()
    assert Mark.objects.get().person == person


def test_somebody_new_walks_in_with_the_organisation_as_typed() -> None:
    event, _ = event_with_people(0)
    session = session_of(event)
    new = {
        "forename": "Nia",
        "surname": "Newcomer",
        "organisation_text": "Saint Nobody's  Nursery",
        "job_role": "Nursery nurse",
        "address": "Nia@Nursery.example",
    }

    signed_in(teaches(event)).post(url("register_walk_in", session), new)

    walk_in = WalkIn.objects.get()
    assert (walk_in.organisation_text, walk_in.organisation_state) == ("Saint Nobody's Nursery", OrganisationState.UNMATCHED)
    assert (walk_in.person.name, walk_in.person.main_address(), walk_in.job_role) == (
        "Nia Newcomer",
        "nia@nursery.example",
        "Nursery nurse",
    )


def test_an_address_that_somebody_has_adds_nobody_and_says_so() -> None:
    event, _ = event_with_people(0)
    PersonFactory(address="ada@school.example")
    people = Person.objects.count()
    client = signed_in(teaches(event))
    new = {"forename": "Ada", "surname": "N", "address": "ada@school.example"}

    page = client.post(url("register_walk_in", session_of(event)), new).content.decode()

    assert ("<title>Error: Add a walk-in" in page, WalkIn.objects.count()) == (True, 0)
    assert Person.objects.count() == people + 1  # the trainer


def test_a_person_id_that_is_none_is_not_found() -> None:
    event, _ = event_with_people(0)
    client = signed_in(teaches(event))
    for person in ("", "nobody", str(uuid.uuid4())):
        assert client.post(url("register_walk_in", session_of(event)), {"person": person}).status_code == 404


def test_a_walk_in_is_taken_off_after_asking() -> None:
    event, _ = event_with_people(0)
    session = session_of(event)
    walk_in = add_walk_in(session=session, person=PersonFactory(), by=None, at=MORNING)
    client, address = signed_in(teaches(event)), url("register_walk_in_remove", session, walk_in.person_id)
    assert client.get(address).status_code == 200
    assert WalkIn.objects.count() == 1
    client.post(address)
    assert WalkIn.objects.count() == 0


def test_a_register_calls_an_organisation_by_its_name_and_an_unknown_one_as_typed() -> None:
    PartnershipFactory()
    event, _ = event_with_people(0)
    known = OrganisationFactory(name="South Riverside Mental Health")
    BookingFactory(event=event, person=PersonFactory(organisation=known, organisation_text="SRMHT"))
    unknown = {"organisation": None, "organisation_state": OrganisationState.UNMATCHED, "sector": None, "borough": None}
    BookingFactory(event=event, person=PersonFactory(**unknown, organisation_text="The Old Rectory"))
    for name in ("register", "register_print"):
        page = signed_in(officer()).get(url(name, session_of(event))).content.decode()
        assert ("South Riverside Mental Health" in page, "SRMHT" in page, "The Old Rectory" in page) == (True, False, True)


def test_a_head_count_names_a_known_organisation_or_none() -> None:
    event, _ = event_with_people(0)
    school = OrganisationFactory(name="Alder School")
    client, address = signed_in(teaches(event)), url("register_head_counts", session_of(event))

    wrong = client.post(address, {"count": "24", "organisation_text": "Elder School"}).content.decode()
    assert ("We know no organisation of that name" in wrong, HeadCount.objects.count()) == (True, 0)
    client.post(address, {"count": "24", "organisation_text": "alder  school", "note": "Twilight"})
    client.post(address, {"count": "5"})
    assert [(row.count, row.organisation, row.note) for row in HeadCount.objects.order_by("-count")] == [
        (24, school, "Twilight"),
        (5, None, ""),
    ]
    assert "29 people counted" in client.get(address).content.decode()
    client.post(url("register_head_count_remove", session_of(event), HeadCount.objects.get(count=5).pk))
    assert HeadCount.objects.count() == 1


def test_the_rule_of_an_event_is_set_on_a_page() -> None:
    event, _ = event_with_people(0, sessions=2)
    client, address = signed_in(officer()), url("register_rule", session_of(event))
    wrong = client.post(address, {"minimum_sessions": "3"}).content.decode()
    assert "Enter a number from 1 to 2, or leave it empty for all sessions." in wrong
    client.post(address, {"minimum_sessions": "1", "left_early_counts": "on"})
    rule = AttendanceRule.objects.get()
    assert (rule.minimum_sessions, rule.left_early_counts) == (1, True)


def test_the_sheet_of_a_closed_event_does_not_name_its_case() -> None:
    event, _ = event_with_people(1, title="Learning from Child J", is_closed=True, neutral_title="Learning event")
    sheet = signed_in(teaches(event)).get(url("register_print", session_of(event))).content.decode()
    assert ("Learning event" in sheet, "Child J" in sheet) == (True, False)


def test_what_people_typed_is_text_on_every_page() -> None:
    event, _ = event_with_people(0, title="<b>Neglect</b>")
    session = session_of(event)
    nasty = PersonFactory(forename="<script>", surname="alert(1)</script>", organisation_text="<img src=x>", address__none=True)
    add_walk_in(session=session, person=nasty, by=None, at=MORNING)
    add_head_count(event=event, count=2, note="<i>", by=None, at=MORNING)
    client = signed_in(officer())
    for name in set(ON_SESSION) - {"register_mark", "register_marks"}:
        page = client.get(url(name, session), {"q": "<script>"}).content.decode()
        assert [bad for bad in ("<b>Neglect", "<script>alert", "<img src=x>", "<i>", '"<script>') if bad in page] == []
    assert "<b>Neglect" not in render_to_string("registers/_office_tab.html", {"tab": register_tab(event)})


def test_today_lists_what_is_a_trainers_and_tells_others_whom_to_ask() -> None:
    event, _ = event_with_people(2, title="Neglect: a first look")
    event_with_people(1, title="Somebody else's")
    page = signed_in(teaches(event)).get(reverse("registers_today")).content.decode()
    assert ("Neglect: a first look" in page, "Somebody else" in page, "2 expected" in page) == (True, False, True)
    nothing = signed_in(PersonFactory()).get(reverse("registers_today")).content.decode()
    assert "No register is yours to take" in nothing
    everything = signed_in(officer()).get(reverse("registers_today")).content.decode()
    assert "Somebody else" in everything


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def with_everything(people: int) -> tuple[Event, Session]:
    """An event with so many bookings, walk-ins, ended bookings and head counts, some of them marked."""
    event, booked = event_with_people(people)
    session = session_of(event)
    for number, person in enumerate(booked, start=1):
        marked(session, person, "late", at=MORNING, by=teaches(event))
        add_walk_in(session=session, person=PersonFactory(), by=None, at=MORNING)
        BookingFactory(
            event=event,
            status=BookingStatus.WAITING,
            queue_number=number,
        )
        add_head_count(event=event, count=3, organisation=OrganisationFactory(), by=officer(), at=MORNING)
    return event, session


@pytest.mark.parametrize("name", ["register", "register_print", "register_close", "register_head_counts", "register_marks"])
def test_a_register_of_three_takes_the_queries_of_one(name: str) -> None:
    (_, small), (_, large) = with_everything(1), with_everything(3)
    client = signed_in(officer())
    assert queries(client, url(name, small)) == queries(client, url(name, large))


def test_finding_three_people_takes_the_queries_of_one() -> None:
    _, session = with_everything(1)
    client = signed_in(officer())
    PersonFactory(surname="Onlyone")
    for _ in range(3):
        PersonFactory(surname="Several", address__none=True)
    one = queries(client, f"{url('register_walk_in', session)}?q=onlyone")
    assert queries(client, f"{url('register_walk_in', session)}?q=several") == one


def test_todays_list_of_three_takes_the_queries_of_one() -> None:
    small, large = PersonFactory(), PersonFactory()
    for person, number in [(small, 1), (large, 3)]:
        for _ in range(number):
            event, _session = with_everything(1)
            event.trainers.create(person=person, name=person.name)
    assert queries(signed_in(small), reverse("registers_today")) == queries(signed_in(large), reverse("registers_today"))
