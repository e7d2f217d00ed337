"""Charges: found, approved or excused many at a time, and each with its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bookings.charging.finance import reference
from bookings.models import ONCE_A_BOOKING, BillingDetails, ByPost, Charge, ChargeKind, ChargeState, ChargingSettings
from bookings.operations import (
    approve_charges,
    excuse_charges,
    restore_charge,
    reverse_charge,
    say_letter_is_posted,
    send_letter_by_mail,
    work_out_again,
)
from bookings.operations.charges import Dealt
from bookings.policies import why_not_approved, why_not_excused
from core import wording
from core.clock import london_date, now
from core.ids import ids_in
from core.refusals import Refused
from notifications.rendering import shown_text
from office.charges import (
    EVERY_STATE,
    ChargeFilters,
    by_state,
    charges_of,
    found,
    letter_on_paper,
    people_unwritten_to,
    total,
)
from office.forms.charges import ExcuseForm, ReworkForm
from office.forms.reason import ReasonForm
from people.access import SignedInRequest, needs

PAGE = 50
STATES = [*ChargeState.choices, (EVERY_STATE, "Every state")]


@needs("manage_charges")
@require_GET
def charges(request: SignedInRequest) -> HttpResponse:
    """The drafts first, because they wait for somebody; filters stand in the address."""
    filters = ChargeFilters.of(request.GET)
    rows = found(request.partnership, filters)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "has_drafts": any(charge.state == ChargeState.DRAFT for charge in page),
        "filters": filters,
        "total": total(rows),
        "states": STATES,
        "totals": by_state(request.partnership),
        "kinds": ChargeKind.choices,
        "tags": filters.tags(),
        "are_chosen": "chosen" in request.GET,
        "unwritten": people_unwritten_to(request.partnership),
    }
    return render(request, "office/charges.html", context)


@needs("manage_charges")
@require_POST
def charges_decide(request: SignedInRequest) -> HttpResponse:
    """Approve or excuse the charges that were ticked: first what it means, then, confirmed, it is done."""
    action = "excuse" if request.POST.get("action") == "excuse" else "approve"
    back = reverse("office_charges") + "?" + ChargeFilters.of(request.POST).query
    ids = ids_in(request.POST.getlist("charge"))
    chosen = charges_of(request.partnership).filter(pk__in=ids, state=ChargeState.DRAFT)
    if not chosen.exists():
        messages.error(request, "Choose at least one draft first: tick the box beside it.")
        return redirect(back)
    is_confirmed = "confirmed" in request.POST
    form = ExcuseForm(request.POST if is_confirmed else None) if action == "excuse" else None
    if is_confirmed and (form is None or form.is_valid()):
        try:
            dealt = _decide(request, ids, form)
        except Refused as refusal:
            assert form is not None  # noqa: S101 - only excusing refuses as a whole
            form.add_error(refusal.field, str(refusal))
        else:
            _say(request, dealt, "approved" if form is None else "excused")
            return redirect(back)
    rows, kept = _sort_out(request, chosen, action)
    if not rows:
        for sentence in dict.fromkeys(kept.values()):
            messages.error(request, sentence)
        return redirect(back)
    context = {"action": action, "rows": rows, "total": total(chosen.exclude(pk__in=kept)), "form": form, "back": back}
    context["kept"] = Counter(kept.values()).items()
    return render(request, "office/charges_decide.html", {**context, "filters": ChargeFilters.of(request.POST)})


def _sort_out(request: SignedInRequest, chosen: Iterable[Charge], action: str) -> tuple[list[Charge], dict[UUID, str]]:
    """The charges that this officer may deal with; and, by id, why not, of the others."""
    why_not: Callable[..., str] = why_not_excused
    if action == "approve":
        why_not = partial(why_not_approved, settings=ChargingSettings.objects.filter(partnership=request.partnership).first())
    said = {one: why_not(one, by=request.user) for one in chosen}
    return [one for one in said if not said[one]], {one.pk: sentence for one, sentence in said.items() if sentence}


def _decide(request: SignedInRequest, ids: list[UUID], form: ExcuseForm | None) -> Dealt:
    asked: dict[str, Any] = {"partnership": request.partnership, "charges": ids, "by": request.user, "at": now()}
    return approve_charges(**asked) if form is None else excuse_charges(**asked, **form.cleaned_data)


def _say(request: SignedInRequest, dealt: Dealt, what: str) -> None:
    if dealt.done:
        amount = wording.pounds(sum(charge.amount for charge in dealt.done))  # type: ignore[arg-type]
        messages.success(request, f"{wording.count(len(dealt.done), 'charge')} {what}, {amount} in all.")
    to_post = Charge.objects.filter(pk__in=[charge.pk for charge in dealt.done], by_post=ByPost.WAITS).count()
    if to_post:
        letters = wording.count(to_post, "letter has", "letters have")
        messages.warning(request, f"{letters} no e-mail address to go to: print or post them from the charge’s page.")
    for sentence, count in dealt.reasons.items():
        messages.error(request, f"{wording.count(count, 'charge')} left as it was: {sentence}")


def own_charge(request: SignedInRequest, charge_id: UUID) -> Charge:
    """The charge, if it is the partnership's; 404 otherwise."""
    joined = charges_of(request.partnership).select_related(
        "policy_version",
        "approved_by",
        "excused_by",
        "raised_by",
        "reverses",
        "charge_list",
        "person",
        "event",
        "organisation",
        "booking__billing",
        "partnership",
        "reverses__policy_version",
    )
    return get_object_or_404(joined, pk=charge_id)


