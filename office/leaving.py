"""What would leave at once: counted from the data as the worker would find it, before a change of times and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bookings import digest, planned, refreshing
from bookings.messages import KINDS
from bookings.messages.letters import DIGEST, REFRESHER_DUE
from bookings.models import BookingQuerySet, MessageSettings, PlannedKind
from feedback import asking, follow_up_plans
from people.models import Partnership
from registers import certificates
from registers.planned import absence_plans, trainers_to_remind, untaken_days, unwritten_absences


@dataclass(frozen=True)
class Leaving:
    """So many messages of one kind."""

    kind: str
    count: int

    @property
    def label(self) -> str:
        return KINDS[self.kind]


def due_now(partnership: Partnership, at: datetime) -> Counter[str]:
    """How many messages of each planned kind the worker would write for the partnership as things stand: nothing is written.

    Some forty queries, however much is due.
    """
    parts = (_before_events, _of_absence, _to_trainers, _asking, _certificates, _following_up, refreshers_due_now, _programme)
    return sum((part(partnership, at) for part in parts), Counter[str]())


def refreshers_due_now(partnership: Partnership, at: datetime) -> Counter[str]:
    """Of these the letters about learning that is to be refreshed: all that a change of a course can make leave."""
    return Counter({REFRESHER_DUE: refreshing.unwritten(at, partnership=partnership).count()})


def leaving(before: Counter[str], after: Counter[str]) -> list[Leaving]:
    """What is due after a change and was not before it."""
    return [Leaving(kind, count) for kind, count in sorted((after - before).items())]


def _before_events(partnership: Partnership, at: datetime) -> Counter[str]:
    by_kind: dict[str, list[planned.Plan]] = {}
    for plan in planned.due_plans(at):
        if plan.event.lead_host_id == partnership.pk:
            by_kind.setdefault(plan.kind, []).append(plan)
    return Counter(
        {
            kind: _with_copies(planned.unwritten(plans), {plan.event.pk for plan in plans if plan.copies_manager})
            for kind, plans in by_kind.items()
        }
    )


def _of_absence(partnership: Partnership, at: datetime) -> Counter[str]:
    absences = unwritten_absences(at).filter(event__lead_host=partnership)
    plans = absence_plans({booking.event for booking in absences.select_related("event__lead_host")})
    due = [plan for plan in plans.values() if plan.is_due(at)]
    found = absences.filter(event__in=[plan.event.pk for plan in due])
    return Counter({PlannedKind.ABSENCE.value: _with_copies(found, {plan.event.pk for plan in due if plan.to_manager})})


def _to_trainers(partnership: Partnership, at: datetime) -> Counter[str]:
    days = [day for day in untaken_days(at) if day.event.lead_host_id == partnership.pk]
    return Counter({PlannedKind.REGISTER.value: len(trainers_to_remind(days, at))})


def _asking(partnership: Partnership, at: datetime) -> Counter[str]:
    plans = [plan for plan in asking.due_plans(at) if plan.form.event.lead_host_id == partnership.pk]
    return Counter({kind: asking.left_to_ask_of([plan for plan in plans if plan.kind == kind]) for kind in asking.KINDS})


def _certificates(partnership: Partnership, at: datetime) -> Counter[str]:
    plans = certificates.certificate_plans(one for one in certificates.unfinished(at) if one.lead_host_id == partnership.pk)
    due = [plan.event for plan in plans.values() if plan.is_due(at)]
    return Counter({PlannedKind.CERTIFICATE.value: certificates.left_to_tell(due) if due else 0})


def _programme(partnership: Partnership, at: datetime) -> Counter[str]:
    due = digest.left_to_send(MessageSettings.of(partnership), at)
    if due is None or not digest.programme(partnership, at):
        return Counter()
    _, readers = due
    return Counter({DIGEST: readers.count()})


def _following_up(partnership: Partnership, at: datetime) -> Counter[str]:
    due = [plan.event for plan in follow_up_plans.due_plans(at) if plan.event.lead_host_id == partnership.pk]
    return Counter({PlannedKind.FOLLOW_UP.value: follow_up_plans.left_to_ask(due)})


def _with_copies(bookings: BookingQuerySet, copied: Iterable[UUID]) -> int:
    """One message for each person, and one for the manager of those at the events where managers get a copy."""
    return bookings.count() + bookings.filter(event__in=copied).exclude(manager_email="").count()
