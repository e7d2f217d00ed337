"""Whose register is to take now."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.clock import now
from people.access import SignedInRequest, signed_in
from people.policies import can
from registers.queries import registers_of, with_counts

TO_COME = 20
LATELY_CLOSED = 10
ON_A_PAGE = 20


@signed_in
@require_safe
def registers_today(request: SignedInRequest) -> HttpResponse:
    at = now()
    is_officer = can(request.grants, "take_registers", request.partnership)
    partnership = request.partnership if is_officer else None
    theirs = registers_of(person=request.user, partnership=partnership, at=at)
    page = Paginator(theirs.not_taken, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "date": at,
        "is_officer": is_officer,
        "today": with_counts(list(theirs.today)),
        "not_taken": with_counts(list(page.object_list)),
        "page": page,
        "to_come": with_counts(list(theirs.to_come[:TO_COME])),
        "lately_closed": with_counts(list(theirs.lately_closed[:LATELY_CLOSED])),
    }
    return render(request, "registers/today.html", context)
