"""Somebody at a browser: what a person does on our pages, in the words of the pages."""

from __future__ import annotations

import os
import re
import time
from datetime import date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.looking import SIZES, faults_at
from tests.tools.site import Site
from tests.tools.smtp_sink import Received, SmtpSink

PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 800}


class Somebody:
    """One person with a device of their own: their cookies are theirs alone."""

    def __init__(self, browser: Browser, site: Site, sink: SmtpSink, address: str = "", *, on_phone: bool = False) -> None:
        self.context = browser.new_context(viewport=PHONE if on_phone else DESK, base_url=site.url)
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self.note)
        self.site, self.sink, self.address = site, sink, address

    def note(self, message: ConsoleMessage) -> None:
        """What the browser complains of, with the address it speaks of and the page it is on."""
        if message.type == "error":
            self.problems.append(f"{message.text} {message.location.get('url', '')} on {self.page.url}")

    def letters(self, subject_part: str = "", *, at_least: int = 1, seconds: float = 20) -> list[Received]:
        """The mails to this person whose subject holds the words, once there are so many; newest last."""
        until = time.monotonic() + seconds
        while True:
            found = [m for m in self.sink.to(self.address) if subject_part.lower() in str(m.email["Subject"]).lower()]
            if len(found) >= at_least:
                return found
            if time.monotonic() > until:
                subjects = [str(m.email["Subject"]) for m in self.sink.to(self.address)]
                raise AssertionError(f"no mail to {self.address} about “{subject_part}”; there are {subjects}")
            time.sleep(0.1)

    def letter_at(self, moment: datetime, subject_part: str) -> Received:
        """The one such mail that comes at this moment: as many as before while the worker goes round twice a minute earlier.

        Twice, because what is written after the round's mail has been sent leaves in the next.
        """
        before = len(self.letters(subject_part, at_least=0))
        self.site.move_clock(moment - timedelta(minutes=1))
        for _ in range(2):
            self.site.finish_a_round()
        assert len(self.letters(subject_part, at_least=0)) == before
        self.site.move_clock(moment + timedelta(seconds=1))
        found = self.letters(subject_part, at_least=before + 1)
        assert len(found) == before + 1
        return found[-1]

    def sign_in(self) -> None:
        """From any page that asks for it: the address, then the code from the mail."""
        if "/sign-in/" not in self.page.url:
            self.page.goto("/sign-in/")
        before = len(self.sink.to(self.address))
        self.page.get_by_label(re.compile("e-mail address")).fill(self.address)
        self.page.locator("main").get_by_role("button").first.click()
        until = time.monotonic() + 20
        while len(self.sink.to(self.address)) == before and time.monotonic() < until:
            time.sleep(0.05)
        letter = self.sink.to(self.address)[-1]
        code = code_in(letter.text)
        self.page.get_by_label("Code").fill(code)
        self.page.locator("main").get_by_role("button").first.click()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first.click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("body")).to_contain_text(text)

    def says_who_they_are(self, forename: str, surname: str, *, works_at: str, job_role: str) -> None:
        """What is asked once, after the first sign-in."""
        self.page.get_by_label("First name").fill(forename)
        self.page.get_by_label("Last name").fill(surname)
        self.page.get_by_label("Where do you work?").fill(works_at)
        self.page.get_by_label("Job role").fill(job_role)
        self.page.keyboard.press("Escape")
        self.press("Continue")

    def puts_on(self, title: str, day: date, *, course: str = "", places: int = 1, **more: str) -> str:
        """An officer publishes an event of a day with a trainer; returns its address. ``more``: further fields, by name."""
        self.page.goto("/office/events/new/")
        if course:
            self.page.get_by_label("Course (optional)", exact=True).select_option(course)
        self.page.get_by_label("Title").first.fill(title)
        self.page.get_by_label("Format").select_option("Classroom")
        self.page.get_by_label("Date").first.fill(day.strftime("%d/%m/%Y"))
        self.page.get_by_label("Starts").first.fill("09:30")
        self.page.get_by_label("Ends").first.fill("16:00")
        self.page.get_by_label("Or a new venue").fill("Old Library, 2 Mill Lane")
        self.page.get_by_label("Tom Ashby").check()
        self.page.get_by_label("Number of places").fill(str(places))
        for name, value in more.items():
            field = self.page.locator(f"[name={name}]")
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        self.press("Save as a draft")
        self.press("Publish")
        self.sees("Published")
        return self.page.url

    def looks_right(self, name: str) -> None:
        """Nothing is wrong with the open page on a phone or a desk; pictures of it are kept where SCREENSHOTS names a folder."""
        own, faults = self.page.viewport_size, []
        for size in SIZES:
            faults += faults_at(self.page, None, size)
            if folder := os.environ.get("SCREENSHOTS"):
                self.page.screenshot(path=Path(folder, f"{name}-{size['width']}.png"), full_page=True)
        assert own is not None
        self.page.set_viewport_size(own)
        assert faults == []

    def close(self) -> None:
        self.context.close()


def code_in(text: str) -> str:
    """The sign-in code of a mail: it stands on a line of its own."""
    for line in text.splitlines():
        if re.fullmatch(r"[A-Z0-9]{3,5}-?[A-Z0-9]{3,5}", line.strip()):
            return line.strip()
    raise AssertionError(f"no code in: {text}")
