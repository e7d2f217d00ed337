"""From a plan to rows: each room writes its own, then the keys that make the next import change nothing."""

from __future__ import annotations

import random
from datetime import datetime

from django.db import connection

from bookings.past import record_past_bookings
from courses.past import record_past_courses
from elearning.past import record_past_learning
from events.past import record_past_events
from feedback.past import record_past_evaluations, record_past_follow_ups
from imports.models import Batch, SourceKey
from imports.planning import Plan
from people.models import Partnership, Person
from people.past import record_past_organisations, record_past_partnerships, record_past_people
from podcasts.past import record_past_podcasts
from registers.past import record_past_registers


def write_plan(plan: Plan, *, batch: Batch, by: Person | None, at: datetime) -> Partnership:
    """Write everything the plan holds, in the caller's transaction. Returns the partnership it was written for."""
    record_past_partnerships(partnerships=plan.partnerships, by=by, at=at)
    partnership = Partnership.objects.get(pk=plan.partnership_id)
    record_past_organisations(
        partnership=partnership,
        sectors=plan.sectors,
        boroughs=plan.boroughs,
        organisations=plan.organisations,
        partner_agency_ids=plan.partner_agency_ids,
        aliases=plan.aliases,
        about=batch,
        by=by,
        at=at,
    )
    record_past_courses(partnership=partnership, courses=plan.courses, about=batch, by=by, at=at)
    record_past_events(partnership=partnership, events=plan.events, about=batch, by=by, at=at)
    record_past_people(partnership=partnership, people=plan.people, known_ids=plan.known_people, about=batch, by=by, at=at)
    record_past_bookings(terms=plan.terms, bookings=plan.bookings, about=batch, by=by, at=at)
    record_past_registers(registers=plan.registers, new_registers=plan.new_registers, marks=plan.marks, about=batch, by=by, at=at)
    record_past_evaluations(evaluations=plan.evaluations, about=batch, by=by, at=at)
    record_past_follow_ups(partnership=partnership, follow_ups=plan.follow_ups, about=batch, by=by, at=at)
    record_past_learning(partnership=partnership, modules=plan.modules, attempts=plan.attempts, about=batch, by=by, at=at)
    record_past_podcasts(partnership=partnership, episodes=plan.episodes, listens=plan.listens, about=batch, by=by, at=at)
    _write_keys(plan, partnership)
    _count_for_the_planner()
    return partnership


def _count_for_the_planner() -> None:
    """PostgreSQL plans by counts it makes now and then; until it next did, every page over so many new rows would crawl."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _write_keys(plan: Plan, partnership: Partnership) -> None:
    """Shuffled, so that the keys of evaluations do not keep the order of the file."""
    keys = [
        SourceKey(partnership=partnership, kind=kind, key=key, object_id=found) for (kind, key), found in plan.new_keys.items()
    ]
    random.SystemRandom().shuffle(keys)
    SourceKey.objects.bulk_create(keys)
