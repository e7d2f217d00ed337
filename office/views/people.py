"""People: found, added, put right; their roles given and ended."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bookings.models import Booking
from bookings.queries import bookings_of
from bookings.refreshing import refreshes_of
from core.clock import london_date, now
from core.refusals import Refused
from events.models import EventHost
from events.queries import ends_at, starts_at
from feedback.models import NoFollowUps
from notifications.bounces import bounced_among
from notifications.models import Message
from notifications.own_texts import put_into
from office.coming import letters_to_come
from office.forms.people import AddressForm, NewPersonForm, PersonForm, RoleForm
from office.forms.reason import ReasonForm
from office.learning import credits_seen_by
from office.people import add_coming_up, known_elsewhere, people_of
from office.refreshing import put_days, refreshers_to_come
from people import operations
from people.access import SignedInRequest, needs
from people.models import Grant, Person, PersonQuerySet, Role
from people.queries import grants_of
from records.queries import certificates_of

PAGE = 50
MOST_BOOKINGS = 50
MOST_MESSAGES = 20
MOST_PLANNED = 20
MOST_CREDITS = 10
MOST_CERTIFICATES = 5


@needs("manage_people")
@require_GET
def people(request: SignedInRequest) -> HttpResponse:
    """The people the partnership has to do with; filters stand in the address. See office.people for who is among them."""
    text = request.GET.get("q", "").strip()[:100]
    role = request.GET.get("role", "") if request.GET.get("role") in Role.values else ""
    organisation = request.GET.get("organisation", "").strip()[:100]
    found = _filtered(request, text, role, organisation)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    page.object_list = list(page.object_list)
    add_coming_up(page.object_list, request.partnership, today=london_date(now()))
    context = {
        "page": page,
        "text": text,
        "role": role,
        "roles": Role.choices,
        "organisation": organisation,
        "elsewhere": known_elsewhere(request.partnership, text),
        "tags": _filter_tags(text, role, organisation),
        "query": query.urlencode(),
    }
    return render(request, "office/people.html", context)


def _filtered(request: SignedInRequest, text: str, role: str, organisation: str) -> PersonQuerySet:
    in_force = Grant.objects.in_force().filter(partnership=request.partnership)
    found = people_of(request.partnership).matching(text).with_address().select_related("organisation")
    if role:
        found = found.holding(role, request.partnership)
    for word in organisation.split():
        found = found.filter(Q(organisation__name__icontains=word) | Q(organisation_text__icontains=word))
    ready: PersonQuerySet = found.prefetch_related(Prefetch("grants", in_force, to_attr="roles_in_force"))
    return ready


def _filter_tags(text: str, role: str, organisation: str) -> list[dict[str, str]]:
    filters = {"q": text, "role": role, "organisation": organisation}
    labels = {"q": f"“{text}”", "role": dict(Role.choices).get(role, ""), "organisation": f"works at “{organisation}”"}
    used = [name for name, value in filters.items() if value]
    return [
        {"label": labels[name], "href": reverse("office_people", query={k: filters[k] for k in used if k != name})}
        for name in used
    ]


@needs("manage_people")
@require_POST
def look_after(request: SignedInRequest) -> HttpResponse:
    """Somebody whose exact address the officer knows comes among the partnership's people."""
    person = known_elsewhere(request.partnership, request.POST.get("address", ""))
    if person is None:
        messages.error(request, "Nobody new has this address. Search for it again.")
        return redirect("office_people")
    operations.look_after(person=person, partnership=request.partnership, by=request.user, at=now())
    messages.success(request, f"{person.name} is among your people now.")
    return redirect("office_person", person.pk)


def known_person(request: SignedInRequest, person_id: UUID) -> Person:
    """The person, if the officer's partnership has to do with them; 404 otherwise."""
    known = people_of(request.partnership).with_address().select_related("organisation", "sector", "borough")
    return get_object_or_404(known, pk=person_id)


@needs("manage_people")
@require_GET
def person(request: SignedInRequest, person_id: UUID) -> HttpResponse:
    """Everything about one person that is this partnership's: details, roles, bookings at its events, learning, its messages."""
    shown = known_person(request, person_id)
    hosted = EventHost.objects.filter(partnership=request.partnership).values("event_id")
    bookings = list(bookings_of(shown).filter(event__in=hosted))
    at = now()
    today = london_date(at)
    most = None if request.GET.get("bookings") == "all" else MOST_BOOKINGS
    upcoming = [one for one in bookings if one.event.ends_on >= today and one.is_live]
    past = [one for one in reversed(bookings) if one.event.ends_on < today or not one.is_live]
    to_them = Message.objects.filter(person=shown, partnership=request.partnership).with_pause().order_by("-due_at", "pk")
    sent = list(to_them[: MOST_MESSAGES + 1])
    put_into(sent)
    bounced = bounced_among(shown.addresses())
    refreshes = refreshes_of(shown, at=at, partnership=request.partnership)
    learning = Paginator(credits_seen_by(request.partnership, shown), MOST_CREDITS).get_page(1)
    learning.object_list = list(learning.object_list)
    put_days(refreshes, learning.object_list)
    context = {
        "person": shown,
        "bounced": bounced,
        "named_manager": _named_manager(shown, bookings),
        "letters": letters_to_come(upcoming[:MOST_PLANNED], request.partnership, bounced, at=at),
        "more_letters": len(upcoming) > MOST_PLANNED,
        "refreshers": refreshers_to_come(refreshes, shown, request.partnership, bounced, at=at),
        "upcoming": upcoming[:most],
        "past": past[:most],
        "begun": {one.pk for one in upcoming if starts_at(one.event) <= at},
        "over": {one.pk for one in upcoming if ends_at(one.event) <= at},
        "more_bookings": len(bookings) - len(upcoming[:most]) - len(past[:most]),
        "grants": list(grants_of(shown, request.partnership)),
        "learning": learning,
        "certificates": Paginator(certificates_of(shown, request.partnership), MOST_CERTIFICATES).get_page(1),
        "sent": sent[:MOST_MESSAGES],
        "more_messages": len(sent) > MOST_MESSAGES,
        "changes": list(shown.changes.select_related("by")),
        "no_follow_ups": NoFollowUps.objects.filter(person=shown).first(),
    }
    return render(request, "office/person.html", context)


