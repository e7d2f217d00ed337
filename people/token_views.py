"""The tokens of a person's own programs: made, listed, revoked."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from core.clock import now
from core.refusals import Refused
from people import operations
from people.access import SignedInRequest, signed_in
from people.forms import TokenForm
from people.models import ApiToken
from people.permissions import SCOPES


@signed_in
@never_cache
@require_GET
def api_tokens(request: SignedInRequest) -> HttpResponse:
    at = now()
    theirs = ApiToken.objects.filter(person=request.user)
    in_force = list(theirs.in_force(at))
    ended = list(theirs.exclude(pk__in=[token.pk for token in in_force])[:50])
    return render(request, "people/tokens.html", {"in_force": in_force, "ended": ended, "sentences": SCOPES})


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def make_token(request: SignedInRequest) -> HttpResponse:
    """The page that follows shows the token, this once. Loaded again it makes no second one: the name is taken."""
    form = TokenForm(request.POST or None)
    if form.is_valid():
        try:
            token, text = operations.make_token(person=request.user, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return render(request, "people/token_made.html", {"token": token, "text": text})
    return render(request, "people/token_new.html", {"form": form})


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def revoke_token(request: SignedInRequest, token_id: UUID) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=token_id, person=request.user)
    if request.method == "POST":
        try:
            operations.revoke_token(token=token, by=request.user, at=now())
            messages.success(request, f"“{token.name}” is revoked. It opens nothing any more.")
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("api_tokens")
    return render(request, "people/token_revoke.html", {"token": token})
