"""What a request about bookings may hold, and what a booking looks like."""

from __future__ import annotations

from rest_framework import serializers

from bookings import policies
from bookings.api.costs import ChargeShape, CostShape, charges_of, cost_of
from bookings.charging.reading import terms_of
from bookings.models import Access, Booking, BookingStatus, CancelledBy, Diet, PaysBy
from core.api.fields import IdField, Input, ListQuery, TextField, YesNoField
from events import queries as event_queries
from events.models import Event

REASON = "Kept with the booking. No case details."


def _address(help_text: str, *, required: bool = False) -> serializers.EmailField:
    return serializers.EmailField(required=required, max_length=254, help_text=help_text)


def _text(help_text: str, *, longest: int) -> TextField:
    return TextField(required=False, max_length=longest, help_text=help_text)


class BookingQuery(ListQuery):
    event = IdField(required=False)
    status = serializers.ChoiceField(BookingStatus.choices, required=False)


class ToBook(Input):
    """All but the event is left out where the page would not ask it. What the page requires is required here."""

    event = IdField()
    address = _address("Whom you book for, if not yourself: for officers and training leads.")
    manager_email = _address("The one of the profile unless sent.")
    deputy_email = _address("Asked if the manager does not answer in time.")
    rule_set_aside = YesNoField(required=False, help_text="For officers: go over a rule that may be gone over.")
    reason = _text(REASON, longest=300)
    diet = serializers.ListField(child=serializers.ChoiceField(Diet.choices), required=False, max_length=20)
    diet_other = _text("Other food that is needed or not possible.", longest=200)
    access = serializers.ListField(child=serializers.ChoiceField(Access.choices), required=False, max_length=20)
    access_other = _text("Anything else that helps to take part.", longest=200)
    interpreter = _text("The language, or BSL.", longest=80)
    pays_by = serializers.ChoiceField(
        PaysBy.choices, required=False, help_text="Needed where coming costs, optional where something else can."
    )
    invoice_to = _text("The organisation or person.", longest=160)
    invoice_address = _text("Where the invoice goes by post.", longest=500)
    invoice_email = _address("Where the invoice goes.")
    purchase_order = _text("Its number, if there is one.", longest=60)
    cost_code = _text("For an internal recharge.", longest=60)
    vat_code = _text("If it is known.", longest=20)


class ToCancel(Input):
    cancelled_by = serializers.ChoiceField(
        CancelledBy.choices, required=False, help_text="Who gives the place back. Needed for another person's booking."
    )
    reason = _text(REASON, longest=300)


class ToSubstitute(Input):
    address = _address("The colleague's.", required=True)
    forename = _text("For a colleague whom we don't know yet.", longest=80)
    surname = _text("For a colleague whom we don't know yet.", longest=80)
    job_role = _text("For a colleague whom we don't know yet.", longest=120)
    manager_email = _address("The colleague's manager where they approve (for officers always), if not the one of their profile.")
    rule_set_aside = YesNoField(required=False, help_text="For officers: go over a rule that may be gone over.")
    reason = _text(f"For officers. {REASON}", longest=300)


class ToMove(Input):
    to_event = IdField(help_text="Another date of the same course.")
    rule_set_aside = YesNoField(required=False, help_text="For officers: go over a rule that may be gone over.")
    reason = _text(f"For officers. {REASON}", longest=300)


class NothingElse(Input):
    """The address says it all."""


class BookedEvent(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField(source="public_title")
    starts_on = serializers.DateField()
    when = serializers.SerializerMethodField()
    where = serializers.SerializerMethodField()

    def get_when(self, event: Event) -> str:
        return event_queries.when(event)

    def get_where(self, event: Event) -> str:
        return event_queries.where(event)


class BookedPerson(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class BookingShape(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(BookingStatus.choices)
    event = BookedEvent()
    person = BookedPerson()
    organisation = serializers.CharField(source="organisation_text", help_text="Where they worked when they booked.")
    job_role = serializers.CharField()
    booked_at = serializers.DateTimeField()
    queue_place = serializers.IntegerField(allow_null=True, help_text="1 for the first in line; null unless waiting.")
    offered_until = serializers.DateTimeField(allow_null=True, help_text="Until when an offered place can be taken.")
    ended_at = serializers.DateTimeField(allow_null=True)
    cancelled_by = serializers.SerializerMethodField(help_text="Who gave the place back; null unless cancelled.")
    cancelled_in_time = serializers.BooleanField(allow_null=True)
    joining_link = serializers.SerializerMethodField(help_text="For a confirmed booking of your own; otherwise empty.")

    def get_cancelled_by(self, booking: Booking) -> serializers.ChoiceField(CancelledBy.choices, allow_null=True):  # type: ignore[valid-type]
        return booking.cancelled_by or None

    def get_joining_link(self, booking: Booking) -> str:
        is_theirs = booking.person_id == self.context["reader"].pk
        return booking.event.joining_link if is_theirs and booking.status == BookingStatus.CONFIRMED else ""


class BookingDetail(BookingShape):
    """One booking, with its money."""

    cost = serializers.SerializerMethodField(help_text="By the policy accepted at booking; null where nothing can cost.")
    charges = serializers.SerializerMethodField(help_text="For the person and for officers; otherwise empty.")

    def get_cost(self, booking: Booking) -> CostShape(allow_null=True):  # type: ignore[valid-type]
        shown = cost_of(terms_of(booking, self.context["at"]))
        return CostShape(shown).data if shown else None

    def get_charges(self, booking: Booking) -> ChargeShape(many=True):  # type: ignore[valid-type]
        reader = self.context["reader"]
        if booking.person_id != reader.pk and not policies.may_act_for_others(reader, booking.event):
            return []
        return ChargeShape(charges_of(booking.pk), many=True).data
