"""The secret address at which a calendar program finds a person's bookings."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import BaseModel
from people.models import Person


class CalendarAddressQuerySet(models.QuerySet["CalendarAddress"]):
    def in_force(self) -> CalendarAddressQuerySet:
        """Those that open a calendar now. A person who may not sign in has none."""
        return self.filter(stopped_at__isnull=True, person__is_active=True)


class CalendarAddress(BaseModel):
    """One address of a person's calendar, shown once and kept only as its hash. A new one stops the one before.

    ``seen`` is the hash of what the calendar last held and ``seen_since`` when that was first asked for, so that a program which
    comes back by date hears of every change, whatever caused it.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    last_read_on = models.DateField(null=True, blank=True)
    seen = models.CharField(max_length=64, blank=True, default="")
    seen_since = models.DateTimeField(null=True, blank=True)

    objects = CalendarAddressQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(stopped_at__isnull=True), name="calendar_address_one_in_force"
            ),
            models.CheckConstraint(
                name="calendar_address_seen_says_since_when",
                condition=Q(seen="", seen_since__isnull=True) | (~Q(seen="") & Q(seen_since__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.person}"
