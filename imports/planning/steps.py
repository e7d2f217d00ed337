"""The order in which an export is checked: what is spoken of before what speaks of it."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime

from imports.planning.answers import plan_attempts, plan_evaluations, plan_follow_ups, plan_listens
from imports.planning.bookings import Bookings, People
from imports.planning.catalogue import Organisations, plan_courses, plan_episodes, plan_hosts, plan_modules
from imports.planning.events import Events, name_single_agencies
from imports.planning.plan import Plan
from imports.rows import Export
from people.models import Partnership


def make_plan(export: Export, *, partnership: Partnership | None, at: datetime) -> Plan:
    """What to write for the export and what to say about it. Without a partnership, the one that led most events is made."""
    own = partnership.short_name if partnership else leading_host(export)
    plan = Plan(at=at, partnership=partnership, partnership_id=partnership.pk if partnership else uuid.uuid4())
    plan.refusals = list(export.refusals)
    hosts = plan_hosts(plan, export.events, own)
    organisations = Organisations(plan)
    organisations.plan_all(export.organisations)
    courses = plan_courses(plan, export.courses)
    events = Events(plan, export.events, courses, hosts, dict(export.unread_events))
    people = People(plan, organisations)
    bookings = Bookings(plan, export.bookings, events, people)
    name_single_agencies(plan)
    plan_evaluations(plan, export.evaluations, events)
    plan_follow_ups(plan, export.follow_ups, events, people, bookings)
    plan_attempts(plan, export.attempts, plan_modules(plan, export.attempts), people)
    plan_listens(plan, export.listens, plan_episodes(plan, export.episodes))
    people.plan_new()
    plan.refusals.sort(key=lambda refusal: (refusal.file, refusal.line))
    return plan


def leading_host(export: Export) -> str:
    """The partnership whose export this is, by what its rows say: who stands first under “Hosted by” most often."""
    leads = Counter(row.hosts[0] for row in export.events)
    return leads.most_common(1)[0][0] if leads else "Partnership"
