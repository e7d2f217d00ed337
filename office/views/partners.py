"""The partner agencies: whose people book as partners, and who may book where only partners do."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from bookings.charging.reading import is_on
from bookings.conditions import kept_to_partners
from bookings.models import OrganisationClass
from core import wording
from core.clock import london_date, now
from core.text import one_line
from office.forms.partners import PartnersForm
from people.access import SignedInRequest, needs
from people.models import Organisation, PartnerAgency
from people.operations import add_partner_agencies, remove_partner_agency

PAGE = 50


@needs("manage_organisations")
@require_GET
def partners(request: SignedInRequest) -> HttpResponse:
    """Who is one, found by name or sector, a page at a time."""
    text = _typed(request)
    rows = PartnerAgency.objects.filter(partnership=request.partnership).select_related("organisation__sector")
    for word in text.split():
        rows = rows.filter(Q(organisation__name__icontains=word) | Q(organisation__sector__name__icontains=word))
    page = Paginator(rows.order_by("organisation__name", "pk"), PAGE).get_page(request.GET.get("page"))
    query = urlencode({"q": text}) if text else ""
    kept = kept_to_partners(request.partnership, london_date(now())).count()
    return render(request, "office/partners.html", {"page": page, "text": text, "query": query, "kept": kept})


@needs("manage_organisations")
@require_http_methods(["GET", "POST"])
def partners_add(request: SignedInRequest) -> HttpResponse:
    """Several at once, of the organisations that are known and are none yet."""
    text = _typed(request)
    page = Paginator(_others(request, text), PAGE).get_page(request.GET.get("page"))
    form = PartnersForm(request.POST if request.method == "POST" else None, shown=page.object_list)
    query = urlencode({"q": text}) if text else ""
    if form.is_valid():
        chosen = form.cleaned_data["organisations"]
        added = add_partner_agencies(partnership=request.partnership, organisations=chosen, by=request.user, at=now())
        number = wording.count(len(added), "partner agency", "partner agencies")
        messages.success(request, f"{number} added. It counts for bookings made from now on.")
        return redirect(f"{reverse('office_partners')}{'?' + query if query else ''}")
    return render(request, "office/partners_add.html", {"page": page, "form": form, "text": text, "query": query})


@needs("manage_organisations")
@require_http_methods(["GET", "POST"])
def partner_remove(request: SignedInRequest, partner_id: UUID) -> HttpResponse:
    """What follows is said first."""
    theirs = PartnerAgency.objects.filter(partnership=request.partnership).select_related("organisation__sector")
    partner = get_object_or_404(theirs, pk=partner_id)
    if request.method == "POST":
        remove_partner_agency(partner=partner, by=request.user, at=now())
        messages.success(request, f"{partner.organisation} is no longer a partner agency.")
        return redirect("office_partners")
    said = OrganisationClass.objects.filter(partnership=request.partnership, organisation=partner.organisation).first()
    context = {
        "partner": partner,
        "kept": kept_to_partners(request.partnership, london_date(now())).count(),
        "is_last": not theirs.exclude(pk=partner.pk).exists(),
        "charges": is_on(request.partnership),
        "said": said,
    }
    return render(request, "office/partner_remove.html", context)


def _typed(request: SignedInRequest) -> str:
    return one_line(request.GET.get("q", ""))[:100]


def _others(request: SignedInRequest, text: str) -> QuerySet[Organisation]:
    is_partner = PartnerAgency.objects.filter(partnership=request.partnership, organisation=OuterRef("pk"))
    has_ended = Q(valid_to__lt=london_date(now()))
    rows = Organisation.objects.filter(~Exists(is_partner)).exclude(has_ended).select_related("sector")
    for word in text.split():
        rows = rows.filter(Q(name__icontains=word) | Q(sector__name__icontains=word))
    return rows.order_by("name", "pk")
