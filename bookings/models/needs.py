"""What somebody needs in order to take part: health data, so a table of its own that is emptied soon."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models.bookings import Booking
from core.models import BaseModel
from events.models import Event


class Diet(models.TextChoices):
    VEGETARIAN = "vegetarian", "Vegetarian"
    VEGAN = "vegan", "Vegan"
    HALAL = "halal", "Halal"
    KOSHER = "kosher", "Kosher"
    GLUTEN_FREE = "gluten_free", "No gluten"
    DAIRY_FREE = "dairy_free", "No dairy"
    NUT_ALLERGY = "nut_allergy", "Nut allergy"


class Access(models.TextChoices):
    STEP_FREE = "step_free", "Step-free access"
    HEARING_LOOP = "hearing_loop", "Hearing loop"
    LARGE_PRINT = "large_print", "Large print"
    CAPTIONS = "captions", "Captions"
    QUIET_SPACE = "quiet_space", "A quiet space"
    PARKING = "parking", "Parking near the door"


class NeedKind(models.TextChoices):
    DIET = "diet", "Food"
    ACCESS = "access", "Access"
    INTERPRETER = "interpreter", "Interpreter"


class BookingNeeds(BaseModel):
    """One booking's needs. ``diet`` and ``access`` hold codes of the choices above; the rest is in the person's own words."""

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="+")
    diet = models.JSONField(default=list)
    diet_other = models.CharField(max_length=200, blank=True, default="")
    access = models.JSONField(default=list)
    access_other = models.CharField(max_length=200, blank=True, default="")
    interpreter = models.CharField(max_length=80, blank=True, default="", help_text="The language, BSL among them.")

    class Meta:
        verbose_name_plural = "booking needs"

    def __str__(self) -> str:
        return "Needs of a booking"


class NeedCount(BaseModel):
    """How many needed what at an event: what stays when the needs themselves are deleted."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=NeedKind)
    label = models.CharField(max_length=80)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["kind", "label"]
        constraints = [
            models.UniqueConstraint(fields=["event", "kind", "label"], name="need_count_once"),
            models.CheckConstraint(name="need_count_kind_is_known", condition=Q(kind__in=NeedKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.label}"
