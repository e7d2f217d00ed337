"""Somebody came without a booking: find them, or add them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.clock import now
from core.ids import id_in
from core.refusals import Refused
from core.text import one_line
from events.models import Session
from people.access import SignedInRequest, signed_in
from people.models import Person
from people.operations import add_person
from registers.forms import NewPersonForm
from registers.models import WalkIn
from registers.operations import add_walk_in, remove_walk_in
from registers.queries import find_people
from registers.views.access import note_refusal, session_or_404


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register_walk_in(request: SignedInRequest, session_id: uuid.UUID) -> HttpResponse:
    session = session_or_404(request, session_id)
    form = NewPersonForm(request.POST if "surname" in request.POST else None)
    if request.method == "POST":
        person = _person(request, session, form)
        if person is not None:
            messages.success(request, f"{person.name} added and marked present.")
            return redirect("register", session.pk)
    text = one_line(request.GET.get("q", ""))[:100]
    found = find_people(session=session, text=text)
    context = {"session": session, "event": session.event, "form": form, "q": text, "found": found}
    return render(request, "registers/walk_in.html", context)


def _person(request: SignedInRequest, session: Session, form: NewPersonForm) -> Person | None:
    """Whoever walked in, once they are on the register; None with the reason on the form or in a message."""
    try:
        with transaction.atomic():
            if not form.is_bound:
                known = Person.objects.filter(is_active=True)
                person = get_object_or_404(known, pk=id_in(request.POST.get("person", "")))
            elif form.is_valid():
                partnership = session.event.lead_host
                person = add_person(
                    partnership=partnership,
                    **form.cleaned_data,
                    manager_email="",
                    by=request.user,
                    at=now(),
                )
            else:
                return None
            add_walk_in(session=session, person=person, by=request.user, at=now())
    except Refused as refusal:
        if form.is_bound:
            note_refusal(form, refusal)
        else:
            messages.error(request, str(refusal))
        return None
    return person


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register_walk_in_remove(request: SignedInRequest, session_id: uuid.UUID, person_id: uuid.UUID) -> HttpResponse:
    session = session_or_404(request, session_id)
    walk_in = get_object_or_404(WalkIn.objects.select_related("person"), event=session.event, person=person_id)
    if request.method == "POST":
        try:
            remove_walk_in(walk_in=walk_in, session=session, by=request.user, at=now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{walk_in.person.name} taken off the register.")
        return redirect("register", session.pk)
    return render(request, "registers/walk_in_remove.html", {"session": session, "event": session.event, "walk_in": walk_in})
