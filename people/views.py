"""Signing in and out, and what a person says of themselves."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.account.views import logout
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import london_date, now
from core.refusals import Refused
from people import operations
from people.access import SignedInRequest, public, signed_in
from people.forms import ProfileForm
from people.queries import search_organisations
from people.redirects import next_page
from people.sign_in import SignInCodeView, SignInView, code_is_waiting, sign_in_address

_ask_for_address = SignInView.as_view()
_ask_for_code = SignInCodeView.as_view()


@public
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    return _ask_for_address(request)


@public
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated and not code_is_waiting(request):
        messages.error(
            request,
            "That code was used already or is more than 15 minutes old, or you asked for it in another browser. "
            "Enter your e-mail address to get a new one.",
        )
        return redirect(sign_in_address(request))
    return _ask_for_code(request)


@public
@require_GET
def sign_in_stopped(request: HttpRequest) -> HttpResponse:
    return render(request, "account/account_inactive.html")


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    return logout(request)


@signed_in
@require_http_methods(["GET", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    if not request.partnership:
        return redirect("home")  # it says how to begin
    person, at = request.user, now()
    is_first = person.profile_done_at is None
    form = ProfileForm(
        request.POST or None,
        partnership=request.partnership,
        today=london_date(at),
        initial=ProfileForm.answers_of(person),
    )
    if form.is_valid():
        try:
            operations.complete_profile(person=person, partnership=request.partnership, at=at, **form.answers())
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "Welcome. You can book now." if is_first else "Your details are saved.")
            return redirect(next_page(request) or ("my_learning" if is_first else "profile"))
    page = {"form": form, "is_first": is_first, "next": next_page(request), "addresses": EmailAddress.objects.filter(user=person)}
    return render(request, "people/profile.html", page)


@signed_in
@require_GET
def organisation_search(request: SignedInRequest) -> JsonResponse:
    """The organisations a person may mean, for the list under the field. ``q`` is what they have typed so far."""
    text = request.GET.get("q", "")[:200]
    found = search_organisations(partnership=request.partnership, text=text, on=london_date(now()))
    return JsonResponse({"organisations": [{"name": each.name, "detail": str(each.borough or each.sector)} for each in found]})
