"""The texts of messages: which there are, one in the partnership's own words, and the way back to the standard."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from bookings.messages import CALENDAR_METHODS
from bookings.messages.letters import FURTHER_ENTRY
from bookings.models import MessageSettings
from core.clock import now
from core.refusals import Refused
from notifications.own_texts import change_text, own_text, restore_text, send_test
from notifications.texts import Standard, checked
from office.forms.text import TextForm
from office.texts import EXAMPLE, TEXTS, history_of, label_of, leaves, placeholders_of, preview, previewed_as, texts_by_recipient
from people.access import SignedInRequest, needs
from people.policies import can


@needs("manage_partnership")
@require_GET
def texts(request: SignedInRequest) -> HttpResponse:
    groups = texts_by_recipient(request.partnership)
    own = sum(1 for rows in groups.values() for row in rows if row.own)
    return render(request, "office/texts.html", {"groups": groups, "own": own, "count": len(TEXTS)})


@needs("manage_partnership")
@require_http_methods(["GET", "POST"])
def text(request: SignedInRequest, key: str) -> HttpResponse:
    """One text. POST previews it, sends it to whoever asks as a test, or saves it."""
    standard = _standard(key)
    own = own_text(request.partnership, key)
    initial = {"subject": standard.subject, "body": standard.body, "read": ""}
    if own:
        initial = {"subject": own.subject, "body": own.body, "read": own.changed_at.isoformat()}
    form = TextForm(request.POST or None, initial=initial, seen_as=_seen_as(request, standard))
    context: dict[str, object] = {}
    if form.is_valid():
        try:
            if done := _do(request, standard, form, context):
                return done
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context |= {
        "form": form,
        "own": own,
        "standard": standard,
        "label": label_of(standard),
        "leaves": leaves(standard, MessageSettings.of(request.partnership)),
        "placeholders": placeholders_of(standard),
        "history": history_of(request.partnership, key),
    }
    return render(request, "office/text.html", context)


def _do(request: SignedInRequest, standard: Standard, form: TextForm, context: dict[str, object]) -> HttpResponse | None:
    """What the button says. Raises Refused."""
    said = {"subject": form.cleaned_data["subject"], "body": form.cleaned_data["body"]}
    if "preview" in request.POST:
        subject, body = checked(standard, **said)
        seen_as = form.cleaned_data["seen_as"] if _sees_messages(request) else EXAMPLE
        context["preview"] = preview(request.partnership, standard, subject=subject, body=body, seen_as=seen_as)
        return None
    if "test" in request.POST:
        has_entry = standard.kind in {*CALENDAR_METHODS, FURTHER_ENTRY}
        address = send_test(
            partnership=request.partnership, standard=standard, by=request.user, at=now(), has_entry=has_entry, **said
        )
        context["tested"] = address
        return None
    read = form.cleaned_data["read"]
    change_text(partnership=request.partnership, standard=standard, by=request.user, at=now(), read=read, **said)
    messages.success(request, "Saved. Every message of this kind that leaves from now on says it.")
    return redirect("office_text", standard.kind)


@needs("manage_partnership")
@require_http_methods(["GET", "POST"])
def text_restore(request: SignedInRequest, key: str) -> HttpResponse:
    """Asks first: what they wrote is not kept."""
    standard, own = _standard(key), own_text(request.partnership, key)
    if request.method == "POST" and restore_text(partnership=request.partnership, kind=key, by=request.user, at=now()):
        messages.success(request, "Every message of this kind that leaves from now on says the standard text.")
    if request.method == "POST" or own is None:
        return redirect("office_text", key)
    return render(request, "office/text_restore.html", {"standard": standard, "own": own, "label": label_of(standard)})


def _standard(key: str) -> Standard:
    if key not in TEXTS:
        raise Http404
    return TEXTS[key]


def _seen_as(request: SignedInRequest, standard: Standard) -> list[tuple[str, str]]:
    """Real people's messages only for whoever may see them anyway."""
    found = previewed_as(request.partnership, standard)
    return found if _sees_messages(request) else found[-1:]


def _sees_messages(request: SignedInRequest) -> bool:
    return can(request.grants, "see_messages", request.partnership)
