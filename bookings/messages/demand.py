"""Letters about courses that people want and sessions that services ask for. Pure: builds letters, sends none."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import Letter, about, fill_in, of
from bookings.messages.texts import others as texts
from bookings.models import Interest, SessionRequest
from core import wording
from events.models import Event
from notifications.rendering import typed


def course_has_date(interest: Interest, event: Event) -> Letter:
    forename, course = typed(interest.person.forename), typed(interest.course.title)
    links = {"event": reverse("event", args=[event.pk]), "course": reverse("want_course", args=[interest.course_id])}
    return fill_in(texts.COURSE_HAS_DATE, {"forename": forename, **about(event), "course": course}, links=links)


def session_planned(request: SessionRequest, event: Event) -> Letter:
    """Nobody finds a closed event who is not invited, so its letter has no link."""
    links = {} if event.is_closed else {"event": reverse("event", args=[event.pk])}
    return fill_in(texts.SESSION_PLANNED, {**about(event), **_asked(request), "who_can": _who_can(event)}, links=links)


def session_changed(request: SessionRequest, event: Event) -> Letter:
    """To whoever asked for it and has not booked."""
    links = {} if event.is_closed else {"event": reverse("event", args=[event.pk])}
    return fill_in(texts.SESSION_CHANGED, {**about(event), **_asked(request)}, links=links)


def _who_can(event: Event) -> str:
    if event.is_closed:
        return f"Only people who are invited can book it: tell {typed(event.lead_host.team_email)} who is to come."
    return f"Only people of {typed(event.for_organisation.name)} can book it." if event.for_organisation else ""


def session_declined(request: SessionRequest, *, called_off: Event | None = None) -> Letter:
    """``called_off``: the event that the request had become, of which whoever asked has been told."""
    off = f"The one that we had planned for {wording.day(called_off.starts_on)} is called off." if called_off else ""
    values = {**_asked(request), "called_off": off, "reason": typed(request.answer)}
    return fill_in(texts.SESSION_DECLINED, values, links={"catalogue": reverse("catalogue")})


def _asked(request: SessionRequest) -> dict[str, str]:
    forename, subject = typed(request.asked_by.forename), typed(request.subject)
    return {"forename": forename, "subject": subject, **of(request.partnership)}
