"""The organisations people typed that nobody could match, and saying what they meant."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import now
from core.refusals import Refused
from core.wording import count
from imports.forms import NewOrganisationForm
from imports.operations import settle_organisation, unsettle_organisation
from imports.queries import TextRows, settled_rows, unmatched_rows, unmatched_texts
from people.access import SignedInRequest, needs
from people.models import Organisation, OrganisationAlias
from people.operations import add_organisation
from people.queries import search_organisations

PAGE = 50
NONE = "none"  # stands for "has no organisation" where an organisation's id would stand


@needs("manage_organisations")
@require_GET
def unmatched(request: SignedInRequest) -> HttpResponse:
    """Every text that waits to be matched, those behind most attendances first."""
    page = Paginator(unmatched_texts(request.partnership), PAGE).get_page(request.GET.get("page"))
    return render(request, "imports/unmatched.html", {"page": page})


@needs("manage_organisations")
@require_GET
def match(request: SignedInRequest) -> HttpResponse:
    """Find the organisation that a text means."""
    text, rows = _waiting(request)
    sought = request.GET.get("q", text).strip()[:100]
    context = {
        "text": text,
        "rows": rows,
        "sought": sought,
        "found": search_organisations(partnership=request.partnership, text=sought, limit=20),
        "form": NewOrganisationForm(initial={"name": text}),
    }
    return render(request, "imports/match.html", context)


@needs("manage_organisations")
@require_POST
def add(request: SignedInRequest) -> HttpResponse:
    """Add the organisation that a text means, and go on to settle it."""
    text, rows = _waiting(request)
    form = NewOrganisationForm(request.POST)
    if form.is_valid():
        try:
            made = add_organisation(**form.cleaned_data, by=request.user, at=now())
            return redirect(settle_address(text, str(made.pk)))
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
    return render(request, "imports/match.html", {"text": text, "rows": rows, "sought": text, "found": [], "form": form})


@needs("manage_organisations")
@require_http_methods(["GET", "POST"])
def settle(request: SignedInRequest) -> HttpResponse:
    """Say to how many rows it applies; then match them."""
    text, rows = _waiting(request)
    organisation = _chosen(request)
    if request.method == "POST":
        try:
            changed = settle_organisation(
                partnership=request.partnership, text=text, organisation=organisation, by=request.user, at=now()
            )
            stands_for = organisation.name if organisation else "no organisation"
            messages.success(request, f"“{text}” now stands for {stands_for}: {count(changed, 'row')} changed.")
            return redirect("unmatched_organisations")
        except Refused as refusal:
            messages.error(request, str(refusal))
    return render(request, "imports/settle.html", {"text": text, "rows": rows, "organisation": organisation})


@needs("manage_organisations")
@require_GET
def other_names(request: SignedInRequest) -> HttpResponse:
    """What people type for organisations, and for having none."""
    names = OrganisationAlias.objects.filter(partnership=request.partnership).select_related("organisation")
    page = Paginator(names.order_by("text", "pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "imports/other_names.html", {"page": page})


@needs("manage_organisations")
@require_http_methods(["GET", "POST"])
def unsettle(request: SignedInRequest, alias_id: uuid.UUID) -> HttpResponse:
    """Say to how many rows it applies; then let the text wait to be matched again."""
    aliases = OrganisationAlias.objects.filter(partnership=request.partnership).select_related("organisation", "partnership")
    alias = get_object_or_404(aliases, pk=alias_id)
    if request.method == "POST":
        changed = unsettle_organisation(alias=alias, by=request.user, at=now())
        messages.success(request, f"“{alias.text}” waits to be matched again: {count(changed, 'row')} changed.")
        return redirect("organisation_names")
    return render(request, "imports/unsettle.html", {"alias": alias, "rows": settled_rows(alias)})


def settle_address(text: str, choice: str) -> str:
    return reverse("settle_organisation", query={"text": text, "organisation": choice})


def _waiting(request: SignedInRequest) -> tuple[str, TextRows]:
    """The text the address names and the rows that hold it. Raises Http404 where none does, as when a colleague was first."""
    text = request.GET.get("text", "")[:200]
    rows = unmatched_rows(request.partnership, text)
    if rows.is_empty:
        raise Http404
    return text, rows


def _chosen(request: SignedInRequest) -> Organisation | None:
    choice: Any = request.GET.get("organisation", "")
    if choice == NONE:
        return None
    try:
        return get_object_or_404(Organisation.objects.select_related("sector", "borough"), pk=uuid.UUID(choice))
    except ValueError as error:
        raise Http404 from error
