"""The list of events and the making of a new one."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.clock import london_date, now
from events.models import Event, EventKind, EventStatus
from office.queries import events_of, matching, with_places
from people.access import SignedInRequest, needs

WHEN = {"upcoming": "Upcoming", "past": "Past", "drafts": "Drafts", "cancelled": "Cancelled", "all": "All"}
PAGE = 50


@needs("manage_events")
@require_GET
def events(request: SignedInRequest) -> HttpResponse:
    """Every event the partnership leads; filters stand in the address."""
    when = request.GET.get("when", "upcoming")
    when = when if when in WHEN else "upcoming"
    text = request.GET.get("q", "").strip()[:100]
    kind = request.GET.get("kind", "") if request.GET.get("kind") in EventKind.values else ""
    rows = _at_time(events_of(request.partnership), when)
    if kind:
        rows = rows.filter(kind=kind)
    page = Paginator(matching(rows, text).select_related("venue", "course"), PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": page,
        "tags": _filter_tags(when, text, kind),
        "rows": with_places(list(page.object_list), now()),
        "when": when,
        "whens": WHEN,
        "kinds": EventKind.choices,
        "kind": kind,
        "text": text,
        "query": query.urlencode(),
    }
    return render(request, "office/events.html", context)


def _filter_tags(when: str, text: str, kind: str) -> list[dict[str, str]]:
    filters = {"q": text, "kind": kind}
    labels = {"q": f"“{text}”", "kind": dict(EventKind.choices).get(kind, "")}
    used = [name for name, value in filters.items() if value]
    return [
        {
            "label": labels[name],
            "href": reverse("office_events", query={"when": when, **{k: filters[k] for k in used if k != name}}),
        }
        for name in used
    ]


def _at_time(rows: QuerySet[Event], when: str) -> QuerySet[Event]:
    today = london_date(now())
    published = rows.filter(status=EventStatus.PUBLISHED)
    return {
        "upcoming": published.filter(ends_on__gte=today),
        "past": published.filter(ends_on__lt=today).order_by("-starts_on", "title", "id"),
        "drafts": rows.filter(status=EventStatus.DRAFT),
        "cancelled": rows.filter(status=EventStatus.CANCELLED).order_by("-starts_on", "title", "id"),
        "all": rows.order_by("-starts_on", "title", "id"),
    }[when]
