"""What was said of an event, as a spreadsheet: the groups that the pages show, with the same threshold. No row is a person's."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from core.clock import now
from core.csv_out import csv_response
from core.figures import percent
from events.models import Event
from feedback import policies, queries
from feedback.follow_up_results import follow_up_results
from feedback.queries import Distribution, Said, Share
from feedback.views import event_for
from people.access import SignedInRequest, signed_in

HEADER = ("Question", "Answer", "Number", "Of", "Percent")


@signed_in
@require_safe
def event_results_csv(request: SignedInRequest, event_id: uuid.UUID) -> HttpResponse:
    """The evaluation: how many answered and, from five answers on, what they said."""
    event = event_for(request, event_id, policies.can_see_results)
    form = queries.form_of(event)
    if form is None:
        return _table("evaluation", event, [])
    found = queries.results(form)
    return _table("evaluation", event, _rows(found.counts.response_rate, found.distributions, found.texts))


@signed_in
@require_safe
def follow_up_csv(request: SignedInRequest, event_id: uuid.UUID) -> HttpResponse:
    """What became of it: the same of the follow-ups, for those whose answers are shown among others by now."""
    event = event_for(request, event_id, policies.can_see_follow_ups)
    found = follow_up_results(event, now())
    return _table("follow-up", event, _rows(found.response_rate, found.distributions, found.texts))


def _rows(answered: Share, distributions: Iterable[Distribution], texts: Iterable[Said]) -> list[Sequence[object]]:
    """How many answered, each answer with how many chose it, then what people wrote, by question."""
    rows: list[Sequence[object]] = [("Answered", "", answered.n, answered.of, percent(answered.n, answered.of))]
    for one in distributions:
        rows += [(one.question, row["label"], row["n"], one.answered, percent(row["n"], one.answered)) for row in one.rows]
    return [*rows, *((said.question, said.text, None, None, None) for said in texts)]


def _table(what: str, event: Event, rows: Sequence[Sequence[object]]) -> HttpResponse:
    return csv_response(f"{what}-{event.starts_on:%Y-%m-%d}-{slugify(event.public_title)[:60]}.csv", HEADER, rows)
