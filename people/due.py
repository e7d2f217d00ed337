"""What the worker does about people when the clock says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from people.models import Person, PersonQuerySet

UNPROVED_FOR = timedelta(days=1)


@transaction.atomic
def forget_unproved_addresses(at: datetime) -> int:
    """Delete who was made by asking for a sign-in code a day ago or longer, and never entered one. Returns how many.

    Nobody who was added, imported, booked, given a role or spoken of anywhere goes: a row that any other table points at stays.
    """
    unproved = Person.objects.never_proved(joined_before=at - UNPROVED_FOR)
    forgotten = list(_named_nowhere_else(unproved).values_list("pk", flat=True))
    Person.objects.filter(pk__in=forgotten).delete()
    return len(forgotten)


def _named_nowhere_else(people: PersonQuerySet) -> PersonQuerySet:
    """Those whom no row of any table points at, their own e-mail address apart."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel) or relation.related_model is EmailAddress:
            continue
        pointing = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
        people = people.exclude(Exists(pointing))
    return people
