"""Charges and notice: switched on, by which policy, and who pays as what."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bookings.charging import COMMONEST, Policy, check_policy
from bookings.charging.examples import examples, uses_course_cost
from bookings.charging.reading import versions_in_force
from bookings.charging.words import in_sentences
from bookings.models import ChargingSettings, OrganisationClass, PayerClass, PolicyVersion
from bookings.operations import publish_policy, set_payer_class, switch_charges
from core.clock import now
from core.refusals import Refused
from core.text import one_line
from office.forms.charging import PayerClassForm, PolicyForm, SwitchForm, initial_of
from people.access import SignedInRequest, needs
from people.models import Organisation, PartnerAgency

PAGE = 50


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def charging(request: SignedInRequest) -> HttpResponse:
    """The one page of settings. Saving makes a new version; "Show what it comes to" saves nothing."""
    at = now()
    versions = list(
        PolicyVersion.objects.filter(partnership=request.partnership).prefetch_related("rates").select_related("made_by")
    )
    latest = Policy.of(versions[0]) if versions else COMMONEST
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=initial_of(latest))
    shown = latest
    if request.method == "POST" and form.is_valid():
        shown = form.policy()
        try:
            if "save" in request.POST:
                made = publish_policy(
                    partnership=request.partnership, policy=shown, by=request.user, at=at, in_force_from=form.starts()
                )
                messages.success(request, f"Version {made.number} is saved. Bookings made before keep the version they accepted.")
                return redirect("office_charging")
            check_policy(shown)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    settings = ChargingSettings.objects.filter(partnership=request.partnership).first()
    counts = versions_in_force(request.partnership, at).first()
    context = {
        "form": form,
        "settings": settings,
        "switch": SwitchForm(initial={"needs_second_person": settings.needs_second_person if settings else False}),
        "versions": [(version, in_sentences(Policy.of(version)), version == counts) for version in versions],
        "is_preview": request.method == "POST" and not form.errors,
        "examples": [] if form.errors else list(examples(shown, at)),
        "sentences": [] if form.errors else in_sentences(shown),
        "uses_course_cost": uses_course_cost(shown),
    }
    return render(request, "office/charging.html", context)


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
        on = "Charges are on. Whoever books from now on accepts the policy; bookings made before cost nothing."
        messages.success(request, on if is_on else "Charges are off. Drafts that are left can still be dealt with.")
    return redirect("office_charging")


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def payers(request: SignedInRequest) -> HttpResponse:
    """What each organisation pays as: searched by name, set one at a time."""
    text = one_line(request.GET.get("q", ""))[:100]
    page_number = request.GET.get("page")
    if request.method == "POST":
        form = PayerClassForm(request.POST)
        if form.is_valid():
            organisation = get_object_or_404(Organisation, pk=form.cleaned_data["organisation"])
            set_payer_class(
                partnership=request.partnership,
                organisation=organisation,
                payer_class=form.cleaned_data["payer_class"],
                by=request.user,
                at=now(),
            )
            messages.success(request, f"{organisation} is saved. It counts for bookings made from now on.")
        else:
            messages.error(request, "Choose one of the payer classes.")
        query = {name: value for name, value in (("q", text), ("page", page_number)) if value}
        return redirect(reverse("office_payers", query=query))
    said = OrganisationClass.objects.filter(partnership=request.partnership, organisation=OuterRef("pk")).values("payer_class")
    partner = PartnerAgency.objects.filter(partnership=request.partnership, organisation=OuterRef("pk")).values("pk")
    rows = Organisation.objects.select_related("sector").annotate(said=Subquery(said[:1]), partner=Subquery(partner[:1]))
    for word in text.split():
        rows = rows.filter(Q(name__icontains=word) | Q(sector__name__icontains=word))
    context = {
        "page": Paginator(rows.order_by("name", "pk"), PAGE).get_page(page_number),
        "text": text,
        "query": urlencode({"q": text}) if text else "",
        "choices": PayerClass.choices,
        "partner": PayerClass.PARTNER.label,
        "other": PayerClass.OTHER.label,
    }
    return render(request, "office/payers.html", context)
