"""The lists behind courses and events, one page with a tab for each. Nothing is deleted: old events keep pointing at it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.clock import now
from core.ids import id_in
from core.refusals import Refused
from office.lists import LISTS, TABS, NamedList
from office.views.own import sent_again
from people.access import SignedInRequest, needs

PAGE = 50


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def lists(request: SignedInRequest) -> HttpResponse:
    """One of the lists, and a form that adds to it, or changes the row that ``?change=`` names.

    ``?list=`` names the list; that of recommendations needs to know the ``?review=``.
    """
    shown = LISTS.get(request.GET.get("list", ""), LISTS["themes"])
    row = _asked_for(shown.rows(request.partnership), request.GET.get("change"))
    review = _review(request, shown, row)
    form = shown.form(request.POST if request.method == "POST" else None, initial=shown.values_of(row) if row else None)
    if request.method == "POST" and form.is_valid() and "again" not in request.POST:
        try:
            if check := _check(request, shown, row, form.cleaned_data):
                context = {"row": row, "check": check, "sent": sent_again(request), "back": _address(request, shown.tab)}
                return render(request, "office/venue_check.html", context)
            saved = _save(request, shown, row, review, form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            told = " Nobody was written to." if row and _is_quiet(request, shown) else ""
            messages.success(request, f"“{saved}” is {'saved' if row else 'added'}.{told}")
            return redirect(_address(request, shown.tab))
    page = Paginator(LISTS[shown.tab].rows(request.partnership), PAGE).get_page(request.GET.get("page"))
    context = {"shown": shown, "tabs": TABS, "row": row, "review": review, "form": form, "page": page}
    return render(request, "office/lists.html", {**context, "back": _address(request, shown.tab)})


def _asked_for(rows: QuerySet[Any], key: str | None) -> Any:
    """The row an address names; None if it names none. Raises Http404 for one that is not there."""
    row = rows.filter(pk=id_in(key)).first()
    if key and row is None:
        raise Http404
    return row


def _review(request: SignedInRequest, shown: NamedList, row: Any) -> Any:
    """The review whose recommendation is added or changed."""
    if shown.key != "recommendations":
        return None
    review = row.review if row else _asked_for(LISTS["reviews"].rows(request.partnership), request.GET.get("review"))
    if review is None:
        raise Http404
    return review


def _check(request: SignedInRequest, shown: NamedList, row: Any, values: dict[str, Any]) -> Any:
    """Who would be told; None for nobody, and where that was looked at. Raises Refused as the change does."""
    if row is None or "checked" in request.POST:
        return None
    return shown.check(row, by=request.user, at=now(), **values)


def _save(request: SignedInRequest, shown: NamedList, row: Any, review: Any, values: dict[str, Any]) -> Model:
    if row is not None:
        quietly = {"quietly": True} if _is_quiet(request, shown) else {}
        saved: Model = shown.change(row, by=request.user, at=now(), **quietly, **values)
        return saved
    whose = {"review": review} if review is not None else {"partnership": request.partnership}
    added: Model = shown.add(**whose, by=request.user, at=now(), **values)
    return added


def _is_quiet(request: SignedInRequest, shown: NamedList) -> bool:
    return shown.key == "venues" and request.POST.get("checked") == "quietly"


def _address(request: SignedInRequest, tab: str) -> str:
    page = request.GET.get("page")
    return reverse("office_lists", query={"list": tab, **({"page": page} if page else {})})
