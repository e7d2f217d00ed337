"""What only time does, watched on the running product: its clock is moved on, and people read their mail and their pages.

Managers who answer, who decline and who never do; a freed place that is offered, lapses and goes on; an event that changes and
is called off; places held until a day; a register that nobody takes, whoever was not there, what that costs, and what is
deleted afterwards. Each letter comes at its time and not a minute before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
import vobject
from playwright.sync_api import Browser

from core.clock import LONDON, london_instant
from core.working_days import working_days_after, working_days_before, working_hours_after
from tests.browser.people import Somebody
from tests.tools.site import Site
from tests.tools.smtp_sink import Received, SmtpSink

OFFICER, TRAINER, LEAD = "officer@riverside.example", "trainer@riverside.example", "lead@riverside.example"
A_MINUTE = timedelta(minutes=1)


class Cast:
    """Everybody of one test, and the clock they live by."""

    def __init__(self, browser: Browser, site: Site, sink: SmtpSink) -> None:
        self.browser, self.site, self.sink = browser, site, sink
        self.everybody: list[Somebody] = []

    def enters(self, address: str, *, on_phone: bool = False) -> Somebody:
        self.everybody.append(Somebody(self.browser, self.site, self.sink, address, on_phone=on_phone))
        return self.everybody[-1]

    def officer(self) -> Somebody:
        officer = self.enters(OFFICER)
        officer.sign_in()
        return officer

    def books(self, title: str, address: str, *, press: str = "Book a place", **fields: str) -> Somebody:
        """Somebody new finds the event and books it on a phone. ``fields``: what they fill in on the booking page, by name."""
        name = address.split("@")[0].split(".")
        person = self.enters(address, on_phone=True)
        person.page.goto(f"/events/?q={title.replace(' ', '+')}")
        person.page.locator("a[href^='/events/']", has_text=title).click()
        person.press(press)
        person.sign_in()
        person.says_who_they_are(name[0].title(), name[1].title(), works_at="Alder Primary School", job_role="Teacher")
        for more in person.page.locator("main details").all():
            more.evaluate("details => { details.open = true }")
        for field, value in fields.items():
            person.page.locator(f"[name={field}]").fill(value)
        person.press(press)
        return person


@pytest.fixture
def cast(browser: Browser, site: Site, sink: SmtpSink) -> Iterator[Cast]:
    """They meet on a working morning at 9."""
    site.move_clock(london_instant(datetime.combine(working_days_after(today(site), 1), time(9))))
    players = Cast(browser, site, sink)
    yield players
    problems = [one.problems for one in players.everybody]
    for one in players.everybody:
        one.close()
    assert problems == [[] for _ in problems]


def today(site: Site) -> date:
    return site.now().astimezone(LONDON).date()


def entries(letter: Received) -> list[vobject.base.Component]:
    return list(vobject.readOne(letter.calendar).vevent_list)


def link_of(letter: Received, path: str) -> str:
    found = re.search(rf"https?://\S+{path}\S+", letter.text)
    assert found, letter.text
    return found[0]


def test_managers_answer_decline_and_stay_silent(cast: Cast, site: Site) -> None:
    title, day = "Working with resistant families", working_days_after(today(site), 30)
    officer = cast.officer()
    officer.puts_on(title, day, places=2, manager_role="approves")
    manager, deputy = cast.enters("head@alderprimary.example"), cast.enters("deputy@alderprimary.example")
    asked_on = today(site)

    ana = cast.books(title, "ana.lowe@alderprimary.example", press="Ask for a place", manager_email=manager.address)
    ana.sees("manager")
    assert manager.address in ana.letters("We have asked your manager")[-1].text
    manager.page.goto(link_of(manager.letters("Ana Lowe asks to attend")[-1], "/approve/"))
    manager.page.get_by_label("Yes, I approve").check()
    manager.press("Send my answer")
    manager.sees("Approved")
    manager.looks_right("approved")
    assert ana.letters("Place booked")[-1].calendar

    # One is declined: the place goes on, and the person reads why
    dan = cast.books(title, "dan.reed@alderprimary.example", press="Ask for a place", manager_email=manager.address)
    manager.page.goto(link_of(manager.letters("Dan Reed asks to attend")[-1], "/approve/"))
    manager.page.get_by_label("No, I decline").check()
    manager.page.get_by_label("Reason").fill("Two are away that day")
    manager.press("Send my answer")
    manager.looks_right("declined")
    assert "Two are away that day" in dan.letters("Not approved")[-1].text
    dan.page.reload()
    dan.looks_right("not-approved")

    # One is never answered, and somebody waits for the place that it holds
    eve = cast.books(
        title,
        "eve.shaw@alderprimary.example",
        press="Ask for a place",
        manager_email=manager.address,
        deputy_email=deputy.address,
    )
    flo = cast.books(title, "flo.kent@alderprimary.example", press="Join the waiting list", manager_email=manager.address)
    manager.page.goto(link_of(manager.letters("Flo Kent asks to attend")[-1], "/approve/"))
    manager.page.get_by_label("Yes, I approve").check()
    manager.press("Send my answer")
    flo.letters("Approved, and on the waiting list")

    reminds = london_instant(datetime.combine(working_days_after(asked_on, 2), time(17)))
    manager.letter_at(reminds, "Approval is still open: Eve Shaw")
    link = link_of(deputy.letters("Approval is still open: Eve Shaw")[-1], "/approve/")
    lapses = london_instant(datetime.combine(working_days_after(asked_on, 5), time(17)))
    eve.letter_at(lapses, "No approval came")
    assert flo.letters("You have a place")[-1].calendar
    deputy.page.goto(link)
    deputy.looks_right("approval-lapsed")
    eve.page.goto(link_of(eve.letters("No approval came")[-1], "/events/"))
    flo.page.goto("/my-learning/")
    flo.sees(title)


def test_an_event_changes_a_freed_place_is_offered_and_goes_on_and_it_is_called_off(cast: Cast, site: Site) -> None:
    title, day = "Bruising in babies", working_days_after(today(site), 12)
    officer = cast.officer()
    event = officer.puts_on(title, day)
    gil = cast.books(title, "gil.ames@alderprimary.example")
    [before] = entries(gil.letters("Place booked")[-1])
    hana = cast.books(title, "hana.voss@alderprimary.example", press="Join the waiting list")
    ivo = cast.books(title, "ivo.pell@alderprimary.example", press="Join the waiting list")

    officer.page.goto(f"{event}change/")
    officer.page.get_by_label("Starts").first.fill("10:00")
    officer.press("Save changes")
    officer.press("Save and send")
    officer.sees("Changes saved")
    changed = gil.letters("New date or time")[-1]
    [after] = entries(changed)
    assert (after.uid.value, int(after.sequence.value) > int(before.sequence.value)) == (before.uid.value, True)
    assert after.dtstart.value == london_instant(datetime.combine(day, time(10)))

    eve_of_it = working_days_before(day, 1)
    site.move_clock(london_instant(datetime.combine(eve_of_it, time(9))))
    gil.page.goto("/my-learning/")
    gil.press("Cancel my place")
    gil.looks_right("cancel-late")
    gil.press("Cancel your place")
    gil.sees("cancelled")
    offered = hana.letters("A place is yours if you want it")[-1]
    hana.page.goto(link_of(offered, "/bookings/"))
    hana.looks_right("offered")
    until = working_hours_after(site.now(), 4)
    assert "by 1pm on" in offered.text
    hana.letter_at(until, "Your time to take the place is over")
    hana.page.reload()
    hana.looks_right("offer-lapsed")
    ivo.page.goto(link_of(ivo.letters("A place is yours if you want it")[-1], "/bookings/"))
    ivo.press("Take the place")
    assert ivo.letters("Place booked")[-1].calendar

    officer.page.goto(f"{event}cancel/")
    officer.page.get_by_label("Why is it cancelled?").fill("The trainer is ill")
    officer.press("Cancel the event")
    assert "The trainer is ill" in ivo.letters("Cancelled")[-1].text
    assert "METHOD:CANCEL" in ivo.letters("Cancelled")[-1].calendar
    ivo.page.goto("/my-learning/")
    ivo.looks_right("called-off")


def test_held_places_are_asked_for_and_let_go(cast: Cast, site: Site) -> None:
    title, day, held_until = "Concealed pregnancy", working_days_after(today(site), 20), working_days_after(today(site), 8)
    officer, lead = cast.officer(), cast.enters(LEAD)
    event = officer.puts_on(title, day)
    officer.page.goto(f"{event}holds/")
    officer.page.get_by_label("How many places?").fill("1")
    officer.page.get_by_label("Or for an agency").fill("Riverside Council Children's Services")
    officer.page.get_by_label("training lead names").check()
    officer.page.get_by_label("Held until").fill(held_until.strftime("%d/%m/%Y"))
    officer.press("Hold the places")
    jan = cast.books(title, "jan.orme@alderprimary.example", press="Join the waiting list")
    reminds = london_instant(datetime.combine(working_days_before(held_until, 2), time(0)))
    lead.letter_at(reminds, "Names needed")
    lead.page.goto("/")
    lead.sign_in()
    lead.page.goto(link_of(lead.letters("Names needed")[-1], "/"))
    lead.looks_right("names-needed")
    released = london_instant(datetime.combine(held_until + timedelta(days=1), time(0)))
    assert jan.letter_at(released, "You have a place").calendar
    officer.page.goto(f"{event}holds/")
    officer.looks_right("released")
    lead.page.reload()


@pytest.mark.slow
def test_who_waits_in_vain_hears_of_it_when_the_event_starts(cast: Cast, site: Site) -> None:
    day = working_days_after(today(site), 6)
    starts = london_instant(datetime.combine(day, time(9, 30)))
    officer = cast.officer()
    officer.puts_on("Trauma and the teenage brain", day, places=2, minimum="2")
    officer.puts_on("Cuckooing", day, places=9, minimum="5")
    uma = cast.books("Trauma and the teenage brain", "uma.birch@alderprimary.example", press="Ask for a place")
    uma.looks_right("asked-for")
    assert uma.letters("Place asked for")[-1].calendar == ""
    vic = cast.books("Trauma and the teenage brain", "vic.cole@alderprimary.example", press="Ask for a place")
    for one in (uma, vic):
        assert one.letters("Place booked")[-1].calendar
    wes = cast.books("Trauma and the teenage brain", "wes.dunn@alderprimary.example", press="Join the waiting list")
    xan = cast.books("Cuckooing", "xan.eley@alderprimary.example", press="Ask for a place")
    wes.letter_at(starts, "No place in time")
    xan.letters("Not going ahead")
    for one, name in ((wes, "no-place"), (xan, "not-going-ahead")):
        one.page.reload()
        one.looks_right(name)


@pytest.mark.slow
def test_officers_settings_move_the_letters_and_one_step_releases_one(cast: Cast, site: Site) -> None:
    title, day = "Online harm in primary schools", working_days_after(today(site), 12)
    officer, trainer, manager = cast.officer(), cast.enters(TRAINER), cast.enters("head@millroad.example")
    officer.page.goto("/office/partnership/messages/")
    officer.page.get_by_label("Line managers get a copy of these").check()
    officer.press("Save")
    officer.looks_right("times-saved")
    event = officer.puts_on(title, day)
    yan = cast.books(title, "yan.frost@millroad.example", manager_email=manager.address)
    officer.page.goto(f"{event}messages/")
    officer.page.get_by_role("link", name="Joining instructions").first.click()
    officer.page.get_by_text("Change the day, or add a note").click()
    officer.page.get_by_label("Days before the event").fill("3")
    officer.page.get_by_label("A note for this event").fill("Ring twice at the side door")
    officer.press("Save")
    officer.looks_right("three-days")
    leaves = london_instant(datetime.combine(day - timedelta(days=3), time(8)))
    assert "Ring twice" in yan.letter_at(leaves, "Joining instructions").text
    manager.letters(f"Yan Frost: {title}", at_least=2)

    site.move_clock(london_instant(datetime.combine(day, time(16, 5))))
    trainer.page.goto("/registers/")
    trainer.sign_in()
    trainer.page.goto("/registers/")
    trainer.page.get_by_role("link", name=re.compile(title)).first.click()
    trainer.page.get_by_role("radio", name="Absent").click()
    trainer.press("Close the register")
    trainer.page.locator("main").get_by_role("button", name="Close the register").click()
    trainer.sees("This register is closed")
    for _ in range(2):  # written in one round, a letter leaves in the next
        site.finish_a_round()
    assert yan.letters("We missed you", at_least=0) == []
    officer.page.goto(f"{event}messages/")
    officer.looks_right("absence-planned")
    officer.page.get_by_role("link", name="Did not attend").first.click()
    officer.looks_right("absence")
    officer.press("Release them now")
    officer.press("Release to 1 person")
    officer.looks_right("absence-released")
    assert yan.letters("We missed you")
    assert manager.letters("Yan Frost was not on the register")


def test_what_happens_after_the_day_by_itself(cast: Cast, site: Site) -> None:
    title, day = "Neglect of older children", working_days_after(today(site), 10)
    officer, trainer = cast.officer(), cast.enters(TRAINER, on_phone=True)
    officer.page.goto("/office/partnership/charges/")
    unbooked = officer.page.locator("tr", has_text="Coming without a booking")
    for amount in unbooked.get_by_role("textbox").all()[:2]:
        amount.fill("25")
    officer.press("Save as the first version")
    officer.press("Switch charges on")
    event = officer.puts_on(title, day, places=5)
    manager = cast.enters("head@school.example")
    kim = cast.books(title, "kim.dale@alderprimary.example")
    lou = cast.books(title, "lou.west@alderprimary.example", manager_email=manager.address, diet_other="Nothing with celery")
    cast.books(title, "max.hill@alderprimary.example")

    ends = london_instant(datetime.combine(day, time(16)))
    kim.letter_at(ends, "What was it worth")
    asks = london_instant(datetime.combine(working_days_after(day, 1), time(8)))
    untaken = trainer.letter_at(asks, f"Register not taken: {title}")
    trainer.page.goto("/registers/")
    trainer.sign_in()
    trainer.page.goto(link_of(untaken, "/registers/"))
    trainer.page.locator(".r-row", has_text="Lou West").get_by_role("radio", name="Absent").click()
    trainer.page.locator(".r-row", has_text="Max Hill").get_by_role("radio", name="Late").click()
    trainer.press("All present")
    trainer.sees("Saved 1 mark")
    trainer.press("Add a walk-in")
    trainer.page.get_by_role("searchbox").fill("priya nair")
    trainer.press("Find")
    trainer.page.get_by_role("button", name=re.compile("Add Priya")).click()
    trainer.page.goto(link_of(untaken, "/registers/"))
    trainer.press("Close the register")
    trainer.page.locator("main").get_by_role("button", name="Close the register").click()
    trainer.sees("This register is closed")
    closed_on = today(site)
    officer.page.goto("/office/charges/")
    officer.sees("No draft waits")

    still_open = london_instant(datetime.combine(day + timedelta(days=5), time(8)))
    absent = london_instant(datetime.combine(working_days_after(closed_on, 3), time(8)))
    for moment, letter in sorted([(still_open, "Still open"), (absent, "We missed you")]):
        (kim if letter == "Still open" else lou).letter_at(moment, letter)
    assert "Lou West was not on the register" in str(manager.letters("was not on the register")[-1].email["Subject"])
    lou.page.goto("/my-learning/")
    lou.looks_right("missed")
    officer.page.goto("/office/charges/")
    officer.sees("2 charges, £75 in all")
    officer.looks_right("charges")
    officer.page.get_by_role("link", name="Choose all").click()
    officer.press("Approve the chosen")
    officer.looks_right("charges-decide")
    officer.press("Approve")
    lou.letters("A charge of")
    officer.page.goto("/office/charges/?state=every")
    officer.looks_right("charges-approved")

    # Four weeks later nobody can read any more what somebody needed; how often it was needed stays
    officer.page.goto(f"{event}needs/")
    officer.sees("Nothing with celery")
    deletes = london_instant(datetime.combine(day + timedelta(days=29), time(0)))
    site.move_clock(deletes - A_MINUTE)
    site.finish_a_round()
    officer.page.reload()
    officer.sees("Nothing with celery")
    site.move_clock(deletes + A_MINUTE)
    site.finish_a_round()
    officer.page.reload()
    assert "celery" not in officer.page.content()
    officer.looks_right("needs-gone")