@needs("manage_charges")
@require_GET
def charge(request: SignedInRequest, charge_id: UUID) -> HttpResponse:
    """How it came about, where its bill goes, and who did what to it."""
    shown = own_charge(request, charge_id)
    context = {
        "charge": shown,
        "reference": reference(shown),
        "billing": BillingDetails.objects.filter(booking=shown.booking_id).first() if shown.booking_id else None,
        "changes": list(shown.changes.select_related("by")),
        "credits": list(shown.credits.order_by("raised_at")),
        "can_bill": shown.booking_id is not None and shown.state in (ChargeState.DRAFT, ChargeState.APPROVED),
        "can_rework": shown.state == ChargeState.DRAFT and shown.kind in ONCE_A_BOOKING and shown.booking_id is not None,
        "can_credit": shown.kind != ChargeKind.CREDIT and shown.state in (ChargeState.APPROVED, ChargeState.LISTED),
    }
    return render(request, "office/charge.html", context)


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def charge_letter(request: SignedInRequest, charge_id: UUID) -> HttpResponse:
    """The letter to somebody without an e-mail address, to print; and the buttons that say it has left, or send it after all."""
    shown = own_charge(request, charge_id)
    if request.method == "POST":
        by_mail = request.POST.get("do") == "mail"
        try:
            act = send_letter_by_mail if by_mail else say_letter_is_posted
            act(charge=shown, by=request.user, at=now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            said = "The letter leaves within a minute." if by_mail else "Noted: the letter is printed or posted."
            messages.success(request, said)
        return redirect("office_charge", shown.pk)
    if not shown.by_post:
        raise Http404
    letter = letter_on_paper(shown)
    bill = BillingDetails.objects.filter(booking=shown.booking_id).first() if shown.booking_id else None
    context = {"charge": shown, "letter": letter, "text": shown_text(letter), "billing": bill, "today": london_date(now())}
    return render(request, "office/charge_letter.html", context)


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def charge_credit(request: SignedInRequest, charge_id: UUID) -> HttpResponse:
    """Take an approved charge back by a credit, with a reason."""
    shown = own_charge(request, charge_id)
    form = ReasonForm(request.POST if request.method == "POST" else None, label="Why is it taken back?", hint="It is kept.")
    if request.method == "POST" and form.is_valid():
        try:
            made = reverse_charge(charge=shown, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"A credit of {wording.pounds(abs(made.amount))} is drafted. Approve it to send it on.")
            return redirect("office_charge", made.pk)
    return render(request, "office/charge_reason.html", {"charge": shown, "form": form, "is_credit": True})


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def charge_restore(request: SignedInRequest, charge_id: UUID) -> HttpResponse:
    """Make an excused charge a draft again, with a reason."""
    shown = own_charge(request, charge_id)
    form = ReasonForm(
        request.POST if request.method == "POST" else None, label="Why is it charged after all?", hint="It is kept."
    )
    if request.method == "POST" and form.is_valid():
        try:
            restore_charge(charge=shown, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "It is a draft again.")
            return redirect("office_charge", shown.pk)
    return render(request, "office/charge_reason.html", {"charge": shown, "form": form})


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def charge_rework(request: SignedInRequest, charge_id: UUID) -> HttpResponse:
    """Work a draft out again: as another payer class, or because the event has changed."""
    shown = own_charge(request, charge_id)
    form = ReworkForm(request.POST if request.method == "POST" else None, initial={"payer_class": shown.payer_class})
    if request.method == "POST" and form.is_valid():
        try:
            made = work_out_again(charge=shown, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            what = f"It comes to {wording.pounds(made.amount)}." if made.state == ChargeState.DRAFT else "It comes to nothing."
            messages.success(request, f"Worked out again. {what}")
            return redirect("office_charge", made.pk)
    return render(request, "office/charge_rework.html", {"charge": shown, "form": form})