def _named_manager(person: Person, bookings: list[Booking]) -> str:
    """Whom the latest booking that names one gives as the manager, for somebody whose own details name nobody."""
    if person.manager_email:
        return ""
    named = [one for one in bookings if one.manager_email]
    return max(named, key=lambda one: (one.booked_at, one.pk)).manager_email if named else ""


@needs("manage_people")
@require_http_methods(["GET", "POST"])
def person_new(request: SignedInRequest) -> HttpResponse:
    form = NewPersonForm(request.POST or None, partnership=request.partnership, today=london_date(now()))
    if form.is_valid():
        try:
            added = operations.add_person(partnership=request.partnership, by=request.user, at=now(), **form.details())
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"{added.name} is added.")
            return redirect("office_person", added.pk)
    return render(request, "office/person_new.html", {"form": form})


@needs("manage_people")
@require_http_methods(["GET", "POST"])
def person_change(request: SignedInRequest, person_id: UUID) -> HttpResponse:
    shown = known_person(request, person_id)
    form = PersonForm(
        request.POST or None,
        partnership=request.partnership,
        today=london_date(now()),
        initial=PersonForm.details_of(shown),
    )
    if form.is_valid():
        try:
            operations.change_person(person=shown, partnership=request.partnership, by=request.user, at=now(), **form.details())
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "The details are saved.")
            return redirect("office_person", shown.pk)
    return render(request, "office/person_change.html", {"form": form, "person": shown})


@needs("manage_people")
@require_http_methods(["GET", "POST"])
def person_address(request: SignedInRequest, person_id: UUID) -> HttpResponse:
    shown = known_person(request, person_id)
    form = AddressForm(request.POST or None)
    if form.is_valid():
        try:
            operations.change_address(person=shown, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "The address is changed.")
            return redirect("office_person", shown.pk)
    return render(request, "office/person_address.html", {"form": form, "person": shown})


@needs("manage_people")
@require_http_methods(["GET", "POST"])
def person_sign_in(request: SignedInRequest, person_id: UUID) -> HttpResponse:
    """Stop the person from signing in, or let them again."""
    shown = known_person(request, person_id)
    form = ReasonForm(request.POST or None, label="Why?", hint="Kept in the person's history.")
    if form.is_valid():
        act = operations.deactivate_person if shown.is_active else operations.reactivate_person
        try:
            act(person=shown, reason=form.cleaned_data["reason"], by=request.user, at=now())
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            outcome = "can't sign in any more" if shown.is_active else "may sign in again"
            messages.success(request, f"{shown.name} {outcome}.")
            return redirect("office_person", shown.pk)
    return render(request, "office/person_sign_in.html", {"form": form, "person": shown})


@needs("manage_people")
@require_http_methods(["GET", "POST"])
def person_role(request: SignedInRequest, person_id: UUID) -> HttpResponse:
    """Give the person a role."""
    shown = known_person(request, person_id)
    form = RoleForm(request.POST or None, partnership=request.partnership, today=london_date(now()))
    if form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("role", "organisation", "reason")}
        try:
            operations.give_role(person=shown, partnership=request.partnership, by=request.user, at=now(), **wanted)
        except Refused as refusal:
            form.add_error("organisation_text" if refusal.field == "organisation" else refusal.field, str(refusal))
        else:
            messages.success(request, f"{shown.name} has the role now.")
            return redirect("office_person", shown.pk)
    return render(request, "office/person_role.html", {"form": form, "person": shown})


@needs("manage_people")
@require_http_methods(["GET", "POST"])
def person_role_end(request: SignedInRequest, person_id: UUID, grant_id: UUID) -> HttpResponse:
    """Take a role away, with the reason."""
    shown = known_person(request, person_id)
    grant = get_object_or_404(grants_of(shown, request.partnership), pk=grant_id, ended_at=None)
    form = ReasonForm(request.POST or None, label="Why does the role end?", hint="Kept with the role.")
    if form.is_valid():
        try:
            operations.end_role(grant=grant, reason=form.cleaned_data["reason"], by=request.user, at=now())
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"The role {grant.get_role_display().lower()} has ended.")
            return redirect("office_person", shown.pk)
    return render(request, "office/person_role_end.html", {"form": form, "person": shown, "grant": grant})
