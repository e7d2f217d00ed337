"""Every change of a learning record."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, models, transaction

from core import audit
from core.clock import london_date
from core.codes import new_code
from core.refusals import Refused
from core.text import one_line
from courses.models import Course
from people.models import Partnership, Person
from records.models import Certificate, Credit, Earned, SourceKind, printed_name
from records.policies import check_may_be_accepted, check_may_be_withdrawn

FOLLOWING = ("title", "hours", "earned_on")


@dataclass(frozen=True, slots=True)
class Posted:
    """How many credits were written, changed and taken away."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@transaction.atomic
def post_credits(
    *, source_kind: SourceKind, source: models.Model, earned: Iterable[Earned], by: Person | None, at: datetime
) -> Posted:
    """Make the credits of one source (an event) exactly these: nobody else's stay. The same again changes nothing.

    The caller holds the source's lock. A fixed number of queries and one audit entry, however many people. Raises ValueError for
    an acceptance, which has no source.
    """
    if source_kind == SourceKind.ACCEPTED_AS_EQUAL:
        raise ValueError("an acceptance has no source: use accept_as_equal")
    wanted = {(row.person_id, row.course_id): row for row in earned}
    stored = {
        (row.person_id, row.course_id): row for row in Credit.objects.filter(source_uuid=source.pk, source_kind=source_kind)
    }
    gone = [row.pk for key, row in stored.items() if key not in wanted]
    added = [
        credit_from(row, source_kind=source_kind, source_uuid=source.pk, by=by, at=at)
        for key, row in wanted.items()
        if key not in stored
    ]
    changed = [row for key, row in stored.items() if key in wanted and _follow(row, wanted[key])]
    Credit.objects.filter(pk__in=gone).delete()
    Credit.objects.bulk_create(added)
    Credit.objects.bulk_update(changed, FOLLOWING)
    posted = Posted(added=len(added), changed=len(changed), removed=len(gone))
    if posted:
        counts = {"credits": [len(stored), len(wanted)], "changed": [0, len(changed)]}
        audit.record(action="credits posted", about=source, by=by, at=at, changes=counts)
    return posted


def credit_from(row: Earned, *, source_kind: str, source_uuid: UUID, by: Person | None, at: datetime) -> Credit:
    """The unsaved credit."""
    return Credit(
        person_id=row.person_id,
        course_id=row.course_id,
        title=one_line(row.title)[:160],
        hours=row.hours,
        earned_on=row.earned_on,
        source_kind=source_kind,
        source_uuid=source_uuid,
        given_at=at,
        given_by=by,
    )


def _follow(stored: Credit, row: Earned) -> bool:
    """Give a stored credit what its source says now; whether that changed it."""
    now = (one_line(row.title)[:160], row.hours, row.earned_on)
    if (stored.title, stored.hours, stored.earned_on) == now:
        return False
    stored.title, stored.hours, stored.earned_on = now
    return True


@transaction.atomic
def accept_as_equal(
    *, person: Person, course: Course, note: str, earned_on: date | None = None, by: Person | None, at: datetime
) -> Credit:
    """Accept other learning as equal to having attended the course. ``earned_on``: the day it was done; empty means today.

    Raises Refused without a note ("note_missing"), for a day still to come ("not_yet") and where it is accepted already
    ("accepted_already").
    """
    note = one_line(note)[:300]
    earned_on = earned_on or london_date(at)
    check_may_be_accepted(note=note, earned_on=earned_on, at=at)
    try:
        with transaction.atomic():
            accepted = Credit.objects.create(
                person=person,
                course=course,
                title=course.title,
                earned_on=earned_on,
                source_kind=SourceKind.ACCEPTED_AS_EQUAL,
                note=note,
                given_at=at,
                given_by=by,
            )
    except IntegrityError as error:
        raise Refused(
            f"Other learning is accepted as equal to “{course}” already. Withdraw that first, or choose another course.",
            code="accepted_already",
            field="course",
        ) from error
    changes = {"person": [None, str(person.pk)], "course": [None, str(course.pk)]}
    audit.record(action="other learning accepted", about=accepted, by=by, at=at, changes=changes)
    return accepted


@transaction.atomic
def withdraw_equal(*, credit: Credit, reason: str, by: Person | None, at: datetime) -> Credit:
    """Other learning no longer counts as equal. The row stays, with the reason; the course can be accepted again.

    Raises Refused without a reason ("reason_missing"), twice ("withdrawn") and for a credit that was attended ("not_accepted").
    """
    reason = one_line(reason)[:300]
    credit = Credit.objects.select_for_update().get(pk=credit.pk)
    check_may_be_withdrawn(credit, reason=reason)
    credit.withdrawn_at, credit.withdrawn_by, credit.withdrawn_reason = at, by, reason
    credit.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    changes = {"person": [str(credit.person_id), None], "course": [str(credit.course_id), None]}
    audit.record(action="accepted learning withdrawn", about=credit, by=by, at=at, changes=changes)
    return credit


@transaction.atomic
def issue_certificates(
    *,
    source_kind: SourceKind,
    source: models.Model,
    partnership: Partnership,
    earned: Iterable[Earned],
    by: Person | None,
    at: datetime,
) -> int:
    """Issue a certificate to each of these people who has a name and holds none from this source (an event); how many.

    Each has a new code. The caller holds the source's lock. A fixed number of queries and one audit entry, however many people.
    Raises ValueError for an acceptance: what was learned elsewhere is certified there.
    """
    if source_kind == SourceKind.ACCEPTED_AS_EQUAL:
        raise ValueError("what was learned elsewhere is certified there")
    of_source = Certificate.objects.filter(source_uuid=source.pk)
    holders = set(of_source.standing().values_list("person_id", flat=True))
    wanted = {row.person_id: row for row in earned if row.person_id not in holders}
    names = {pk: printed_name(person) for pk, person in Person.objects.in_bulk(list(wanted)).items()}
    issued = [
        Certificate(
            person_id=row.person_id,
            partnership=partnership,
            course_id=row.course_id,
            title=one_line(row.title)[:160],
            hours=row.hours,
            awarded_on=row.earned_on,
            ended_on=row.ended_on,
            name=names[row.person_id],
            source_kind=source_kind,
            source_uuid=source.pk,
            code=new_code(),
            issued_at=at,
        )
        for row in wanted.values()
        if names[row.person_id]
    ]
    Certificate.objects.bulk_create(issued)
    if issued:
        counts = {"certificates": [len(holders), len(holders) + len(issued)]}
        audit.record(action="certificates issued", about=source, by=by, at=at, changes=counts)
    return len(issued)


@transaction.atomic
def withdraw_certificates(*, source: models.Model, people: Collection[UUID], reason: str, by: Person | None, at: datetime) -> int:
    """Withdraw what these people hold from this source, with the reason, which they read; how many.

    The caller holds the source's lock. The rows stay, so that whoever checks a code reads that it was withdrawn. Raises
    ValueError without a reason.
    """
    reason = one_line(reason)[:300]
    if not reason:
        raise ValueError("say why: the person reads it")
    of_source = Certificate.objects.filter(source_uuid=source.pk)
    before = of_source.standing().count()
    withdrawn = of_source.standing().filter(person__in=list(people)).update(withdrawn_at=at, withdrawn_reason=reason)
    if withdrawn:
        counts = {"certificates": [before, before - withdrawn]}
        audit.record(action="certificates withdrawn", about=source, by=by, at=at, changes=counts)
    return withdrawn
