"""What an approver sees who opens a mailed link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import operations, policies, queries
from bookings.charging.reading import terms_of
from bookings.forms import ApprovalForm
from bookings.models import ApprovalRequest, Approver, Decision
from core.clock import now
from core.refusals import Refused
from events.queries import when, where
from people.access import public
from people.models import Person


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, token: str) -> HttpResponse:
    """Where a manager's mailed link leads: the page asks, the button answers. No account, and opening it changes nothing.

    Mail scanners open such links, some of them many times: the link works as often as it is opened, until it is answered.
    """
    asked, approver = queries.request_by_link(token)
    if asked is None:
        return render(request, "bookings/approve_gone.html", status=404)
    form, refused = ApprovalForm(request.POST if request.method == "POST" else None), None
    by = request.user if isinstance(request.user, Person) else None
    try:
        policies.check_is_open(asked, asked.booking, at=now())
        policies.check_may_answer(asked.booking, by=by)
        if request.method == "POST" and form.is_valid():
            answer = ANSWERS[form.cleaned_data["answer"]]
            answer(request=asked, approver=approver, by=by, at=now(), reason=form.cleaned_data["reason"])
            return redirect("approve", token)
    except Refused as refusal:
        refused = refusal
    return _page(request, asked, approver, form=form, refused=refused)


ANSWERS = {Decision.APPROVED: operations.approve_booking, Decision.DECLINED: operations.decline_booking}


def _page(
    request: HttpRequest, asked: ApprovalRequest, approver: str, *, form: ApprovalForm, refused: Refused | None
) -> HttpResponse:
    booking, is_post = asked.booking, request.method == "POST"
    context = {
        "asked": asked,
        "booking": booking,
        "event": booking.event,
        "form": form,
        "refused": refused,
        "is_deputy": approver == Approver.DEPUTY,
        "money": terms_of(booking, now()),
        "when": when(booking.event),
        "where": where(booking.event),
    }
    is_answered = asked.decision in ANSWERS and refused is not None and refused.code == "answered" and not is_post
    template = "bookings/approve_done.html" if is_answered else "bookings/approve.html"
    return render(request, template, context, status=409 if refused and is_post else 200)
