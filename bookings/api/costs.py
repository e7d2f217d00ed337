"""What a booking can cost and does cost, for programs. Amounts are texts in pounds and pence, so that nobody rounds them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from bookings.charging.reading import TermsOfBooking
from bookings.models import Charge, ChargeKind, ChargeState

CURRENCY = "GBP"


def money(amount: Decimal) -> str:
    return f"{amount:.2f}"


class LateStep(serializers.Serializer):
    starts = serializers.DateTimeField(help_text="Cancelling from this moment on costs the amount.")
    amount = serializers.CharField()


class CostShape(serializers.Serializer):
    currency = serializers.CharField()
    policy = serializers.CharField(help_text="The version of the policy on charges.")
    attending = serializers.CharField()
    free_until = serializers.DateTimeField(help_text="Cancelling before this moment is free.")
    late = LateStep(many=True)
    not_coming = serializers.CharField()


class ChargeShape(serializers.Serializer):
    kind = serializers.ChoiceField(ChargeKind.choices)
    amount = serializers.CharField(help_text="Below 0 for a credit.")
    currency = serializers.CharField()
    state = serializers.ChoiceField(ChargeState.choices, help_text="A draft waits for an officer, and may still be excused.")


def cost_of(terms: TermsOfBooking | None) -> dict[str, Any] | None:
    """As CostShape; None where nothing is charged."""
    if terms is None:
        return None
    return {
        "currency": CURRENCY,
        "policy": str(terms.version),
        "attending": money(terms.attending.amount),
        "free_until": terms.free_until,
        "late": [{"starts": step.starts, "amount": money(step.cost.amount)} for step in terms.late],
        "not_coming": money(terms.absence.amount),
    }


def charges_of(booking_id: Any) -> list[dict[str, Any]]:
    """As ChargeShape: what the booking costs as things stand, without what was excused."""
    found = Charge.objects.filter(booking=booking_id).exclude(state=ChargeState.EXCUSED).order_by("raised_at", "pk")
    return [{"kind": one.kind, "amount": money(one.amount), "currency": CURRENCY, "state": one.state} for one in found]
