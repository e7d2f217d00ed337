"""Asking for evaluations: when, whom, and writing to them. Who has answered is known to nobody, so it is asked of nobody.

Entitled: whoever held a place at the event's end, or was marked as there, but for those whom the register shows as absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, Replace

from bookings.messages import Letter
from bookings.models import Booking, BookingQuerySet, PlannedChange, PlannedKind
from bookings.operations.telling import for_person_by_key
from bookings.planned import TO_BE_WRITTEN, at_hour, changes_of, is_written, message_key, recipients, settings_of, that_write
from bookings.policies.planned import check_is_not_silent
from core import audit, wording
from core.clock import london_date
from core.ids import ids_in
from core.refusals import Refused
from events.models import Event, EventStatus
from events.queries import ends_at
from feedback import messages
from feedback.models import EvaluationForm
from notifications.models import Message
from notifications.operations import draft_message, write_messages
from people.models import Person, addresses_at_hand
from registers.models import WAS_THERE, Attendance, Mark, MarkValue, Outcome, WalkIn
from registers.operations import lock_event

KINDS = (PlannedKind.EVALUATION, PlannedKind.EVALUATION_REMINDER)
JUST_ASKED = timedelta(days=1)  # whoever was asked so shortly before is not reminded
AT_ONCE = 200


@dataclass(frozen=True)
class AskingPlan:
    """When an event's people are asked, or asked once more. ``leaves_at`` None: they are not."""

    form: EvaluationForm
    kind: str
    leaves_at: datetime | None
    days: int | None
    has_own_days: bool = False
    is_held_back: bool = False
    note: str = ""

    def is_due(self, at: datetime) -> bool:
        return self.leaves_at is not None and self.leaves_at <= at < self.form.closes_at and not self.is_held_back


def open_forms(at: datetime) -> QuerySet[EvaluationForm]:
    """Forms that can be answered, of published events that began once their partnership wrote to people."""
    events = that_write(Event.objects.published(), at).filter(starts_on__gte=F("lead_host__messages_from"))
    forms = EvaluationForm.objects.filter(opens_at__lte=at, closes_at__gt=at, mixed_at=None, event__in=events)
    return _with_event(forms).order_by("closes_at", "pk")


def _with_event(forms: QuerySet[EvaluationForm]) -> QuerySet[EvaluationForm]:
    return forms.select_related("event__lead_host", "event__venue").prefetch_related("event__sessions")


def asking_plans(forms: Iterable[EvaluationForm]) -> list[AskingPlan]:
    """Both kinds for each form. Two queries."""
    forms = list(forms)
    if not forms:
        return []
    settings = settings_of(form.event.lead_host_id for form in forms)
    changes = changes_of([form.event for form in forms], KINDS)
    plans = []
    for form in forms:
        usual, ends = settings[form.event.lead_host_id], ends_at(form.event)
        for kind in KINDS:
            change = changes.get((form.event_id, kind)) or PlannedChange(event=form.event, kind=kind)
            days = usual.days(kind) if change.days is None else change.days
            leaves_at = ends
            if kind == PlannedKind.EVALUATION_REMINDER and days is not None:
                leaves_at = at_hour(london_date(ends) + timedelta(days=days), usual)
            plans.append(
                AskingPlan(
                    form=form,
                    kind=kind,
                    leaves_at=None if days is None else leaves_at,
                    days=days,
                    has_own_days=change.days is not None,
                    is_held_back=change.is_held_back,
                    note=change.note,
                )
            )
    return plans


def asking_plan(event: Event, kind: str) -> AskingPlan | None:
    """One kind for one event; None where it has no form yet."""
    forms = _with_event(EvaluationForm.objects.filter(event=event))
    return next((plan for plan in asking_plans(forms) if plan.kind == kind), None)


def entitled(kind: str, events: Iterable[Event]) -> BookingQuerySet:
    """Bookings whose people are asked, as bookings.planned.recipients describes them."""
    marks = Mark.objects.filter(booking=OuterRef("pk"))
    is_absent = Q(Exists(marks.filter(value=MarkValue.ABSENT))) & ~Q(Exists(marks.filter(value__in=WAS_THERE)))
    missed = Attendance.objects.filter(
        event=OuterRef("event"), person=OuterRef("person"), outcome=Outcome.DID_NOT_ATTEND, is_walk_in=False
    )
    return recipients(kind, events).filter(~is_absent, ~Exists(missed))


def _unwritten(plans: Sequence[AskingPlan]) -> BookingQuerySet:
    """Bookings that this one kind of letter has still to be written about."""
    found = entitled(plans[0].kind, [plan.form.event for plan in plans]).filter(_were_asked_before(plans), **TO_BE_WRITTEN)
    return found.order_by("booked_at", "pk")


def _unwritten_walk_ins(plans: Sequence[AskingPlan]) -> QuerySet[WalkIn]:
    """The same for those who came without a booking and have an address."""
    there = Mark.objects.filter(walk_in=OuterRef("pk"), value__in=WAS_THERE)
    address = EmailAddress.objects.filter(user=OuterRef("person"))
    came = WalkIn.objects.filter(Exists(there), Exists(address), ~is_written(plans[0].kind), _were_asked_before(plans))
    return came.order_by("added_at", "pk")


def _were_asked_before(plans: Sequence[AskingPlan]) -> Q:
    """Of these events; for a reminder only those who were asked a day before it at least."""
    row = Replace(Cast(OuterRef("pk"), CharField()), Value("-"), Value(""))
    who = Q(pk__in=[])
    for plan in plans:
        asked = Q()
        if plan.kind == PlannedKind.EVALUATION_REMINDER and plan.leaves_at is not None:
            key = Concat(Value("planned:"), row, Value(f":{PlannedKind.EVALUATION}:{plan.form.event.starts_on}"))
            asked = Q(Exists(Message.objects.filter(dedupe_key=key, created_at__lte=plan.leaves_at - JUST_ASKED)))
        who |= Q(event=plan.form.event_id) & asked
    return who


