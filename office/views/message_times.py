"""When a partnership's letters leave."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from bookings import digest
from bookings.messages import calls
from bookings.models import MessageSettings
from bookings.operations import change_message_settings
from bookings.preview import unsent_message
from core.clock import now
from core.refusals import Refused
from notifications.rendering import shown_text
from office.forms.planned import MessageSettingsForm
from people.access import SignedInRequest, needs


@needs("manage_partnership")
@require_http_methods(["GET", "POST"])
def message_times(request: SignedInRequest) -> HttpResponse:
    form = MessageSettingsForm(
        request.POST if request.method == "POST" else None,
        initial=MessageSettingsForm.details_of(MessageSettings.of(request.partnership)),
    )
    if form.is_valid():
        try:
            change_message_settings(partnership=request.partnership, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, "Saved. Every letter that has not left takes it.")
            return redirect("office_message_times")
    settings = MessageSettings.of(request.partnership)
    upcoming = {"next_digest": digest.next_issue(settings, now()), "digest_readers": digest.readers(request.partnership).count()}
    return render(request, "office/message_times.html", {"form": form, **upcoming})


@needs("manage_partnership")
@require_GET
def digest_preview(request: SignedInRequest) -> HttpResponse:
    """The programme as it would leave now, read as whoever looks."""
    at = now()
    themes = digest.programme(request.partnership, at)
    letter = calls.digest(request.partnership, request.user, programme=calls.in_words(themes)) if themes else None
    unsent = unsent_message(request.partnership, letter) if letter else None
    context = {
        "letter": unsent,
        "text": shown_text(unsent) if unsent else "",
        "readers": digest.readers(request.partnership).count(),
    }
    return render(request, "office/digest.html", context)
