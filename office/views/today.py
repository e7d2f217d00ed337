"""The officer's day."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.clock import now
from office.today import needs_somebody
from people.access import SignedInRequest, needs


@needs("manage_events")
@require_GET
def today(request: SignedInRequest) -> HttpResponse:
    return render(request, "office/today.html", needs_somebody(request.partnership, now()))
