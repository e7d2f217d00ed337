"""Letters about courses that people want and sessions that services ask for. Pure: builds letters, sends none."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import COURSE_HAS_DATE, SESSION_DECLINED, SESSION_PLANNED, Letter, title, when_and_where
from bookings.models import Interest, SessionRequest
from events.models import Event
from notifications.rendering import typed
from people.models import Partnership, Person


def course_has_date(interest: Interest, event: Event) -> Letter:
    course = typed(interest.course.title)
    return _letter(
        COURSE_HAS_DATE,
        f"A date for {course}",
        interest.person,
        event.lead_host,
        f"You asked us to tell you when {course} has a date. It has one now.",
        *when_and_where(event, with_link=False),
        "Places go to whoever books first. Book yours here:\n{link:event}",
        "Until you book you stay on the list of people who want it. You can leave it here:\n{link:course}",
        links={"event": reverse("event", args=[event.pk]), "course": reverse("want_course", args=[interest.course_id])},
    )


def session_planned(request: SessionRequest, event: Event) -> Letter:
    return _letter(
        SESSION_PLANNED,
        f"Your session is planned: {title(event)}",
        request.asked_by,
        request.partnership,
        f"You asked for a session of your own about “{typed(request.subject)}”. We have planned it.",
        *when_and_where(event, with_link=False),
        "What happens next: we tell you who can book, and how, once everything is settled. "
        f"Does the date not suit you? Write to {typed(request.partnership.team_email)} soon.",
    )


def session_declined(request: SessionRequest) -> Letter:
    return _letter(
        SESSION_DECLINED,
        f"We can’t hold the session you asked for: {typed(request.subject)}",
        request.asked_by,
        request.partnership,
        f"You asked for a session of your own about “{typed(request.subject)}”. We are not able to hold it.",
        f"Why: {typed(request.answer)}",
        "What else there is stands in the programme:\n{link:catalogue}",
        f"Do you want to talk about it? Write to {typed(request.partnership.team_email)}.",
        links={"catalogue": reverse("catalogue")},
    )


def _letter(
    kind: str, subject: str, person: Person, partnership: Partnership, *paragraphs: str, links: dict[str, str] | None = None
) -> Letter:
    forename = typed(person.forename)
    text = "\n\n".join([f"Hello {forename}," if forename else "Hello,", *paragraphs, typed(partnership.name)])
    return Letter(kind, subject, text, links or {}, 0)
