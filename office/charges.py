"""Charges as officers find them: filtered, summed, and chosen."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.http import QueryDict

from bookings.messages import charges as letters
from bookings.models import ByPost, Charge, ChargeKind, ChargeState
from core.text import one_line
from notifications.models import Message, MessageState
from notifications.own_texts import put_into
from people.models import Partnership

EVERY_STATE = "every"
HAS_ADDRESS = Exists(EmailAddress.objects.filter(user_id=OuterRef("person_id")))


@dataclass(frozen=True)
class ChargeFilters:
    """What the address asks for. Without a state: the drafts, which are what is to be done."""

    state: str
    kind: str
    organisation: str
    q: str
    post: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> ChargeFilters:
        state, kind = query.get("state", ""), query.get("kind", "")
        return cls(
            state=state if state in (*ChargeState.values, EVERY_STATE) else ChargeState.DRAFT.value,
            kind=kind if kind in ChargeKind.values else "",
            organisation=one_line(query.get("organisation", ""))[:100],
            q=one_line(query.get("q", ""))[:100],
            post=ByPost.WAITS.value if query.get("post") == ByPost.WAITS else "",
        )

    @property
    def used(self) -> dict[str, str]:
        named = {"kind": self.kind, "organisation": self.organisation, "q": self.q, "post": self.post}
        return {"state": self.state, **{name: value for name, value in named.items() if value}}

    @property
    def query(self) -> str:
        return urlencode(self.used)

    def tags(self) -> list[dict[str, str]]:
        labels = {
            "kind": str(dict(ChargeKind.choices).get(self.kind, "")),
            "organisation": f"organisation “{self.organisation}”",
            "q": f"“{self.q}”",
            "post": ByPost.WAITS.label.lower(),
        }
        return [
            {"label": label, "href": "?" + urlencode({n: v for n, v in self.used.items() if n != name})}
            for name, label in labels.items()
            if name in self.used
        ]


def charges_of(partnership: Partnership) -> QuerySet[Charge]:
    """Each with ``has_address``: whether its person has an e-mail address today."""
    joined = Charge.objects.filter(partnership=partnership).select_related(
        "person", "event", "organisation", "booking", "reverses", "charge_list"
    )
    return joined.annotate(has_address=HAS_ADDRESS).order_by("-raised_at", "pk")


def found(partnership: Partnership, filters: ChargeFilters) -> QuerySet[Charge]:
    charges = charges_of(partnership)
    if filters.state != EVERY_STATE:
        charges = charges.filter(state=filters.state)
    if filters.kind:
        charges = charges.filter(kind=filters.kind)
    if filters.post:
        charges = charges.filter(by_post=filters.post)
    for word in filters.organisation.split():
        charges = charges.filter(Q(organisation__name__icontains=word) | Q(organisation_text__icontains=word))
    for word in filters.q.split():
        charges = charges.filter(
            Q(person__forename__icontains=word) | Q(person__surname__icontains=word) | Q(event__title__icontains=word)
        )
    return charges


@dataclass(frozen=True)
class Total:
    count: int
    amount: Decimal


def total(charges: QuerySet[Charge]) -> Total:
    """How many there are and what they come to, credits taken off."""
    sums = charges.order_by().aggregate(count=Count("pk"), amount=Sum("amount"))
    return Total(sums["count"], sums["amount"] or Decimal(0))


@dataclass(frozen=True)
class Unwritten:
    """People with a charge whose letter no e-mail could bring, and nobody has printed or posted, by what they have today."""

    without_address: int
    with_address: int


def people_unwritten_to(partnership: Partnership) -> Unwritten:
    waiting = Charge.objects.filter(partnership=partnership, by_post=ByPost.WAITS).alias(has_address=HAS_ADDRESS).order_by()
    counts = {has: Count("person", distinct=True, filter=Q(has_address=has)) for has in (False, True)}
    found = waiting.aggregate(without_address=counts[False], with_address=counts[True])
    return Unwritten(**found)


def letter_on_paper(charge: Charge) -> Message:
    """The letter that no e-mail brings, in the partnership's words, never saved."""
    letter = letters.taken_back(charge) if charge.kind == ChargeKind.CREDIT else letters.approved(charge)
    said = {name: getattr(letter, name) for name in ("kind", "subject", "text", "links", "text_kind", "values")}
    message = Message(partnership=charge.partnership, state=MessageState.WAITING, **said)
    put_into([message])
    return message


def by_state(partnership: Partnership) -> dict[str, Total]:
    """The totals of every state, by its name."""
    rows = Charge.objects.filter(partnership=partnership).order_by().values("state")
    sums = {row["state"]: Total(row["count"], row["amount"]) for row in rows.annotate(count=Count("pk"), amount=Sum("amount"))}
    return {state: sums.get(state, Total(0, Decimal(0))) for state in ChargeState.values}
