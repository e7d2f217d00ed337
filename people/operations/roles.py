"""Giving and ending roles."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from core import audit
from core.refusals import Refused
from core.text import one_line
from people.models import Grant, Organisation, Partnership, Person, Role
from people.policies import check_role_may_be_ended, check_role_may_be_given


@transaction.atomic
def give_role(
    *,
    person: Person,
    role: str,
    partnership: Partnership,
    organisation: Organisation | None = None,
    reason: str = "",
    by: Person | None,
    at: datetime,
) -> Grant:
    """Give the person a role. A training lead's is for one organisation, every other for the whole partnership."""
    check_role_may_be_given(person, role, organisation)
    try:
        with transaction.atomic():
            grant = Grant.objects.create(
                person=person,
                role=role,
                partnership=partnership,
                organisation=organisation,
                given_at=at,
                given_by=by,
                reason=one_line(reason)[:300],
            )
    except IntegrityError as error:
        raise Refused(
            f"{person.name} has this role already. Choose another, or end it first.", code="has_role", field="role"
        ) from error
    audit.record(
        action="role given",
        about=grant,
        by=by,
        at=at,
        changes={"person": [None, str(person.pk)], "role": [None, str(role)], "partnership": [None, str(partnership.pk)]},
    )
    return grant


@transaction.atomic
def end_role(*, grant: Grant, reason: str, by: Person | None, at: datetime) -> Grant:
    """Take the role away from now on. Raises Refused for the partnership's last officer, who nobody could replace."""
    reason = one_line(reason)[:300]
    if not reason:
        raise Refused("Say why the role ends, in a few words", code="reason_missing", field="reason")
    Partnership.objects.select_for_update().get(pk=grant.partnership_id)  # two officers can't end each other's role at once
    grant = Grant.objects.select_related("person").get(pk=grant.pk)
    check_role_may_be_ended(grant)
    grant.ended_at, grant.ended_by, grant.end_reason = at, by, reason
    grant.save(update_fields=["ended_at", "ended_by", "end_reason"])
    audit.record(
        action="role ended",
        about=grant,
        by=by,
        at=at,
        changes={"person": [str(grant.person_id)] * 2, "role": [Role(grant.role).value, None]},
    )
    return grant
