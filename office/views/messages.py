"""Every message of the partnership: what was sent, what waits, what failed, and sending again."""

from __future__ import annotations

from copy import copy
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bookings.messages import KINDS
from bookings.models import Booking
from bookings.operations import hold_message, send_message_again
from bookings.policies.planned import why_no_hold
from bookings.policies.sending_again import check_can_be_sent_again
from core.clock import now
from core.ids import ids_in
from core.models import AuditEntry
from core.refusals import Refused
from core.text import one_line
from events.models import Event
from notifications.bounces import bounced_among
from notifications.models import CAME_BACK, HAS_COME_BACK, HELD, HELD_BACK, Message, MessageQuerySet, MessageState
from notifications.operations import check_can_leave_again, check_is_newest_entry
from notifications.own_texts import put_into
from notifications.queries import kinds_of
from notifications.rendering import shown_text
from notifications.single import checked, release, reword, version_of
from notifications.texts import placeholders
from office.forms.text import OneMessageForm
from office.people import people_of
from office.texts import TEXTS
from people.access import SignedInRequest, needs
from people.models import Person

PAGE = 50
STEPS = 20
WAITING, SENT, *OTHERS = MessageState.choices
STATES = [WAITING, (HELD, HELD_BACK), SENT, (CAME_BACK, HAS_COME_BACK), *OTHERS]


@needs("see_messages")
@require_GET
def messages_page(request: SignedInRequest) -> HttpResponse:
    """Newest first; filters stand in the address."""
    kinds = [(kind, _in_words(kind)) for kind in kinds_of(request.partnership)]
    filters = {
        "state": request.GET.get("state", "") if request.GET.get("state") in dict(STATES) else "",
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
        "states": STATES,
        "kinds": kinds,
        "tags": _filter_tags(filters, dict(kinds), person),
        "query": urlencode({name: value for name, value in filters.items() if value}),
    }
    return render(request, "office/messages.html", context)


def _in_words(kind: str) -> str:
    """What officers call a kind of message; "Some kind" for one that no room has named."""
    return KINDS.get(kind) or kind.replace("_", " ").capitalize()


def _filtered(request: SignedInRequest, *, state: str, kind: str, q: str, person: str) -> MessageQuerySet:
    found = Message.objects.filter(partnership=request.partnership).with_pause().order_by("-created_at", "-id")
    if state == HELD:
        found = found.held()
    elif state == CAME_BACK:
        found = found.came_back()
    elif state == MessageState.SENT:
        found = found.arrived()
    elif state:
        found = found.filter(state=state, **({"held_at": None} if state == MessageState.WAITING else {}))
    if kind:
        found = found.filter(kind=kind)
    if person:
        found = found.filter(person__in=ids_in([person]))
    for word in q.split():
        found = found.filter(to_address__icontains=word)
    return found.defer("text", "calendar").select_related("person")


def _filter_tags(filters: dict[str, str], kinds: dict[str, str], person: Person | None) -> list[dict[str, str]]:
    labels = {
        "state": dict(STATES).get(filters["state"], ""),
        "kind": kinds.get(filters["kind"], ""),
        "q": f"to “{filters['q']}”",
        "person": f"to {person.name}" if person else "",
    }
    used = {name: value for name, value in filters.items() if value}
    return [{"label": str(labels[name]), "href": "?" + urlencode({n: v for n, v in used.items() if n != name})} for name in used]


def _own_message(request: SignedInRequest, message_id: UUID) -> Message:
    known = Message.objects.select_related("person", "partnership")
    return get_object_or_404(known, pk=message_id, partnership=request.partnership)


@needs("see_messages")
@require_GET
def message_page(request: SignedInRequest, message_id: UUID) -> HttpResponse:
    """What one message says, as it was or will be sent, and how it fared."""
    message = _own_message(request, message_id)
    is_own = bool(put_into([message]))
    context = {
        "message": message,
        "is_own": is_own,
        "text_kind": message.text_kind if message.text_kind in TEXTS else "",
        "kind": _in_words(message.kind),
        "text": shown_text(message),
        "again": _would_say_again(message),
        "why_not_again": _why_not_again(message),
        "why_not_let_go": _why_not_let_go(message),
        "booking": _booking_of(message),
        "is_paused": _is_paused(message),
        "why_no_hold": why_no_hold(message.kind),
        "event": _event_of(message),
        "history": _history_of(message),
    }
    return render(request, "office/message.html", context)


