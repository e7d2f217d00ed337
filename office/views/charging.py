"""Charges and notice: switched on, by which policy, and who pays as what."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bookings.charging import COMMONEST, Policy, check_policy
from bookings.charging.examples import examples, uses_course_cost
from bookings.charging.reading import versions_in_force
from bookings.charging.words import in_sentences
from bookings.models import ChargingSettings, OrganisationClass, PolicyVersion
from bookings.operations import publish_policy, set_payer_class, switch_charges
from core import wording
from core.clock import now
from core.refusals import Refused
from core.text import one_line
from office.forms.charging import PayersForm, PolicyForm, SwitchForm, initial_of
from people.access import SignedInRequest, needs
from people.models import Organisation, PartnerAgency

PAGE = 50


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def charging(request: SignedInRequest) -> HttpResponse:
    """The one page of settings. Saving makes a new version; "Show what it comes to" saves nothing."""
    at, versions = now(), _versions(request)
    shown = Policy.of(versions[0]) if versions else COMMONEST
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=initial_of(shown))
    if request.method == "POST" and form.is_valid():
        shown = form.policy()
        try:
            if "save" in request.POST:
                starts = form.starts()
                made = publish_policy(partnership=request.partnership, policy=shown, by=request.user, at=at, in_force_from=starts)
                messages.success(request, f"Version {made.number} is saved. Bookings made before keep the version they accepted.")
                return redirect("office_charging")
            check_policy(shown)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = _settings(request, versions, at) | ({} if form.errors else _shown(shown, at))
    is_preview = request.method == "POST" and not form.errors
    return render(request, "office/charging.html", {**context, "form": form, "is_preview": is_preview})


def _versions(request: SignedInRequest) -> list[PolicyVersion]:
    """The partnership's versions, the newest first."""
    versions = PolicyVersion.objects.filter(partnership=request.partnership)
    return list(versions.prefetch_related("rates").select_related("made_by").order_by("-number"))


def _settings(request: SignedInRequest, versions: list[PolicyVersion], at: datetime) -> dict[str, Any]:
    settings = ChargingSettings.objects.filter(partnership=request.partnership).first()
    counts = versions_in_force(request.partnership, at).first()
    return {
        "settings": settings,
        "switch": SwitchForm(initial={"needs_second_person": settings is not None and settings.needs_second_person}),
        "versions": [(version, in_sentences(Policy.of(version)), version == counts) for version in versions],
    }


def _shown(policy: Policy, at: datetime) -> dict[str, Any]:
    """What a policy comes to."""
    said = {"sentences": in_sentences(policy), "uses_course_cost": uses_course_cost(policy)}
    return {**said, "examples": list(examples(policy, at))}


@needs("manage_charges")
@require_POST
def charging_switch(request: SignedInRequest) -> HttpResponse:
    form = SwitchForm(request.POST)
    is_on = request.POST.get("is_on") == "yes"
    second = form.is_valid() and form.cleaned_data["needs_second_person"]
    try:
        switch_charges(partnership=request.partnership, is_on=is_on, needs_second_person=second, by=request.user, at=now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        on = "Charges are on. Whoever books from now on accepts the policy; bookings made while they were off cost nothing."
        messages.success(request, on if is_on else "Charges are off. Drafts that are left can still be dealt with.")
    return redirect("office_charging")


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def payers(request: SignedInRequest) -> HttpResponse:
    """What each organisation pays as: searched by name or sector, a page of them set at once."""
    text = one_line(request.GET.get("q", ""))[:100]
    page = Paginator(_organisations(request, text), PAGE).get_page(request.GET.get("page"))
    form = PayersForm(request.POST if request.method == "POST" else None, organisations=page.object_list)
    query = urlencode({"q": text}) if text else ""
    if request.method == "POST" and form.is_valid():
        changed = list(form.changed())
        for organisation, payer_class in changed:
            set_payer_class(
                partnership=request.partnership, organisation=organisation, payer_class=payer_class, by=request.user, at=now()
            )
        number = wording.count(len(changed), "organisation")
        messages.success(request, f"{number} changed. It counts for bookings made from now on.")
        return redirect(f"{reverse('office_payers')}?{urlencode({'q': text, 'page': page.number})}")
    return render(request, "office/payers.html", {"page": page, "form": form, "text": text, "query": query})


def _organisations(request: SignedInRequest, text: str) -> QuerySet[Organisation]:
    """Each with ``said``, what officers said it pays as, and ``partner``, whether it is a partner agency."""
    said = OrganisationClass.objects.filter(partnership=request.partnership, organisation=OuterRef("pk")).values("payer_class")
    partner = PartnerAgency.objects.filter(partnership=request.partnership, organisation=OuterRef("pk"))
    rows = Organisation.objects.select_related("sector").annotate(said=Subquery(said[:1]), partner=Exists(partner))
    for word in text.split():
        rows = rows.filter(Q(name__icontains=word) | Q(sector__name__icontains=word))
    return rows.order_by("name", "pk")
