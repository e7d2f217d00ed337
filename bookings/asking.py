"""What somebody is asked who books for themselves, and why they may not: the same for the page and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from bookings import conditions, counting, policies, queries
from bookings.charging.reading import TermsOfBooking, terms_of_booking
from bookings.counting import PlaceCounts
from bookings.forms import BillingForm, BookForm
from bookings.models import BillingDetails, Booking, BookingTerms, ManagerRole
from bookings.operations import ReadBefore
from bookings.queries import ToBook
from core.refusals import Refused
from events.models import Event
from people.models import Person


@dataclass(frozen=True)
class Asking:
    """What decides it: the event's terms, its places, and what it can cost them."""

    event: Event
    person: Person
    at: datetime
    read: ReadBefore
    money: TermsOfBooking | None

    @classmethod
    def of(cls, event: Event, person: Person, at: datetime) -> Asking:
        return cls.by(queries.terms_to_book(event.pk), event, person, at)

    @classmethod
    def by(cls, found: ToBook, event: Event, person: Person, at: datetime) -> Asking:
        """The same, for what queries.terms_to_book has read."""
        money = terms_of_booking(event, person, at) if found.is_charged else None
        return cls(event, person, at, ReadBefore(found.terms, found.is_for_all, money.version if money else None), money)

    @property
    def terms(self) -> BookingTerms | None:
        return self.read.terms

    @cached_property
    def counts(self) -> PlaceCounts | None:
        """Read when the page is shown: pressing its button counts under the lock."""
        return counting.place_counts([self.event], reader=self.person).get(self.event.pk)

    @property
    def is_approved(self) -> bool:
        """Whether their manager is asked first."""
        return self.terms is not None and policies.needs_approval(self.terms, self.person, by=self.person, event=self.event)

    @property
    def is_tentative(self) -> bool:
        return self.terms is not None and self.terms.is_tentative

    @property
    def missing(self) -> int:
        """How many more have to book until a tentative event takes place."""
        return queries.missing_to_be_firm(self.terms)

    def form(self, data: Any) -> BookForm:
        role = self.terms.manager_role if self.terms else ManagerRole.NOBODY
        asks = self.money is not None and self.money.asks_for_billing
        may_cost = self.money is not None and self.money.can_cost
        initial = {**self._manager(), **(self._bill(is_needed=asks) if may_cost else {})}
        billing = {"asks_for_billing": asks, "may_be_billed": may_cost}
        return BookForm(data, initial=initial, person=self.person, event=self.event, manager_role=role, **billing)

    def _manager(self) -> dict[str, str]:
        """The manager of the profile or, where it names none, of the last booking from the same place of work."""
        if self.person.manager_email:
            return {"manager_email": self.person.manager_email}
        named = Booking.objects.filter(person=self.person, organisation=self.person.organisation_id).exclude(manager_email="")
        last = named.order_by("-booked_at").values_list("manager_email", flat=True).first()
        return {"manager_email": last or ""}

    def _bill(self, *, is_needed: bool) -> dict[str, str]:
        """Where the last bill went from the same place of work, without its purchase order, which is good for one booking."""
        theirs = BillingDetails.objects.filter(booking__person=self.person, booking__organisation=self.person.organisation_id)
        last = theirs.order_by("-booking__booked_at").first()
        if last is None and not is_needed:
            return {}
        if last is None:
            return {"invoice_to": self.person.organisation.name if self.person.organisation else ""}
        return {name: getattr(last, name) for name in BillingForm.base_fields if name != "purchase_order"}

    def refusals(self) -> list[Refused]:
        """Why they can't book now: every condition they do not meet at once, so that nobody mends one and meets the next."""
        free = self.counts.bookable if self.counts else None
        return refusals(event=self.event, terms=self.terms, person=self.person, at=self.at, free=free)


def refusals(*, event: Event, terms: BookingTerms | None, person: Person | None, at: datetime, free: int | None) -> list[Refused]:
    """Why this person can't book now, with every condition they do not meet; for a visitor (None) what holds for anybody."""
    first = policies.refusal_to_book(event=event, terms=terms, person=person, at=at, free=free)
    if first is None:
        return []
    if person is not None and first.code in conditions.CODES.values():
        return list(conditions.broken(event, person))
    return [first]
