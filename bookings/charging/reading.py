"""Which version of the policy counts, and what it comes to for one event, person or booking."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, Q, QuerySet, prefetch_related_objects

from bookings.charging import amounts, notice
from bookings.charging.amounts import Cancelling, Cost, Occasion, Tier
from bookings.charging.policy import Policy
from bookings.models import (
    Booking,
    BookingStatus,
    BookingTerms,
    Charge,
    ChargeState,
    ChargingSettings,
    OrganisationClass,
    PayerClass,
    PolicyVersion,
)
from events.models import Event
from events.queries import starts_at
from people.models import OrganisationState, PartnerAgency, Partnership, Person

PAYER = ("partnership", "organisation")


@dataclass(frozen=True)
class TermsOfBooking:
    """What somebody agrees to who books now, for the page that asks them.

    ``free_until`` is the first moment at which cancelling is late (``free_until_words`` says it to people), ``late`` what it
    costs from when on, ``absence`` what not coming costs.
    """

    version: PolicyVersion
    payer_class: str
    attending: Cost
    free_until: datetime
    free_until_words: str
    is_late_already: bool
    late: list[Tier]
    absence: Cost

    @property
    def asks_for_billing(self) -> bool:
        """Whether there is something to pay for coming, so that purchase order and cost code are asked."""
        return bool(self.attending)

    @property
    def can_cost(self) -> bool:
        return bool(self.attending) or bool(self.absence) or any(tier.cost for tier in self.late)


def is_on(partnership: Partnership | UUID) -> bool:
    return ChargingSettings.objects.filter(partnership=partnership, is_on=True).exists()


def versions_in_force(partnership: Partnership | UUID, at: datetime) -> QuerySet[PolicyVersion]:
    """Those that have begun, the one that counts first."""
    begun = PolicyVersion.objects.filter(partnership=partnership, in_force_from__lte=at)
    return begun.order_by("-in_force_from", "-number")


def version_in_force(partnership: Partnership | UUID, at: datetime) -> PolicyVersion | None:
    """The version that whoever books now accepts; None, after one query, while the partnership charges nothing."""
    return versions_in_force(partnership, at).first() if is_on(partnership) else None


def accepted(event: Event, affiliation: dict[str, Any], version: PolicyVersion | None) -> dict[str, Any]:
    """The fields a booking keeps of the policy that is in force (version_in_force): none where nothing is charged.

    ``affiliation`` is people.queries.affiliation_of(person). The payer class of an organisation nobody has matched yet stays
    open until it matters.
    """
    if version is None:
        return {}
    state = affiliation["organisation_state"]
    is_open = state == OrganisationState.UNMATCHED
    payer_class = "" if is_open else payer_class_of(event.lead_host_id, affiliation["organisation_id"], state)
    return {"policy_version": version, "payer_class": payer_class}


def payer_class_of(partnership: Partnership | UUID, organisation_id: UUID | None, state: str) -> str:
    """What an organisation pays as: what officers said, else a partner agency, else somebody without one, else other."""
    host = partnership if isinstance(partnership, UUID) else partnership.pk
    return payer_classes({host}, {(organisation_id, state)})[host, organisation_id, state]


def payer_classes(partnerships: Set[UUID], payers: Set[tuple[UUID | None, str]]) -> dict[tuple[UUID, UUID | None, str], str]:
    """payer_class_of for several partnerships and payers: an organisation, if any, and what is known of it. Two queries."""
    pairs = {(host, organisation) for host in partnerships for organisation, _ in payers if organisation is not None}
    which = {"partnership__in": partnerships, "organisation__in": {organisation for _, organisation in pairs}}
    said, partners = {}, set()
    if pairs:
        classes = OrganisationClass.objects.filter(**which)
        said = {(host, organisation): kind for host, organisation, kind in classes.values_list(*PAYER, "payer_class")}
    if pairs - said.keys():
        partners = set(PartnerAgency.objects.filter(**which).values_list(*PAYER))

    def payer_class(host: UUID, organisation: UUID | None, state: str) -> str:
        if organisation is None:
            return PayerClass.INDIVIDUAL if state == OrganisationState.NONE else PayerClass.OTHER
        return said.get((host, organisation)) or (PayerClass.PARTNER if (host, organisation) in partners else PayerClass.OTHER)

    return {(host, *payer): payer_class(host, *payer) for host in partnerships for payer in payers}


def payer_class_of_booking(booking: Booking) -> str:
    """The one of its day; for an organisation that was matched later, what that one pays as now."""
    return booking.payer_class or payer_class_of(booking.event.lead_host_id, booking.organisation_id, booking.organisation_state)


def fee_of(event_id: UUID) -> Decimal | None:
    """The course cost of one place, if the event has one."""
    return BookingTerms.objects.filter(event=event_id).values_list("fee", flat=True).first()


def terms_of_booking(event: Event, person: Person, at: datetime) -> TermsOfBooking | None:
    """What booking now would mean for this person's money; None while nothing is charged."""
    version = version_in_force(event.lead_host_id, at)
    if version is None:
        return None
    payer_class = payer_class_of(event.lead_host_id, person.organisation_id, person.organisation_state)
    return _terms(version, event, payer_class, at, fee=fee_of(event.pk))


