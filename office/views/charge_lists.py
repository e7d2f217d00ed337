"""Lists for the finance team: made of what is approved, fetched as often as needed."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from bookings.charging.finance import COLUMNS, charges_in, finance_rows
from bookings.models import ChargeList, ChargeState
from bookings.operations import list_for_finance
from core import wording
from core.clock import now
from core.csv_out import csv_response
from core.refusals import Refused
from core.xlsx_out import xlsx_response
from office.charges import by_state
from office.forms.charges import ListForm
from people.access import SignedInRequest, needs

PAGE = 25


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def charge_lists(request: SignedInRequest) -> HttpResponse:
    """What waits to be listed, and every list that was made, newest first."""
    form = ListForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = list_for_finance(partnership=request.partnership, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            number = wording.count(made.charges.count(), "charge")
            messages.success(request, f"{made} is made, with {number}. Download it and send it to the finance team.")
            return redirect("office_charge_lists")
    rows = ChargeList.objects.filter(partnership=request.partnership).select_related("made_by")
    rows = rows.annotate(count=Count("charges"), amount=Sum("charges__amount")).order_by("-number")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    waiting = by_state(request.partnership)[ChargeState.APPROVED]
    return render(request, "office/charge_lists.html", {"page": page, "form": form, "waiting": waiting})


@needs("manage_charges")
@require_GET
def charge_list_csv(request: SignedInRequest, number: int) -> HttpResponse:
    made = get_object_or_404(ChargeList, partnership=request.partnership, number=number)
    return csv_response(f"charges-{number}.csv", COLUMNS, finance_rows(charges_in(made)))


@needs("manage_charges")
@require_GET
def charge_list_xlsx(request: SignedInRequest, number: int) -> HttpResponse:
    made = get_object_or_404(ChargeList, partnership=request.partnership, number=number)
    return xlsx_response(f"charges-{number}.xlsx", str(made), COLUMNS, finance_rows(charges_in(made)))
