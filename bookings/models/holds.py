"""Places kept free for somebody who is not named yet."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import BaseModel
from events.models import Event
from people.models import Organisation, Person, Sector


class HoldKind(models.TextChoices):
    RESERVED = "reserved", "For whoever books from there"
    UNNAMED = "unnamed", "To be named by the agency"


class HoldQuerySet(models.QuerySet["Hold"]):
    def in_force(self) -> HoldQuerySet:
        return self.filter(released_at__isnull=True)


class Hold(BaseModel):
    """So many places of an event, kept for a sector or an agency until a day, then released to everybody.

    Those who book into it are counted from their bookings, so a place given back before that day is held again.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=HoldKind)
    places = models.PositiveSmallIntegerField()
    sector = models.ForeignKey(Sector, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    until = models.DateField(help_text="The last day on which the places are held.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(
        null=True, blank=True, help_text="When the agency was reminded that its unnamed places end soon."
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["until", "made_at", "id"]
        indexes = [models.Index(fields=["event"], condition=Q(released_at__isnull=True), name="hold_in_force")]
        constraints = [
            models.CheckConstraint(name="hold_kind_is_known", condition=Q(kind__in=HoldKind.values)),
            models.CheckConstraint(name="hold_holds_a_place", condition=Q(places__gte=1)),
            models.CheckConstraint(
                name="hold_for_a_sector_or_an_agency",
                condition=Q(sector__isnull=False, organisation__isnull=True) | Q(sector__isnull=True, organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_unnamed_is_an_agencys", condition=~Q(kind="unnamed") | Q(organisation__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.places} for {self.organisation or self.sector}"
