"""Who may do what, and who may be given or lose what."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from core.refusals import Refused
from people.models import Grant, Organisation, Partnership, Person, Role
from people.permissions import PERMISSIONS, ROLE_PERMISSIONS


def can(grants: Iterable[Grant], permission: str, partnership: Partnership | None) -> bool:
    """Whether somebody with these grants has the permission in the partnership. Raises KeyError for an unknown permission."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)
    if not partnership:  # also the lazy None of a request before there is any partnership
        return False
    return any(grant.partnership_id == partnership.pk and permission in ROLE_PERMISSIONS[grant.role] for grant in grants)


def partnerships_where(grants: Iterable[Grant], permission: str) -> set[UUID]:
    """The ids of every partnership in which somebody with these grants has the permission."""
    return {grant.partnership_id for grant in grants if permission in ROLE_PERMISSIONS[grant.role]}


def check_role_may_be_given(person: Person, role: str, organisation: Organisation | None) -> None:
    if not person.is_active:
        raise Refused(f"{person.name} may not sign in. Let them sign in again first.", code="not_active")
    if role not in Role.values:
        raise Refused("Choose a role", code="role_unknown", field="role")
    if role == Role.TRAINING_LEAD and organisation is None:
        raise Refused("Choose the agency they lead training for", code="organisation_missing", field="organisation")
    if role != Role.TRAINING_LEAD and organisation is not None:
        raise Refused(
            "Only a training lead's role is for one agency. Leave the agency empty.",
            code="organisation_not_wanted",
            field="organisation",
        )


def check_role_may_be_ended(grant: Grant) -> None:
    if grant.ended_at is not None:
        raise Refused("This role has ended already. Give it again if it is needed.", code="role_ended")
    if grant.role == Role.OFFICER and not _other_officers(grant).exists():
        raise Refused("This is the partnership's last officer. Make somebody else an officer first.", code="last_officer")


def check_may_decide_on_sign_in(person: Person, by: Person | None) -> None:
    """Raises Refused where the person has a role in a partnership in which ``by`` is no officer.

    Whoever decides where a sign-in code goes can act as that person, and so with every role they have.
    """
    if by is None or by.pk == person.pk:
        return
    in_force = Grant.objects.in_force()
    own = in_force.filter(person=by, role=Role.OFFICER).values("partnership")
    elsewhere = in_force.filter(person=person).exclude(partnership__in=own).select_related("partnership").first()
    if elsewhere is not None:
        raise Refused(
            f"{person.name} has a role in {elsewhere.partnership.name}. Ask an officer there to change this.",
            code="role_elsewhere",
        )


def check_may_be_deactivated(person: Person, by: Person | None) -> None:
    if by is not None and person.pk == by.pk:
        raise Refused("You can't stop yourself from signing in. Ask another officer.", code="oneself")
    for grant in Grant.objects.in_force().filter(person=person, role=Role.OFFICER):
        if not _other_officers(grant).exists():
            raise Refused("This is the partnership's last officer. Make somebody else an officer first.", code="last_officer")
    check_may_decide_on_sign_in(person, by)


def _other_officers(grant: Grant) -> QuerySet[Grant]:
    officers = Grant.objects.in_force().filter(partnership_id=grant.partnership_id, role=Role.OFFICER)
    return officers.filter(person__is_active=True).exclude(person_id=grant.person_id)
