"""Every message of the partnership: what was sent, what waits, what failed, and sending again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from bookings.messages import KINDS
from bookings.models import Booking
from core.clock import now
from core.ids import ids_in
from core.refusals import Refused
from core.text import one_line
from events.models import Event
from notifications.bounces import bounced_among
from notifications.models import Message, MessageQuerySet, MessageState
from notifications.operations import resend
from notifications.own_texts import put_into
from notifications.queries import kinds_of
from notifications.rendering import shown_text
from office.people import people_of
from office.texts import TEXTS
from people.access import SignedInRequest, needs
from people.models import Person

PAGE = 50


@needs("see_messages")
@require_GET
def messages_page(request: SignedInRequest) -> HttpResponse:
    """Newest first; filters stand in the address."""
    kinds = [(kind, _in_words(kind)) for kind in kinds_of(request.partnership)]
    filters = {
        "state": request.GET.get("state", "") if request.GET.get("state") in MessageState.values else "",
        "kind": request.GET.get("kind", "") if request.GET.get("kind") in dict(kinds) else "",
        "q": one_line(request.GET.get("q", ""))[:100],
        "person": "",
    }
    person = people_of(request.partnership).filter(pk__in=ids_in([request.GET.get("person", "")])).first()
    if person is not None:
        filters["person"] = str(person.pk)
    page = Paginator(_filtered(request, **filters), PAGE).get_page(request.GET.get("page"))
    put_into(page.object_list)
    context: dict[str, Any] = {
        "page": page,
        "rows": [(message, _in_words(message.kind)) for message in page],
        "filters": filters,
        "states": MessageState.choices,
        "kinds": kinds,
        "tags": _filter_tags(filters, dict(kinds), person),
        "query": urlencode({name: value for name, value in filters.items() if value}),
    }
    return render(request, "office/messages.html", context)


def _in_words(kind: str) -> str:
    """What officers call a kind of message; "Some kind" for one that no room has named."""
    return KINDS.get(kind) or kind.replace("_", " ").capitalize()


def _filtered(request: SignedInRequest, *, state: str, kind: str, q: str, person: str) -> MessageQuerySet:
    found = Message.objects.filter(partnership=request.partnership).order_by("-created_at", "-id")
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    if person:
        found = found.filter(person__in=ids_in([person]))
    for word in q.split():
        found = found.filter(to_address__icontains=word)
    return found.defer("text", "calendar").select_related("person")


def _filter_tags(filters: dict[str, str], kinds: dict[str, str], person: Person | None) -> list[dict[str, str]]:
    labels = {
        "state": dict(MessageState.choices).get(filters["state"], ""),
        "kind": kinds.get(filters["kind"], ""),
        "q": f"to “{filters['q']}”",
        "person": f"to {person.name}" if person else "",
    }
    used = {name: value for name, value in filters.items() if value}
    return [{"label": str(labels[name]), "href": "?" + urlencode({n: v for n, v in used.items() if n != name})} for name in used]


@needs("see_messages")
@require_GET
def message_page(request: SignedInRequest, message_id: UUID) -> HttpResponse:
    """What one message says, as it was or will be sent, and how it fared."""
    message = get_object_or_404(
        Message.objects.select_related("person", "partnership"), pk=message_id, partnership=request.partnership
    )
    is_own = bool(put_into([message]))
    context = {
        "message": message,
        "is_own": is_own,
        "text_kind": message.text_kind if message.text_kind in TEXTS else "",
        "kind": _in_words(message.kind),
        "text": shown_text(message),
        "booking": _booking_of(message),
        "is_paused": message.state == MessageState.WAITING and bool(bounced_among([message.to_address])),
        "event": _event_of(message),
    }
    return render(request, "office/message.html", context)


def _booking_of(message: Message) -> Booking | None:
    """The booking it is about, if it is about one of an event that the partnership leads."""
    about, _, number = message.about.partition(":")
    if about != "booking":
        return None
    ours = Booking.objects.filter(event__lead_host=message.partnership).select_related("person", "event")
    return ours.filter(pk__in=ids_in([number])).first()


def _event_of(message: Message) -> Event | None:
    """The event it is about, or whose session it is about, if the partnership leads it."""
    about, _, number = message.about.partition(":")
    ours = Event.objects.filter(lead_host=message.partnership)
    if about == "session":
        return ours.filter(sessions__in=ids_in([number])).first()
    return ours.filter(pk__in=ids_in([number])).first() if about == "event" else None


@needs("see_messages")
@require_POST
def message_resend(request: SignedInRequest, message_id: UUID) -> HttpResponse:
    message = get_object_or_404(Message, pk=message_id, partnership=request.partnership)
    try:
        resend(message=message, by=request.user, at=now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It will be sent again within a minute.")
    return redirect(reverse("office_message", args=[message.pk]))