def _is_paused(message: Message) -> bool:
    """Whether messages to the address that it has, or would have now, come back."""
    if message.state != MessageState.WAITING and not message.has_come_back:
        return False
    return bool(bounced_among([message.address_of_now() if message.has_come_back else message.to_address]))


def _why_not_again(message: Message) -> str:
    """Why a message that failed or came back can't be sent again; empty where it can, or has done neither."""
    if message.state != MessageState.FAILED and not message.has_come_back:
        return ""
    try:
        check_can_be_sent_again(message, at=now())
        check_can_leave_again(message)
    except Refused as refusal:
        return "" if refusal.code == "bounced" and message.has_come_back else str(refusal)  # the page says what to do then
    return ""


def _why_not_let_go(message: Message) -> str:
    """Why a message that is held back stays here; empty where it can be let go, or is not held back."""
    if not message.is_held:
        return ""
    try:
        check_is_newest_entry(message)
    except Refused as refusal:
        return str(refusal)
    return ""


def _would_say_again(message: Message) -> dict[str, str]:
    """What a message that came back would say if it was sent again, where the partnership's own text has changed since."""
    if not message.has_come_back:
        return {}
    again = copy(message)
    again.state = MessageState.WAITING
    put_into([again])
    is_same = (again.subject, shown_text(again)) == (message.subject, shown_text(message))
    return {} if is_same else {"subject": again.subject, "text": shown_text(again)}


def _history_of(message: Message) -> list[dict[str, Any]]:
    """What officers did with it, newest first. Two queries."""
    entries = AuditEntry.objects.filter(object_type=Message._meta.label_lower, object_id=str(message.pk))
    shown = list(entries.order_by("-at", "pk")[:STEPS])
    actors = Person.objects.in_bulk([entry.actor_id for entry in shown if entry.actor_id])
    return [{"entry": entry, "by": actors.get(entry.actor_id)} for entry in shown]


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
    message = _own_message(request, message_id)
    try:
        send_message_again(message=message, by=request.user, at=now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It will be sent again within a minute.")
    return redirect("office_message", message.pk)


@needs("see_messages")
@require_POST
def message_hold(request: SignedInRequest, message_id: UUID) -> HttpResponse:
    """Hold one message back, or let it go."""
    message = _own_message(request, message_id)
    try:
        if request.POST.get("do") == "let_go":
            message = release(message=message, by=request.user, at=now())
            is_late = message.due_at <= now()
            messages.success(request, "It leaves within a minute." if is_late else "It leaves at its time.")
        else:
            hold_message(message=message, by=request.user, at=now())
            messages.success(request, "Held back until you let it go.")
            if request.POST.get("then") == "change":
                return redirect("office_message_edit", message.pk)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("office_message", message.pk)


@needs("see_messages")
@require_http_methods(["GET", "POST"])
def message_edit(request: SignedInRequest, message_id: UUID) -> HttpResponse:
    """Say something else in this one message. POST previews it or saves it."""
    message = _own_message(request, message_id)
    put_into([message])
    initial = {"subject": message.subject, "body": message.text, "read": version_of(message)}
    form, shown = OneMessageForm(request.POST or None, initial=initial), None
    if form.is_valid():
        said = {"subject": form.cleaned_data["subject"], "text": form.cleaned_data["body"]}
        try:
            if "preview" in request.POST:
                shown = _as_read(message, *checked(message, **said))
            else:
                reword(message=message, read=form.cleaned_data["read"], by=request.user, at=now(), **said)
                messages.success(request, "Saved. This one message says so; the others of its kind stay as they are.")
                return redirect("office_message", message.pk)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"message": message, "form": form, "preview": shown, "links": _links_of(message), "kind": _in_words(message.kind)}
    context["why_no_hold"] = why_no_hold(message.kind)
    return render(request, "office/message_edit.html", context)


def _as_read(message: Message, subject: str, text: str) -> dict[str, str]:
    return {"subject": subject, "text": shown_text(Message(text=text, links=message.links))}


def _links_of(message: Message) -> list[tuple[str, str]]:
    """The links in the text as they stand there, and where each leads."""
    found = [name for name in sorted(placeholders(message.text)) if name.startswith("link:")]
    return [(f"{{{name}}}", shown_text(Message(text=f"{{{name}}}", links=message.links))) for name in found]
