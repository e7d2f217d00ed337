"""A pasted list of people for one event: what would become of each, and what is asked once for all of them. Saves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.http import QueryDict

from bookings.charging.reading import version_in_force
from bookings.foreseeing import QUEUE, Foreseen, foresee
from bookings.forms import BillingForm
from bookings.forms.asked import Asked
from bookings.forms.newcomers import LEAVE_NAMELESS, is_nameless, missing_names, name_fields
from bookings.models import BookingTerms, ManagerRole, PolicyVersion
from bookings.operations import Billing, Colleague, Newcomers
from bookings.policies import needs_approval, organisations_led_by
from core.clock import london_date, now
from events.models import Event
from office.bookings import clashes_in_words
from office.people import people_of
from people.forms import AddressField, LineField, OrganisationMixin
from people.models import Partnership, Person
from people.queries import affiliation_with, match_organisation

BILLING, NEW = "billing", "new"


class NewcomersForm(OrganisationMixin):
    """Where everybody on a list works who is new."""

    organisation_text = LineField(
        label="Where do they work?",
        help_text="The same for all of them. Somebody from elsewhere: leave them out, and paste them in a list of their own.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-organisation-search": ""}),
    )
    has_no_organisation = forms.BooleanField(
        label="They have no organisation: foster carers, residents or volunteers on their own", required=False
    )
    manager_email = AddressField(
        label="Their line manager's e-mail address", help_text="This event needs the manager's approval.", required=False
    )

    def __init__(self, data: QueryDict | None, *, partnership: Partnership, today: date, asks_manager: bool) -> None:
        self.partnership, self.today = partnership, today
        super().__init__(data, prefix=NEW)
        if not asks_manager:
            del self.fields["manager_email"]
        self.suggest_organisations()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        alone, text = cleaned.get("has_no_organisation"), cleaned.get("organisation_text")
        if alone and text:
            self.add_error("has_no_organisation", "Say where they work or tick that they have no organisation, not both.")
        if not alone and text == "":
            self.add_error("organisation_text", "Say where the people work who are new, or leave them out.")
        if "manager_email" in self.fields and not alone and cleaned.get("manager_email") == "":
            self.add_error("manager_email", "Enter the address of the line manager who approves.")
        return cleaned

    def newcomers(self) -> Newcomers:
        return Newcomers(self.chosen_organisation(), self.cleaned_data.get("manager_email", ""))


@dataclass(frozen=True)
class Line:
    """One address and what would become of it. ``key`` is what the form calls it; ``asks``: their manager approves first."""

    key: str
    seen: Foreseen
    asks: bool
    clashes: list[str]

    @property
    def has_no_manager(self) -> bool:
        person = self.seen.colleague.person
        return self.asks and person is not None and not person.manager_email

    @property
    def can_be_booked(self) -> bool:
        return self.seen.can_be_booked and not self.has_no_manager

    @property
    def can_be_left_out(self) -> bool:
        """Also of those who are new and can't come: what is said of where they work is asked of all who are new."""
        return self.can_be_booked or self.seen.is_new

    @property
    def waits(self) -> bool:
        return self.seen.fate == QUEUE


