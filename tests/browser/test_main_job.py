"""The main job, walked by the people it is for, on the running product with real mail.

An officer makes a date with one place. A new practitioner books it, a second one waits, the first cancels and the second gets
the place, and then every letter at its time as the clock moves on; the officer reads what one of them said. On the day the
trainer takes the register on a phone and adds a walk-in, a delegate's phone decodes the QR picture and evaluates, the officer
sees the results and a subgroup member sees the figures move. Days later a certificate comes that anybody can check,
and within the year a word that the course is to be refreshed.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import vobject
import zxingcpp
from ics import Calendar
from PIL import Image
from playwright.sync_api import Browser, expect

from core.clock import LONDON, london_instant
from core.working_days import working_days_after
from records.refreshing import refresh_by
from tests.browser.people import Somebody
from tests.tools.site import Site
from tests.tools.smtp_sink import Received, SmtpSink

OFFICER, TRAINER, SUBGROUP = "officer@riverside.example", "trainer@riverside.example", "subgroup@riverside.example"
TITLE = "Recognising neglect in the early years"
COURSE = "Whole-School Safeguarding Update"  # of the demonstration, refreshed every 12 months


def entries(letter: Received) -> list[vobject.base.Component]:
    """The calendar entries of a mail, read by a library that is not the one that wrote them."""
    return list(vobject.readOne(letter.calendar).vevent_list)


def attendances(page_text: str) -> int:
    found = re.search(r"Attendances\s+([\d,]+)", page_text)
    assert found, page_text
    return int(found.group(1).replace(",", ""))


def test_the_main_job(browser: Browser, site: Site, sink: SmtpSink, tmp_path: Path) -> None:
    day = site.now().astimezone(LONDON).date() + timedelta(days=30)
    starts, ends = london_instant(datetime.combine(day, time(9, 30))), london_instant(datetime.combine(day, time(16, 0)))

    officer = Somebody(browser, site, sink, OFFICER)
    officer.sign_in()
    event_page = officer.puts_on(TITLE, day, course=COURSE)

    subgroup = Somebody(browser, site, sink, SUBGROUP)
    subgroup.page.goto("/reports/reach/")
    subgroup.sign_in()
    site_year = f"?from={day:%d/%m/%Y}&to={day:%d/%m/%Y}"

    amira = Somebody(browser, site, sink, "amira.osei@alderprimary.example", on_phone=True)
    amira.page.goto("/")
    amira.page.get_by_role("searchbox").first.fill("early years")
    amira.press("Search")
    amira.page.get_by_role("link", name=TITLE).click()
    amira.press("Book a place")
    amira.sign_in()
    amira.says_who_they_are("Amira", "Osei-D'Souza", works_at="Alder Primary School", job_role="Teacher")
    amira.press("Book a place")
    amira.sees("Place booked")
    booked = amira.letters("Place booked")[-1]
    [entry] = entries(booked)
    assert vobject.readOne(booked.calendar).method.value == "REQUEST"
    assert entry.dtstart.value == starts
    assert entry.dtend.value == ends
    [read_by_another] = Calendar(booked.calendar).events
    assert read_by_another.begin.datetime == starts
    assert read_by_another.uid == entry.uid.value

    ben = Somebody(browser, site, sink, "ben.holm@kestrelacademy.example", on_phone=True)
    ben.page.goto(amira.page.url.split("/bookings/")[0] + "/events/?q=early+years")
    ben.page.get_by_role("link", name=TITLE).click()
    ben.press("Join the waiting list")
    ben.sign_in()
    ben.says_who_they_are("Ben", "Holm", works_at="Kestrel School", job_role="Youth worker")
    ben.press("Join the waiting list")
    ben.sees("number 1 on the waiting list")
    assert ben.letters("On the waiting list")[-1].calendar == ""

    amira.press("Cancel your place")
    amira.press("Cancel your place")
    amira.sees("cancelled")
    gone = amira.letters("Place cancelled")[-1]
    [cancelled_entry] = entries(gone)
    assert vobject.readOne(gone.calendar).method.value == "CANCEL"
    assert cancelled_entry.uid.value == entry.uid.value
    assert int(cancelled_entry.sequence.value) > int(entry.sequence.value)
    [bens_entry] = entries(ben.letters("You have a place")[-1])
    assert bens_entry.uid.value != entry.uid.value
    ben.page.goto("/my-learning/")
    ben.sees(TITLE)
    ben.sees("Cancel my place")

    # As the day comes nearer, at 8am each time and not before
    for days, subject in ((14, "Coming up"), (5, "Joining instructions"), (1, "Reminder")):
        leaves = london_instant(datetime.combine(day - timedelta(days=days), time(8, 0))).astimezone(UTC)
        assert "Old Library" in ben.letter_at(leaves, subject).text
    assert [str(one.email["Subject"]) for one in amira.letters() if "Joining" in str(one.email["Subject"])] == []

    officer.page.goto("/office/people/?q=ben+holm")
    officer.page.get_by_role("link", name="Ben Holm", exact=True).click()
    officer.page.get_by_role("link", name=re.compile("Joining instructions")).first.click()
    officer.sees("Old Library, 2 Mill Lane")

    # On the day
    site.move_clock(starts.astimezone(UTC) + timedelta(minutes=15))
    trainer = Somebody(browser, site, sink, TRAINER, on_phone=True)
    trainer.page.goto("/registers/")
    trainer.sign_in()
    trainer.page.goto("/registers/")
    trainer.page.get_by_role("link", name=re.compile(TITLE)).first.click()
    register = trainer.page.url
    trainer.press("All present")
    expect(trainer.page.locator("[data-count=here]").first).to_have_text("1")
    trainer.press("Add a walk-in")
    trainer.page.get_by_role("searchbox").fill("amira")
    trainer.press("Find")
    trainer.page.get_by_role("button", name=re.compile("Add Amira")).click()
    trainer.page.goto(register)
    expect(trainer.page.locator("[data-count=here]").first).to_have_text("2")
    site.move_clock(ends.astimezone(UTC) + timedelta(minutes=1))
    trainer.press("Close the register")
    trainer.page.locator("main").get_by_role("button", name="Close the register").click()
    trainer.sees("This register is closed")
    assert "/e/" in ben.letters("What was it worth")[-1].text
    assert ben.letters("did not attend", at_least=0) == []

    officer.page.goto(event_page + "evaluation/")
    officer.press("Show or print the QR code")
    picture = officer.context.request.get(event_page.replace("/office", "") + "qr.png")
    [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.body())))

    delegate = Somebody(browser, site, sink, on_phone=True)
    delegate.page.goto(code.text)
    delegate.page.get_by_label("Excellent").check()
    delegate.page.get_by_label("Likely", exact=True).check()
    delegate.press("Send your answers")
    delegate.sees("Thank you")
    assert {cookie["name"] for cookie in delegate.context.cookies()} & {"sessionid", "csrftoken"} == set()

    officer.page.goto(event_page.replace("/office", "") + "results/")
    officer.sees("1 of 2")

    subgroup.page.goto("/reports/reach/" + site_year)
    assert attendances(subgroup.page.inner_text("main")) == 2
    for name in ("Amira", "Osei", "Holm"):
        assert name not in subgroup.page.content()

    # On the third working morning
    leaves = london_instant(datetime.combine(working_days_after(day, 3), time(8, 0))).astimezone(UTC)
    certificate = re.search(r"http\S+/certificates/\S+", ben.letter_at(leaves, "Your certificate").text)
    assert certificate
    ben.page.goto(certificate[0])
    ben.sees("Ben Holm")
    picture = ben.context.request.get(f"{certificate[0]}qr.svg")
    address = re.search(r"[\w.:]+/c/[\w-]+", ben.page.inner_text("main"))
    assert (picture.ok, bool(address)) == (True, True)
    delegate.page.goto(f"http://{address[0]}/")  # type: ignore[index]
    delegate.sees("This certificate holds")
    delegate.sees("Ben Holm")
    ben.page.goto("/my-learning/")
    ben.page.get_by_role("link", name=re.compile("certificate of " + TITLE)).click()
    ben.sees("Certificate of attendance")

    # Months later, at 8am and not before, whoever was there is asked what became of it
    asks = london_instant(datetime.combine(day + timedelta(days=90), time(8, 0))).astimezone(UTC)
    letter = ben.letter_at(asks, "What has changed")
    assert "confidential, not anonymous" in letter.text
    link = re.search(r"/follow-up/[^/\s]+/(?=\s)", letter.text)
    assert link, letter.text
    ben.page.goto(link.group())
    ben.page.get_by_label("Yes").check()
    ben.page.get_by_label("What did you do differently?").fill("I ask what the day is like.")
    ben.press("Send your answers")
    ben.sees("Your answers were received")
    officer.page.goto("/sign-in/")  # signed out since
    officer.sign_in()
    officer.page.goto(event_page + "evaluation/")
    officer.sees(re.compile(r"50.0% answered:\s+1 of 2"))

    # Eight weeks before the year is over
    leaves = london_instant(datetime.combine(refresh_by(day, 12) - timedelta(weeks=8), time(8, 0))).astimezone(UTC)
    course = re.search(r"http\S+/courses/\S+", ben.letter_at(leaves, "Time to refresh").text)
    assert course
    ben.page.goto(course[0])
    ben.sees(COURSE)
    ben.sees("Every year")

    everybody = (officer, subgroup, amira, ben, trainer, delegate)
    assert [somebody.problems for somebody in everybody] == [[], [], [], [], [], []]
    for somebody in everybody:
        somebody.close()