def terms_of_moving(booking: Booking, events: Sequence[Event], at: datetime) -> dict[UUID, TermsOfBooking]:
    """What a move of this booking to each of the events would mean for the money of who is booked; only those that can cost.

    A moved booking accepts the policy in force when it moves, and pays as the organisation that booked it. A fixed number
    of queries where the events come with ``sessions``.
    """
    switched_on = ChargingSettings.objects.filter(partnership__in={event.lead_host_id for event in events}, is_on=True)
    hosts = set(switched_on.values_list("partnership", flat=True))
    if not hosts:
        return {}
    begun = PolicyVersion.objects.filter(partnership__in=hosts, in_force_from__lte=at).prefetch_related("rates")
    versions = {version.partnership_id: version for version in begun.order_by("in_force_from", "number")}
    fees = dict(BookingTerms.objects.filter(event__in=events).values_list("event", "fee"))
    payer = (booking.organisation_id, booking.organisation_state)
    classes = payer_classes(hosts, {payer})
    found = {
        event.pk: _terms(versions[event.lead_host_id], event, classes[event.lead_host_id, *payer], at, fee=fees.get(event.pk))
        for event in events
        if event.lead_host_id in versions
    }
    return {event_id: terms for event_id, terms in found.items() if terms.can_cost}


def terms_of_taking_over(booking: Booking, people: Sequence[Person], at: datetime) -> dict[UUID, TermsOfBooking]:
    """What this place costs each colleague who could take it, by the version it was booked under; only those whom it can cost."""
    if booking.policy_version is None or not people or not is_on(booking.event.lead_host_id):
        return {}
    prefetch_related_objects([booking.policy_version], "rates")
    host, fee = booking.event.lead_host_id, fee_of(booking.event_id)
    payers = {one.pk: (one.organisation_id, one.organisation_state) for one in people}
    classes = payer_classes({host}, set(payers.values()))
    found = {
        person_id: _terms(booking.policy_version, booking.event, classes[host, *payer], at, fee=fee)
        for person_id, payer in payers.items()
    }
    return {person_id: terms for person_id, terms in found.items() if terms.can_cost}


def terms_of(booking: Booking, at: datetime) -> TermsOfBooking | None:
    """What a booking costs, by the version it accepted; None where nothing can cost."""
    if booking.policy_version is None or not is_on(booking.event.lead_host_id):
        return None
    payer_class = payer_class_of_booking(booking)
    return _terms(booking.policy_version, booking.event, payer_class, at, fee=fee_of(booking.event_id))


def _terms(version: PolicyVersion, event: Event, payer_class: str, at: datetime, *, fee: Decimal | None) -> TermsOfBooking:
    policy, occasion = Policy.of(version), Occasion.of(event, fee)
    deadline = notice.notice_deadline(policy, occasion.starts_at)
    return TermsOfBooking(
        version=version,
        payer_class=payer_class,
        attending=amounts.attending(policy, occasion, payer_class),
        free_until=deadline,
        free_until_words=notice.until(deadline),
        is_late_already=at >= deadline,
        late=amounts.late_tiers(policy, occasion, payer_class),
        absence=amounts.not_coming(policy, occasion, payer_class),
    )


def cancelled_in_time(booking: Booking, at: datetime) -> bool:
    """Whether somebody who cancels at that moment gives the notice they accepted; without a policy, before the start."""
    if booking.policy_version is None:
        return at < starts_at(booking.event)
    return at < notice.notice_deadline(Policy.of(booking.policy_version), starts_at(booking.event))


def consequence_of_cancelling(booking: Booking, at: datetime) -> Cancelling | None:
    """What it costs the delegate to cancel now, to be shown before it is done; None where nothing can cost.

    The same by a manager. An organiser's cancellation, taking a request back and leaving the waiting list never cost.
    """
    is_sure = booking.status == BookingStatus.CONFIRMED
    if booking.policy_version is None or not is_sure or not is_on(booking.event.lead_host_id):
        return None
    policy, occasion = Policy.of(booking.policy_version), Occasion.of(booking.event, fee_of(booking.event_id))
    return amounts.cancelling(policy, occasion, payer_class_of_booking(booking), at)


def can_say_bill(booking: Booking) -> bool:
    """Whether the person of a booking may say where its bill goes: until the finance team has it. A bill needs a policy."""
    if booking.policy_version_id is None or not booking.is_live:
        return False
    return not Charge.objects.filter(booking=booking, state=ChargeState.LISTED).exists()


def shows_charges(partnership: Partnership) -> bool:
    """Whether officers see the pages about money: while charges are on, and afterwards while one is left to deal with."""
    left = Charge.objects.filter(partnership=partnership, state__in=[ChargeState.DRAFT, ChargeState.APPROVED])
    return ChargingSettings.objects.filter(Q(is_on=True) | Exists(left), partnership=partnership).exists()
