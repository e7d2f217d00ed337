"""Addresses that messages come back from, and trying one again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from core.clock import now
from core.wording import count
from notifications.bounces import bounced_of, try_again
from people.access import SignedInRequest, needs

PAGE = 50


@needs("see_messages")
@require_GET
def bounces(request: SignedInRequest) -> HttpResponse:
    """Of those that the partnership wrote to, whoever they belong to: also managers, whom we know by their address alone."""
    page = Paginator(bounced_of(request.partnership), PAGE).get_page(request.GET.get("page"))
    return render(request, "office/bounces.html", {"page": page})


@needs("see_messages")
@require_POST
def bounce_try_again(request: SignedInRequest, bounced_id: UUID) -> HttpResponse:
    found = next((one for one, _ in bounced_of(request.partnership) if one.pk == bounced_id), None)
    if found is None:
        raise Http404
    left = try_again(bounced=found, by=request.user, at=now())
    waited = f"{count(left, 'message', 'messages')} that waited will be sent within a minute. " if left else ""
    messages.success(request, f"{waited}If it still does not work, the address comes back to this list.")
    return redirect("office_bounces")