class SeveralPage:
    """The list as it is checked, with what was typed so far. What is missing is said once somebody wants to book.

    A fixed number of queries, however long the list is.
    """

    def __init__(self, asked: Asked, event: Event, terms: BookingTerms, data: QueryDict, *, by: Person) -> None:
        self.asked, self.event, self.terms, self.by = asked, event, terms, by
        self.wants_to_book = "book" in data
        self.policy: PolicyVersion | None = version_in_force(event.lead_host_id, now())
        self.bill = self._bill(data) if self.policy else None
        self.led = organisations_led_by(by, event) if terms.manager_role == ManagerRole.APPROVES else set()
        self.says_something = any(data.get(f"{NEW}-{name}") for name in NewcomersForm.base_fields)
        self.newcomers_form = self._newcomers(data)
        self.says_where = self.newcomers_form.is_bound and self.newcomers_form.is_valid()
        self.lines = self._lines()
        if LEAVE_NAMELESS in data:
            asked.left_out |= {line.key for line in self.new if is_nameless(line.seen.colleague)}
            self.lines = self._lines()
        would_come = [line for line in self.new if line.can_be_booked]
        self.missing = missing_names(line.seen.colleague for line in would_come) if self.wants_to_book else {}

    @property
    def kept(self) -> list[Line]:
        return [line for line in self.lines if line.key not in self.asked.left_out]

    @property
    def ready(self) -> list[Line]:
        return [line for line in self.kept if line.can_be_booked]

    @property
    def waits(self) -> int:
        return sum(line.waits for line in self.ready)

    @property
    def new(self) -> list[Line]:
        """Those who are new and not left out."""
        return [line for line in self.kept if line.seen.is_new]

    @property
    def nameless(self) -> int:
        return sum(is_nameless(line.seen.colleague) for line in self.new)

    @property
    def newcomers(self) -> list[dict[str, Any]]:
        return [name_fields(line.seen.colleague, self.missing) for line in self.new]

    @property
    def is_sound(self) -> bool:
        """Whether they can be booked as the list stands: nothing is missing, and it is the list that was checked."""
        is_billed = self.bill is None or self.bill.is_valid()
        asks_where = self.needs_where or (bool(self.new) and self.says_something)
        return is_billed and not self.missing and not self.asked.fresh and (self.says_where or not asks_where)

    @property
    def needs_where(self) -> bool:
        return any(line.can_be_booked for line in self.new)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is missing, with the id of its field."""
        shown: list[forms.Form] = [self.newcomers_form] if self.new else []
        shown += [self.bill] if self.bill else []
        wrong = [(form[name].auto_id, str(error)) for form in shown for name, errors in form.errors.items() for error in errors]
        return [*wrong, *self.missing.items()]

    @property
    def has_bill(self) -> bool:
        return bool(self.bill and any(field.value() for field in self.bill))

    def billing(self) -> Billing | None:
        return self.bill.billing() if self.bill else None

    def all_new(self) -> Newcomers | None:
        return self.newcomers_form.newcomers() if self.says_where else None

    def _bill(self, data: QueryDict) -> BillingForm:
        """Where the bills go, for an officer who was told. Before they are booked it only keeps what was typed."""
        typed = {name: data.get(f"{BILLING}-{name}") for name in BillingForm.base_fields}
        form = BillingForm(data, prefix=BILLING) if self.wants_to_book else BillingForm(initial=typed, prefix=BILLING)
        form.make_billing_optional()
        return form

    def _newcomers(self, data: QueryDict) -> NewcomersForm:
        """Looked at as soon as anything is said in it, because where they work can decide whether they may come."""
        return NewcomersForm(
            data if self.says_something or self.wants_to_book else None,
            partnership=self.event.lead_host,
            today=london_date(now()),
            asks_manager=self.terms.manager_role == ManagerRole.APPROVES,
        )

    def _works_at(self) -> Mapping[str, Any]:
        """Where people who are new work; while nothing is said, nowhere."""
        if not self.says_where:
            return affiliation_with("", "none", None)
        return match_organisation(partnership=self.event.lead_host, text=self.newcomers_form.chosen_organisation())

    def _lines(self) -> list[Line]:
        """A line for each person or address, in the order given."""
        pasted, works_at = self.asked.to_seat, self._works_at()
        known = _people_at([one.address for one in pasted], self.event.lead_host)
        colleagues = [Colleague(known[one.address], one.address) if one.address in known else one for one in pasted]
        found = foresee(self.event, self.terms, colleagues, organisation=None, newcomers=works_at, by=self.by)
        return sorted((self._line(one, works_at) for one in found), key=lambda line: self.asked.order[line.key])

    def _line(self, seen: Foreseen, works_at: Mapping[str, Any]) -> Line:
        person = seen.colleague.person or (Person(**works_at) if seen.is_new else None)
        asks = person is not None and needs_approval(self.terms, person, by=self.by, event=self.event, led=self.led)
        return Line(f"address:{seen.colleague.address}", seen, asks, clashes_in_words(seen.clashes, self.event.lead_host))


def _people_at(addresses: list[str], partnership: Partnership) -> dict[str, Person]:
    """Whose of the partnership's people these addresses are."""
    theirs = EmailAddress.objects.filter(email__in=addresses, user__in=people_of(partnership).active())
    return {one.email: one.user for one in theirs.select_related("user__organisation")}
