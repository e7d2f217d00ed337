"""The register itself: the whole page and one form without JavaScript, one POST a tap with it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import wording
from core.clock import now
from core.refusals import Refused
from events.models import Session
from people.access import SignedInRequest, signed_in
from registers import policies
from registers.forms import MarkForm, changed_choices
from registers.models import Mark, MarkValue, Register, RegisterState
from registers.operations import mark_several
from registers.queries import count_lines, register_lines
from registers.views.access import session_or_404


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: SignedInRequest, session_id: uuid.UUID) -> HttpResponse:
    session = session_or_404(request, session_id)
    if request.method != "POST":
        return _page(request, session)
    choices = changed_choices(request.POST, register_lines(session))
    rest = MarkValue.PRESENT if "all_present" in request.POST else ""
    try:
        saved = mark_several(session=session, choices=choices, rest=rest, by=request.user, at=now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("register", session.pk)
    if saved.conflicts:
        return _page(request, session, {conflict.choice.person_id: str(conflict) for conflict in saved.conflicts})
    said = f"Saved {wording.count(saved.marked, 'mark')}." if saved.marked else "Nothing to save: every mark is as it was."
    messages.success(request, said)
    return redirect("register", session.pk)


def _page(request: SignedInRequest, session: Session, errors: dict[uuid.UUID, str] | None = None) -> HttpResponse:
    errors = errors or {}
    at = now()
    lines = register_lines(session)
    taken = Register.objects.filter(session=session).select_related("closed_by").first()
    is_closed = taken is not None and taken.state == RegisterState.CLOSED
    if taken is not None:
        taken.session = session
    why_not = policies.why_not(session=session, by=request.user, at=at)
    context = {
        "session": session,
        "event": session.event,
        "register": taken,
        "is_closed": is_closed,
        "why_not": why_not,
        "may_mark": not why_not and not is_closed,
        "may_reopen": taken is not None and is_closed and policies.can_reopen(register=taken, by=request.user, at=at),
        "rows": [{"line": line, "error": errors.get(line.person_id, "")} for line in lines],
        "errors": [(line.person_id, errors[line.person_id]) for line in lines if line.person_id in errors],
        "walk_ins": [line for line in lines if line.is_walk_in],
        "counts": count_lines(lines),
        "sessions": list(Session.objects.filter(event=session.event)),
    }
    return render(request, "registers/register.html", context, status=409 if errors else 200)


@signed_in
@never_cache
@require_POST
def register_mark(request: SignedInRequest, session_id: uuid.UUID) -> HttpResponse:
    """One tap. Answers with the mark that stands: 200 when it is the one sent, 409 when somebody else's is."""
    session = session_or_404(request, session_id)
    form = MarkForm(request.POST)
    if not form.is_valid():
        return _refused("The mark could not be read. Load the page again.", "unreadable", 400)
    try:
        conflicts = mark_several(session=session, choices=[form.choice()], by=request.user, at=now()).conflicts
    except Refused as refusal:
        return _refused(str(refusal), refusal.code, 422)
    if conflicts:
        standing = _as_json(conflicts[0].standing)
        return JsonResponse({"code": "changed_meanwhile", "message": str(conflicts[0]), "mark": standing}, status=409)
    mark = Mark.objects.select_related("marked_by").get(session=session, person=form.cleaned_data["person"])
    return JsonResponse({"mark": _as_json(mark)})


def _refused(message: str, code: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)


@signed_in
@never_cache
@require_safe
def register_marks(request: SignedInRequest, session_id: uuid.UUID) -> HttpResponse:
    """Every mark that stands, so that an open page can show what another trainer marked."""
    session = session_or_404(request, session_id)
    marks = Mark.objects.filter(session=session).select_related("marked_by")
    closed = Register.objects.filter(session=session, state=RegisterState.CLOSED).exists()
    return JsonResponse({"closed": closed, "marks": [_as_json(mark) for mark in marks]})


def _as_json(mark: Mark) -> dict[str, Any]:
    return {
        "person": str(mark.person_id),
        "value": mark.value,
        "label": MarkValue(mark.value).label,
        "version": mark.version,
        "by": mark.marked_by.name if mark.marked_by else "",
        "at": wording.clock(mark.marked_at),
    }
