"""Evaluations, follow-ups, e-learning attempts and listens: lines without a key of their own.

Such a line is known again by what it says and by its place among its equals: the third line that says the same is the third one,
wherever it stands and however often the file comes.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any

from core.clock import LONDON
from elearning.models import Attempt
from elearning.past import PastAttempt
from feedback.models import FollowUp
from feedback.past import PastEvaluation, PastFollowUp
from imports.planning.bookings import Bookings, People
from imports.planning.catalogue import same_but_for_the_line
from imports.planning.events import Events
from imports.planning.plan import DUPLICATE, KNOWN, NEW, Plan
from imports.rows import AttemptRow, EvaluationRow, FollowUpRow, ListenRow
from podcasts.past import PastListens


class Equals:
    """Numbers lines that say the same: the first, the second…"""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def key(self, *content: Any) -> str:
        digest = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
        self.seen[digest] += 1
        return f"{digest}#{self.seen[digest]}"


def plan_evaluations(plan: Plan, rows: Iterable[EvaluationRow], events: Events) -> None:
    """Evaluations with the day they came in.

    The key holds no time and not even the day: from a digest, anybody with the database could find out by trying which minute of
    a year gives it, and so undo the cutting of times.
    """
    file = "evaluations.csv"
    equals = Equals()
    for row in rows:
        event = events.find(file, row.line, row.event_ref)
        if event is None:
            continue
        if event.is_cancelled:
            plan.refuse(file, row.line, "Event ref", row.event_ref, f"{row.event_ref} was cancelled")
            continue
        if row.submitted_at < event.starts_at:
            value = f"{row.submitted_at.astimezone(LONDON):%d/%m/%Y %H:%M}"
            plan.refuse(file, row.line, "Submitted", value, f"{row.event_ref} had not begun then")
            continue
        key = equals.key(row.event_ref, row.channel, row.answers)
        if plan.knows("evaluation", key):
            plan.count(file, KNOWN)
            continue
        plan.evaluations.append(PastEvaluation(event.id, row.channel, row.day, row.answers))
        plan.remember("evaluation", key, None)
        plan.count(file, NEW)


def plan_follow_ups(plan: Plan, rows: Iterable[FollowUpRow], events: Events, people: People, bookings: Bookings) -> None:
    """Follow-ups, one for a person and an event."""
    file = "followups.csv"
    earlier = [event.id for event in events.earlier.values()]
    here = set(FollowUp.objects.filter(event__in=earlier).values_list("event_id", "person_id")) if earlier else set()
    lines: dict[tuple[str, str], FollowUpRow] = {}
    for row in rows:
        first = lines.setdefault((row.event_ref, row.address), row)
        if first is not row:
            if same_but_for_the_line(first, row):
                plan.count(file, DUPLICATE)
            else:
                reason = f"this person's follow-up of {row.event_ref} stands on line {first.line} too, and the two lines differ"
                plan.refuse(file, row.line, "Email", row.address, reason)
            continue
        event = events.find(file, row.line, row.event_ref)
        if event is None:
            continue
        person_id = people.find(row.address)
        if person_id is None or (event.id, person_id) not in bookings.booked:
            plan.refuse(file, row.line, "Email", row.address, f"nobody with this address booked {row.event_ref} in bookings.csv")
        elif row.sent_on < event.starts_on:
            plan.refuse(file, row.line, "Sent on", f"{row.sent_on:%d/%m/%Y}", f"it was sent before {row.event_ref} began")
        elif (event.id, person_id) in here:
            plan.count(file, KNOWN)
        else:
            plan.follow_ups.append(PastFollowUp(uuid.uuid4(), event.id, person_id, row.sent_on, row.answered_on, row.answers))
            plan.count(file, NEW)


def plan_attempts(plan: Plan, rows: Iterable[AttemptRow], modules: dict[str, uuid.UUID], people: People) -> None:
    """E-learning attempts. Somebody who never booked anything is made from the address alone."""
    file = "elearning.csv"
    no_organisation = {**people.organisations.matcher.match(""), "job_role": ""}
    attempts_here = Attempt.objects.filter(module__in=modules.values())
    here: Counter[tuple[Any, ...]] = Counter(attempts_here.values_list("module_id", "person_id", "started_at"))
    for row in rows:
        module_id = modules[row.module.casefold()]
        person_id = people.find(row.address)
        place = (module_id, person_id, row.started_at)
        if here[place] > 0:
            here[place] -= 1
            plan.count(file, KNOWN)
            continue
        if person_id is None:
            person_id = people.see(row.address, row.started_at, "", "", no_organisation)
        plan.attempts.append(PastAttempt(uuid.uuid4(), module_id, person_id, row.started_at, row.completed_at, row.score))
        plan.count(file, NEW)


def plan_listens(plan: Plan, rows: Iterable[ListenRow], episodes: dict[str, uuid.UUID]) -> None:
    file = "listens.csv"
    equals = Equals()
    for row in rows:
        episode_id = episodes.get(row.episode.casefold())
        if episode_id is None:
            plan.refuse(file, row.line, "Episode", row.episode, f"there is no episode “{row.episode[:100]}” in podcasts.csv")
            continue
        key = equals.key(row.episode.casefold(), row.day.isoformat(), row.source, row.views)
        if plan.knows("listens", key):
            plan.count(file, KNOWN)
            continue
        if row.views:
            plan.listens.append(PastListens(episode_id, row.day, row.source, row.views))
        plan.remember("listens", key, None)
        plan.count(file, NEW)
