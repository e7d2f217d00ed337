"""When a partnership's letters leave."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
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
from office.views.leaving import save_or_ask
from people.access import SignedInRequest, needs
from people.models import Partnership


@needs("manage_partnership")
@require_http_methods(["GET", "POST"])
def message_times(request: SignedInRequest) -> HttpResponse:
    form = MessageSettingsForm(
        request.POST if request.method == "POST" else None,
        initial=MessageSettingsForm.details_of(MessageSettings.of(request.partnership)),
    )
    if form.is_valid():
        at, partnership = now(), Partnership.objects.get(pk=request.partnership.pk)
        save = partial(change_message_settings, partnership=partnership, by=request.user, at=at, **form.cleaned_data)
        try:
            asks = save_or_ask(request, save, at=at, back_to="When messages leave", back=reverse("office_message_times"))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            if asks:
                return asks
            messages.success(request, "Saved. Every message that is not written yet takes it.")
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
