"""Closing, reopening and printing a register."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import now
from core.refusals import Refused
from events.models import EventTrainer, Session
from people.access import SignedInRequest, signed_in
from registers.forms import ReasonForm
from registers.operations import close_register, reopen_register
from registers.queries import count_lines, register_lines, register_summary
from registers.views.access import note_refusal, session_or_404

BLANK_LINES = 10


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register_close(request: SignedInRequest, session_id: uuid.UUID) -> HttpResponse:
    session = session_or_404(request, session_id)
    if request.method == "POST":
        try:
            close_register(session=session, rest_absent="rest_absent" in request.POST, by=request.user, at=now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("register_close", session.pk)
        messages.success(request, _closed(session))
        return redirect("register", session.pk)
    lines = register_lines(session)
    unmarked = [line for line in lines if not line.value]
    context = {"session": session, "event": session.event, "counts": count_lines(lines), "unmarked": unmarked}
    return render(request, "registers/close.html", context)


def _closed(session: Session) -> str:
    summary = register_summary([session.event])[session.event_id]
    if summary.is_done:
        return "Register closed. Attendance is in everybody's record."
    return f"Register closed. Attendance follows when all {summary.sessions} registers of the event are closed."


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register_reopen(request: SignedInRequest, session_id: uuid.UUID) -> HttpResponse:
    session = session_or_404(request, session_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            reopen_register(session=session, reason=form.cleaned_data["reason"], by=request.user, at=now())
        except Refused as refusal:
            note_refusal(form, refusal)
        else:
            messages.success(request, "Register open again. Attendance comes back when it is closed.")
            return redirect("register", session.pk)
    summary = register_summary([session.event])[session.event_id]
    context = {"session": session, "event": session.event, "form": form, "summary": summary}
    return render(request, "registers/reopen.html", context)


@signed_in
@never_cache
@require_safe
def register_print(request: SignedInRequest, session_id: uuid.UUID) -> HttpResponse:
    """An A4 sheet to sign. The event is called by the title that strangers may read: paper lies about."""
    session = session_or_404(request, session_id)
    context = {
        "session": session,
        "event": session.event,
        "lines": register_lines(session),
        "trainers": list(EventTrainer.objects.filter(event=session.event)),
        "blanks": range(BLANK_LINES),
    }
    return render(request, "registers/print.html", context)
