"""The partnership's own page, and which partnership somebody works for at the moment."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from bookings.messages.letters import CONFIRMED
from bookings.messages.texts import TEXTS
from core.clock import now
from core.refusals import Refused
from notifications.own_texts import send_test
from office.forms.partnership import PartnershipForm
from people.access import SignedInRequest, needs, signed_in
from people.middleware import PARTNERSHIP_KEY
from people.models import Partnership
from people.operations import change_partnership
from people.operations.partnerships import CHANGEABLE
from people.policies import can


@needs("manage_partnership")
@require_http_methods(["GET", "POST"])
def partnership_change(request: SignedInRequest) -> HttpResponse:
    partnership = Partnership.objects.get(pk=request.partnership.pk)
    initial = {name: getattr(partnership, name) for name in CHANGEABLE}
    form = PartnershipForm(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid():
        try:
            change_partnership(partnership=partnership, by=request.user, at=now(), **form.details())
        except ValidationError as refused:
            for field, sentences in refused.message_dict.items():
                form.add_error(field if field in form.fields else None, sentences)
        else:
            messages.success(request, "Saved. Every page shows it from now on.")
            return redirect("office_partnership")
    others = [one for one in _worked_for(request) if one != partnership]
    return render(request, "office/partnership.html", {"form": form, "others": others, "shown": partnership})


@needs("manage_partnership")
@require_POST
def partnership_test_message(request: SignedInRequest) -> HttpResponse:
    """A confirmation with examples in it, to whoever asks: to see who it comes from, and whether it arrives."""
    standard = TEXTS[CONFIRMED]
    try:
        address = send_test(
            partnership=request.partnership,
            standard=standard,
            subject=standard.subject,
            body=standard.body,
            by=request.user,
            at=now(),
            has_entry=True,
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"A test is on its way to {address}. Messages, newest first, say how it fares.")
    return redirect("office_partnership")


@signed_in
@require_POST
def partnership_choose(request: SignedInRequest) -> HttpResponse:
    """Work for another partnership that one is an officer of: pages show that one's events and people from now on."""
    chosen = request.POST.get("partnership", "")
    if chosen in {str(one.pk) for one in _worked_for(request)}:
        request.session[PARTNERSHIP_KEY] = chosen
    return redirect("office")


def _worked_for(request: SignedInRequest) -> list[Partnership]:
    """Those whose page leads back here: with any other role, nobody could return."""
    found = {grant.partnership for grant in request.grants if can(request.grants, "manage_partnership", grant.partnership)}
    return sorted(found, key=str)
