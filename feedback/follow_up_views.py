"""Where the links of a follow-up's letter lead: the questions, and the page that stops such questions. No sign-in, no cookie.

Who may is decided by the link alone, so there is no token against forged requests: whoever could forge one has the link. A page
that could be refused for a lost cookie would lose what somebody typed. Servers and proxies are to leave ``/follow-up/`` out of
their access logs (docs/operations.md).
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core import personal_links
from core.clock import now
from core.refusals import Refused
from feedback import policies, queries
from feedback.forms import Answers
from feedback.models import FOLLOW_UP_LINK, NO_FOLLOW_UPS_LINK, FollowUp
from feedback.operations import answer_follow_up, set_follow_ups
from people.access import public


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: HttpRequest, token: str) -> HttpResponse:
    """The questions; from the day they are answered only that they are.

    Mail is forwarded and mailboxes are shared, so nobody who opens the link later reads or changes what was said.
    """
    asked = queries.follow_up_by_link(FOLLOW_UP_LINK, token)
    if asked is None:
        return render(request, "feedback/follow_up_gone.html", status=404)
    at, is_post = now(), request.method == "POST"
    form = Answers(list(asked.questionnaire.questions.all()), request.POST if is_post else None)
    if is_post and (asked.answered_on is not None or (form.is_valid() and _keep(asked, form, at))):
        return redirect("follow_up", token)
    stop = personal_links.fill(personal_links.placeholder(NO_FOLLOW_UPS_LINK, str(asked.pk)))
    context = {**_about(asked), "form": form, "token": token, "stop": stop}
    try:
        policies.check_follow_up_can_be_answered(asked, at)
    except Refused as refusal:
        if not is_post:
            return render(request, "feedback/follow_up_over.html", {**context, "reason": str(refusal)})
    return render(request, "feedback/follow_up.html", context)


def _keep(asked: FollowUp, form: Answers, at: datetime) -> bool:
    """Whether they are kept, now or by the press before. A refusal is put on the page, which holds all that was typed."""
    try:
        answer_follow_up(follow_up=asked, answers=form.answers(), at=at)
    except Refused as refusal:
        if refusal.code == "follow_up_answered":
            return True
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return form.is_valid()


def _about(asked: FollowUp) -> dict[str, object]:
    """What the pages show: the event as anybody may read it, in the colours of its lead host. No name: links are forwarded."""
    return {"asked": asked, "event": asked.event, "partnership": asked.event.lead_host, "shown_from": queries.SHOWN_FROM}


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_follow_ups(request: HttpRequest, token: str) -> HttpResponse:
    """The page asks, the button does it: a mail scanner that opens the link changes nothing.

    Mail programs have a button of their own that posts here (RFC 8058).
    """
    asked = queries.follow_up_by_link(NO_FOLLOW_UPS_LINK, token)
    if asked is None:
        return render(request, "feedback/follow_up_gone.html", status=404)
    if request.method == "POST":
        set_follow_ups(person=asked.person, wanted=request.POST.get("do") == "ask_again", by=None, at=now())
        if "List-Unsubscribe" not in request.POST:  # a mail program's button must not be sent elsewhere
            return redirect("stop_follow_ups", token)
    return render(request, "feedback/follow_up_stop.html", {**_about(asked), "is_wanted": queries.wants_follow_ups(asked.person)})
