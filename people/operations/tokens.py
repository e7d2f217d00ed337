"""Tokens with which a person's own programs use the API."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When

from core import audit
from core.clock import london_date
from core.refusals import Refused
from core.text import one_line
from people.models import ApiToken, Person
from people.permissions import SCOPES

BEGINS = "turnout_"
SHOWN = len(BEGINS) + 6
LONGEST_DAYS = 366
MOST_TOKENS = 20


@transaction.atomic
def make_token(*, person: Person, name: str, scopes: Iterable[str], days: int, by: Person, at: datetime) -> tuple[ApiToken, str]:
    """A token and its text, 256 bits that can't be had again. Only for oneself.

    Raises Refused: not_allowed, name_missing, scopes_missing, days_unknown, too_many, name_taken.
    """
    name, wanted = one_line(name)[:60], sorted(set(scopes))
    if by.pk != person.pk:
        raise Refused("Each person makes their own tokens. Ask them to.", code="not_allowed")
    if not name:
        raise Refused("Enter a name for the token", code="name_missing", field="name")
    if not wanted or not set(wanted) <= set(SCOPES):
        raise Refused("Choose at least one thing that the token may do", code="scopes_missing", field="scopes")
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused("Choose how long the token works, a year at most", code="days_unknown", field="days")
    if ApiToken.objects.filter(person=person).in_force(at).count() >= MOST_TOKENS:
        raise Refused(f"You have {MOST_TOKENS} tokens in use. Revoke one that you don't need first.", code="too_many")
    text = BEGINS + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                person=person,
                name=name,
                prefix=text[:SHOWN],
                hash=hash_of(text),
                scopes=wanted,
                made_at=at,
                expires_at=at + timedelta(days=days),
            )
    except IntegrityError as error:
        raise Refused(
            "You have a token of this name already. Choose another name, or revoke that token first.",
            code="name_taken",
            field="name",
        ) from error
    audit.record(action="API token made", about=token, by=by, at=at, changes={"scopes": [[], wanted]})
    return token, text


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Person, at: datetime) -> ApiToken:
    """From now on the token opens nothing. Raises Refused for another person's (not_allowed) and one that is revoked (ended)."""
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if by.pk != token.person_id:
        raise Refused("Each person revokes their own tokens. Ask them to.", code="not_allowed")
    if token.revoked_at is not None:
        raise Refused("This token is revoked already. There is nothing left to do.", code="ended")
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    audit.record(action="API token revoked", about=token, by=by, at=at)
    return token


def note_use(*, token: ApiToken, at: datetime) -> bool:
    """Count a request of the token. False when it has had its requests of this minute: then the request must not go on.

    One statement, so that requests at the same moment, on any number of servers, are each counted: exactly as many pass as may.
    """
    minute = at.replace(second=0, microsecond=0)
    may_go_on = Q(minute__isnull=True) | ~Q(minute=minute) | Q(requests__lt=settings.API_REQUESTS_A_MINUTE)
    counted = ApiToken.objects.filter(may_go_on, pk=token.pk).update(
        requests=Case(When(minute=minute, then=F("requests") + 1), default=Value(1)),
        minute=minute,
        last_used_on=london_date(at),
    )
    return counted == 1


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
