"""Head counts of an event, and the rule by which its marks become attendance."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core import wording
from core.clock import now
from core.refusals import Refused
from people.access import SignedInRequest, signed_in
from registers.forms import HeadCountForm, RuleForm
from registers.models import HeadCount
from registers.operations import add_head_count, remove_head_count, set_attendance_rule
from registers.queries import rule_of
from registers.views.access import note_refusal, session_or_404


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register_head_counts(request: SignedInRequest, session_id: uuid.UUID) -> HttpResponse:
    session = session_or_404(request, session_id)
    form = HeadCountForm(request.POST if request.method == "POST" else None, partnership=session.event.lead_host)
    if request.method == "POST" and form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("count", "organisation", "note")}
        try:
            add_head_count(event=session.event, **wanted, by=request.user, at=now())
        except Refused as refusal:
            note_refusal(form, refusal)
        else:
            messages.success(request, f"Head count of {wording.count(wanted['count'], 'person', 'people')} added.")
            return redirect("register_head_counts", session.pk)
    counts = list(HeadCount.objects.filter(event=session.event).select_related("organisation", "entered_by"))
    context = {"session": session, "event": session.event, "form": form, "head_counts": counts}
    return render(request, "registers/head_counts.html", {**context, "total": sum(row.count for row in counts)})


@signed_in
@require_POST
def register_head_count_remove(request: SignedInRequest, session_id: uuid.UUID, head_count_id: uuid.UUID) -> HttpResponse:
    session = session_or_404(request, session_id)
    row = get_object_or_404(HeadCount.objects.select_related("event__lead_host"), event=session.event, pk=head_count_id)
    try:
        remove_head_count(head_count=row, by=request.user, at=now())
        messages.success(request, f"Head count of {row.count} taken away.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("register_head_counts", session.pk)


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register_rule(request: SignedInRequest, session_id: uuid.UUID) -> HttpResponse:
    """When somebody counts as having attended the whole event."""
    session = session_or_404(request, session_id)
    rule = rule_of(session.event)
    initial = {"minimum_sessions": rule.minimum_sessions, "left_early_counts": rule.left_early_counts}
    form = RuleForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_attendance_rule(event=session.event, **form.cleaned_data, by=request.user, at=now())
        except Refused as refusal:
            note_refusal(form, refusal)
        else:
            messages.success(request, "Rule saved. Attendance follows it.")
            return redirect("register", session.pk)
    context = {"session": session, "event": session.event, "form": form, "sessions": session.event.sessions.count()}
    return render(request, "registers/rule.html", context)
