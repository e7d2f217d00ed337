"""A person's learning record, their certificates, and what is accepted as equal to a course."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bookings.refreshing import refreshes_of
from core.clock import now
from core.refusals import Refused
from office.forms.learning import AcceptForm
from office.forms.reason import ReasonForm
from office.learning import credits_seen_by
from office.refreshing import put_days
from office.views.people import PAGE, known_person
from people.access import SignedInRequest, needs
from records.models import SourceKind
from records.operations import accept_as_equal, withdraw_equal
from records.queries import certificates_of
from registers.operations import correct_certificate_name


@needs("manage_people")
@require_GET
def person_learning(request: SignedInRequest, person_id: UUID) -> HttpResponse:
    """The whole record, as far as it is this partnership's."""
    shown = known_person(request, person_id)
    page = Paginator(credits_seen_by(request.partnership, shown), PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    put_days(refreshes_of(shown, at=now(), partnership=request.partnership), page.object_list)
    return render(request, "office/person_learning.html", {"person": shown, "page": page})


@needs("manage_people")
@require_GET
def person_certificates(request: SignedInRequest, person_id: UUID) -> HttpResponse:
    """Every certificate that the partnership gave them, those that were withdrawn too."""
    shown = known_person(request, person_id)
    page = Paginator(certificates_of(shown, request.partnership), PAGE).get_page(request.GET.get("page"))
    return render(request, "office/person_certificates.html", {"person": shown, "page": page})


@needs("manage_people")
@require_POST
def person_certificate_name(request: SignedInRequest, person_id: UUID, certificate_id: UUID) -> HttpResponse:
    """Give it anew in the name that the person has today."""
    shown = known_person(request, person_id)
    certificate = get_object_or_404(certificates_of(shown, request.partnership), pk=certificate_id)
    try:
        new = correct_certificate_name(certificate=certificate, by=request.user, at=now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Given anew to {new.name}, with another code. Whoever checks the old code reads “withdrawn”.")
    return redirect("office_person_certificates", shown.pk)


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def person_accept(request: SignedInRequest, person_id: UUID) -> HttpResponse:
    """Accept other learning as equal to one of the partnership's courses."""
    shown = known_person(request, person_id)
    form = AcceptForm(request.POST or None, partnership=request.partnership)
    if form.is_valid():
        try:
            accepted = accept_as_equal(person=shown, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"It counts as “{accepted.course}” from now on.")
            return redirect("office_person_learning", shown.pk)
    return render(request, "office/person_accept.html", {"form": form, "person": shown})


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def person_withdraw(request: SignedInRequest, person_id: UUID, credit_id: UUID) -> HttpResponse:
    """Withdraw an acceptance, with the reason."""
    shown = known_person(request, person_id)
    accepted = credits_seen_by(request.partnership, shown).filter(source_kind=SourceKind.ACCEPTED_AS_EQUAL)
    credit = get_object_or_404(accepted.standing(), pk=credit_id)
    form = ReasonForm(request.POST or None, label="Why does it no longer count?", hint="Kept with their record.")
    if form.is_valid():
        try:
            withdraw_equal(credit=credit, reason=form.cleaned_data["reason"], by=request.user, at=now())
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"It no longer counts as “{credit.course}”.")
            return redirect("office_person_learning", shown.pk)
    return render(request, "office/person_withdraw.html", {"form": form, "person": shown, "credit": credit})
