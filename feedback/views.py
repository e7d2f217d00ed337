"""The evaluation that a QR code leads to, the picture of the code, and the results.

The evaluation keeps nothing that could be joined with its answers: it reads no session and needs no cookie, so it has no token
against forged requests either (it acts for nobody, so there is nothing to forge), and it leaves one cookie that says "this device
has answered the form with this hash". Servers and proxies are to leave ``/e/``, and ``/E/`` as in QR pictures, out of their
access logs (docs/operations.md).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core import guessing, qr
from core.clock import now
from core.codes import picture_text, short_address
from core.refusals import Refused
from events.models import Event
from feedback import policies, queries
from feedback.forms import EvaluationAnswers
from feedback.missing import why_no_form
from feedback.models import Channel, EvaluationForm
from feedback.operations import submit_evaluation
from people.access import SignedInRequest, public, signed_in

DEVICE_REMEMBERS = 60 * 24 * 60 * 60
PICTURE_PIXELS = 1200
COMMENTS_ON_A_PAGE = 50
CODES = "codes"


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def evaluation(request: HttpRequest, code: str) -> HttpResponse:
    at = now()
    form = None if guessing.guesses_too_much(request, CODES, at) else queries.form_by_code(code)
    if form is None:
        return _no_such_code(request, at)
    if _device_cookie(form) in request.COOKIES:
        return redirect(f"{reverse('evaluation_done', args=[form.code])}?already=yes")
    questions = list(form.questionnaire.questions.all())
    if request.method == "POST":
        page = EvaluationAnswers(questions, request.POST)
        if page.is_valid() and _send(form, page, at):
            return _thanks(form)
        return _evaluation_page(request, form, page)
    try:
        policies.check_can_be_answered(form, at)
    except Refused as refusal:
        return render(request, "feedback/evaluation_not_open.html", {**_about(form), "reason": str(refusal)})
    initial = {"sent_as": uuid.uuid4(), "via": request.GET.get("via", "")}
    return _evaluation_page(request, form, EvaluationAnswers(questions, initial=initial))


def _no_such_code(request: HttpRequest, at: datetime) -> HttpResponse:
    if guessing.guesses_too_much(request, CODES, at):
        answer = render(request, "feedback/too_many_codes.html", status=429)
        answer["Retry-After"] = "60"
        return answer
    guessing.note_wrong(request, CODES, at)
    return render(request, "feedback/unknown_code.html", status=404)


def _send(form: EvaluationForm, page: EvaluationAnswers, at: datetime) -> bool:
    """Whether the answers were kept. A refusal is put on the page, which still holds all that was typed."""
    channel = Channel.EMAIL if page.cleaned_data["via"] == Channel.EMAIL else Channel.QR
    try:
        submit_evaluation(form=form, channel=channel, answers=page.answers(), at=at, sent_as=page.page_mark())
    except Refused as refusal:
        page.add_error(refusal.field, str(refusal))
    return page.is_valid()


def _evaluation_page(request: HttpRequest, form: EvaluationForm, page: EvaluationAnswers) -> HttpResponse:
    return render(request, "feedback/evaluation.html", {**_about(form), "form": page})


def _thanks(form: EvaluationForm) -> HttpResponse:
    answer = redirect("evaluation_done", code=form.code)
    answer.set_cookie(_device_cookie(form), "1", max_age=DEVICE_REMEMBERS, httponly=True, samesite="Lax", secure=settings.HTTPS)
    return answer


def _device_cookie(form: EvaluationForm) -> str:
    return f"answered-{hashlib.sha256(form.code.encode()).hexdigest()[:16]}"


def _about(form: EvaluationForm) -> dict[str, object]:
    """What the pages of an evaluation show: the event as anybody may read it, in the colours of its lead host."""
    return {"event": form.event, "partnership": form.event.lead_host, "evaluation_form": form, "shown_from": queries.SHOWN_FROM}


@public
@never_cache
@require_safe
def evaluation_done(request: HttpRequest, code: str) -> HttpResponse:
    at = now()
    form = None if guessing.guesses_too_much(request, CODES, at) else queries.form_by_code(code)
    if form is None:
        return _no_such_code(request, at)
    return render(request, "feedback/evaluation_done.html", {**_about(form), "already": "already" in request.GET})


def event_for(request: SignedInRequest, event_id: uuid.UUID, may: Callable[..., bool]) -> Event:
    """The event, for whom it is; PermissionDenied within the partnership at hand, 404 outside it."""
    event = get_object_or_404(Event.objects.select_related("lead_host", "venue"), pk=event_id)
    if may(person=request.user, grants=request.grants, event=event):
        return event
    if request.partnership == event.lead_host:
        raise PermissionDenied("See the evaluation of this event, as its trainers and the training team may.")
    raise Http404


@signed_in
@require_safe
def event_qr(request: SignedInRequest, event_id: uuid.UUID) -> HttpResponse:
    """To show on a screen and to print as a poster."""
    event = event_for(request, event_id, policies.can_show_code)
    form = queries.form_of(event)
    context: dict[str, object] = {"event": event, "evaluation_form": form, "partnership": event.lead_host}
    if form is None:
        context["no_form"] = why_no_form(event, at=now())
    else:
        results = policies.can_see_results(person=request.user, grants=request.grants, event=event)
        context |= {"short_address": short_address("evaluation", form.code), "may_see_results": results}
    return render(request, "feedback/event_qr.html", context)


def _picture_text(request: SignedInRequest, event_id: uuid.UUID) -> tuple[str, Event]:
    event = event_for(request, event_id, policies.can_show_code)
    form = queries.form_of(event)
    if form is None:
        raise Http404
    return picture_text("evaluation", form.code), event


@signed_in
@require_safe
def event_qr_svg(request: SignedInRequest, event_id: uuid.UUID) -> HttpResponse:
    text, _ = _picture_text(request, event_id)
    return HttpResponse(qr.svg(text), content_type="image/svg+xml")


@signed_in
@require_safe
def event_qr_png(request: SignedInRequest, event_id: uuid.UUID) -> HttpResponse:
    text, event = _picture_text(request, event_id)
    name = f"evaluation-{event.starts_on:%Y-%m-%d}-{slugify(event.public_title)[:60]}.png"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(qr.png(text, PICTURE_PIXELS), content_type="image/png", headers=headers)


@signed_in
@require_safe
def event_results(request: SignedInRequest, event_id: uuid.UUID) -> HttpResponse:
    event = event_for(request, event_id, policies.can_see_results)
    form = queries.form_of(event)
    context: dict[str, object] = {"event": event, "shown_from": queries.SHOWN_FROM}
    if form is None:
        context["no_form"] = why_no_form(event, at=now())
    else:
        results = queries.results(form)
        comments = Paginator(results.comments, COMMENTS_ON_A_PAGE).get_page(request.GET.get("page"))
        context |= {"results": results, "comments": comments, "is_open": form.opens_at <= now() < form.closes_at}
    return render(request, "feedback/event_results.html", context)