def left_to_ask(plan: AskingPlan, at: datetime) -> int:
    """How many people have still to be written to; before a reminder's time, whoever is entitled now. Two queries."""
    foreseen = plan
    if plan.kind == PlannedKind.EVALUATION_REMINDER and plan.leaves_at is not None and at < plan.leaves_at:
        foreseen = replace(plan, leaves_at=None)  # those who will have been asked by then
    return left_to_ask_of([foreseen])


def left_to_ask_of(plans: Sequence[AskingPlan]) -> int:
    """How many people of all these, of one kind, have still to be written to. Two queries; none without a plan."""
    return _unwritten(plans).count() + _unwritten_walk_ins(plans).count() if plans else 0


def letter_for(plan: AskingPlan, person: Person) -> Letter:
    build = messages.asked if plan.kind == PlannedKind.EVALUATION else messages.reminder
    return build(plan.form, person, note=plan.note)


@transaction.atomic
def ask_for_evaluation(*, event: Event, kind: str, at: datetime, by: Person | None = None) -> int:
    """Write to everybody entitled who has not had this letter; returns how many. With ``by`` at once, because an officer says so.

    All is read again under the lock that cancelling, moving and holding back take.

    Raises Refused to an officer: not_published, not_open, silent, held_back, nobody.
    """
    lock_event(event)
    plans = asking_plans(open_forms(at).filter(event=event))
    plan = next((plan for plan in plans if plan.kind == kind), None)
    if by is None and (plan is None or not plan.is_due(at)):
        return 0
    if plan is None:
        raise _why_nothing_is_asked(event, at=at)
    if plan.is_held_back:
        raise Refused("This is held back. Allow it to leave first.", code="held_back")
    written = _write(plan, limit=AT_ONCE if by is None else None, at=at)
    if by is not None:
        if not written:
            raise Refused("Everybody who can be asked has had this already.", code="nobody")
        audit.record(action="evaluation asked for at once", about=event, by=by, at=at, changes={str(kind): [0, written]})
    return written


def _why_nothing_is_asked(event: Event, *, at: datetime) -> Refused:
    event = Event.objects.select_related("lead_host").get(pk=event.pk)
    if event.status != EventStatus.PUBLISHED:
        return Refused("This event is not published, so there is nothing to ask about.", code="not_published")
    check_is_not_silent(event, at=at)
    since = event.lead_host.messages_from
    if since is not None and event.starts_on < since:
        return Refused(f"This event began before {wording.day(since)}: nobody is written to about it.", code="silent")
    return Refused("The evaluation of this event is not open, so there is nothing to ask for.", code="not_open")


def _write(plan: AskingPlan, *, limit: int | None, at: datetime) -> int:
    event, drafts = plan.form.event, []
    bookings = list(_unwritten([plan]).to_write_to()[:limit])
    for booking in bookings:
        booking.event = event
        drafts += for_person_by_key(booking, letter_for(plan, booking.person), _key(plan, booking.pk), at=at)
    walk_ins = list(_unwritten_walk_ins([plan]).select_related("person").prefetch_related(addresses_at_hand("person__"))[:limit])
    drafts += [_to_walk_in(plan, one, at=at) for one in walk_ins]
    write_messages(drafts)
    return len(bookings) + len(walk_ins)


def _to_walk_in(plan: AskingPlan, walk_in: Any, *, at: datetime) -> Message | None:
    event, letter = plan.form.event, letter_for(plan, walk_in.person)
    return draft_message(
        partnership=event.lead_host,
        kind=letter.kind,
        about=f"event:{event.pk}",
        dedupe_key=_key(plan, walk_in.pk),
        to_address=walk_in.person.main_address(),
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
        person=walk_in.person,
        happened_on=london_date(at),
        at=at,
    )


def _key(plan: AskingPlan, pk: UUID) -> str:
    return message_key(pk, plan.kind, plan.form.event.starts_on)


def due_plans(at: datetime) -> list[AskingPlan]:
    """What should have left by now, whether anybody is left to write to or not. Four queries."""
    return [plan for plan in asking_plans(open_forms(at)) if plan.is_due(at)]


def left_to_ask_at(plans: Iterable[AskingPlan]) -> list[AskingPlan]:
    """Of these, those with somebody who has still to be written to. Two queries for each kind."""
    left = []
    for kind in KINDS:
        theirs = [plan for plan in plans if plan.kind == kind]
        if theirs:
            bookings = _unwritten(theirs).order_by().values_list("event_id", flat=True)
            walk_ins = _unwritten_walk_ins(theirs).order_by().values_list("event_id", flat=True)
            events = {*bookings, *walk_ins}
            left += [plan for plan in theirs if plan.form.event_id in events]
    return left


def closed_but_unsent(at: datetime) -> list[str]:
    """What messages are about that still wait although the form they lead to has closed."""
    waiting = Message.objects.waiting().filter(kind__in=KINDS).values_list("about", flat=True)
    about = set(waiting)
    if not about:
        return []
    closed = EvaluationForm.objects.filter(closes_at__lte=at)
    ids = ids_in(one.partition(":")[2] for one in about)
    bookings = Booking.objects.filter(pk__in=ids, event__in=closed.values("event")).values_list("pk", flat=True)
    events = closed.filter(event__in=ids).values_list("event", flat=True)
    return sorted(about & {*(f"booking:{pk}" for pk in bookings), *(f"event:{pk}" for pk in events)})
