"""Somebody found among the partnership's people, or added: how booking somebody and passing a place on begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from core.clock import london_date, now
from core.refusals import Refused
from office.forms.people import NewPersonForm
from office.people import known_elsewhere, people_of
from people.access import SignedInRequest
from people.models import Person, PersonQuerySet
from people.operations import add_person, look_after

MOST_FOUND = 20


@dataclass(frozen=True)
class Finding:
    """What templates/office/_find_somebody.html and _add_somebody.html show.

    ``elsewhere``: who has this very address and learns with another partnership only.
    """

    form: NewPersonForm
    text: str
    elsewhere: Person | None

    @property
    def is_asked(self) -> bool:
        """Whether our own people are looked through."""
        return bool(self.text) and self.elsewhere is None


def find_or_add(request: SignedInRequest, then: Callable[[Person], str]) -> Finding | HttpResponse:
    """What is looked for; or the way on, to ``then``, with somebody who was just added or taken among our people."""
    if "known_address" in request.POST:
        return _from_elsewhere(request, then)
    data = request.POST if request.method == "POST" else None
    text = request.GET.get("q", "").strip()[:100]
    initial = {"address": text} if "@" in text else {}
    form = NewPersonForm(data, initial=initial, partnership=request.partnership, today=london_date(now()))
    if form.is_valid():
        try:
            person = add_person(partnership=request.partnership, by=request.user, at=now(), **form.details())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect(then(person))
    return Finding(form, text, known_elsewhere(request.partnership, text))


def _from_elsewhere(request: SignedInRequest, then: Callable[[Person], str]) -> HttpResponse:
    """Somebody who learns with another partnership, and whose exact address the officer knows, comes among our people."""
    person = known_elsewhere(request.partnership, request.POST["known_address"])
    if person is None:
        messages.error(request, "Nobody new has this address. Search for it again.")
        return redirect(request.path)
    look_after(person=person, partnership=request.partnership, by=request.user, at=now())
    return redirect(then(person))


def fitting(request: SignedInRequest, text: str) -> PersonQuerySet:
    """Our people whom the words fit, each with their address and organisation."""
    return people_of(request.partnership).active().matching(text).with_address().select_related("organisation")
