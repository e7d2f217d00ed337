"""Whatever limits the places of an event."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.models import BaseModel
from events.models import Event


class BookingTerms(BaseModel):
    """Whatever limits a place at one event. This row is what gets locked when places are decided.

    ``booking_limit`` is how many may hold a place. ``queue_counter`` numbers the waiting list, under the lock.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="+")
    booking_limit = models.PositiveIntegerField()
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True, help_text="Empty: when the event starts.")
    has_waiting_list = models.BooleanField(default=True)
    queue_counter = models.PositiveIntegerField(default=0)
    fee = models.DecimalField(
        max_digits=7, decimal_places=2, null=True, blank=True, help_text="The course cost of one place, in pounds."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="terms_fee_not_negative", condition=Q(fee__gte=0)),
            models.CheckConstraint(
                name="terms_close_after_they_open",
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking_limit} places at {self.event}"


class InvitedPerson(BaseModel):
    """Somebody who may book a closed event, known by e-mail address."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField()

    class Meta:
        ordering = ["address"]
        constraints = [models.UniqueConstraint(fields=["event", "address"], name="invited_once")]

    def __str__(self) -> str:
        return self.address
