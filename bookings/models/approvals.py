"""A manager is asked whether somebody may come."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bookings.models.bookings import Booking
from core.models import BaseModel
from people.models import Person


class Decision(models.TextChoices):
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    LAPSED = "lapsed", "Lapsed"


class Approver(models.TextChoices):
    MANAGER = "manager", "The manager"
    DEPUTY = "deputy", "The deputy"
    OFFICER = "officer", "An officer"


APPROVAL_LINK = "bookings.approval"  # what the signature in an approver's link is for


class ApprovalRequest(BaseModel):
    """The question to a manager about one booking. The deputy is asked together with the reminder.

    ``round`` rises when somebody else is asked, and the links of an earlier round open nothing any more.
    """

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="approval")
    manager_email = models.EmailField()
    deputy_email = models.EmailField(blank=True, default="")
    round = models.PositiveSmallIntegerField(default=1)
    asked_at = models.DateTimeField()
    remind_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    lapses_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_as = models.CharField(max_length=10, choices=Approver, blank=True, default="")
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["asked_at", "id"]
        indexes = [models.Index(fields=["lapses_at"], condition=Q(decision=""), name="approval_open")]
        constraints = [
            models.CheckConstraint(name="approval_decision_is_known", condition=Q(decision__in=["", *Decision.values])),
            models.CheckConstraint(
                name="approval_decided_says_when",
                condition=Q(decision="", decided_at__isnull=True) | (~Q(decision="") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(name="approval_lapses_after_it_is_asked", condition=Q(lapses_at__gt=F("asked_at"))),
        ]

    def __str__(self) -> str:
        return f"Approval of {self.booking}"

    def link_value(self, approver: str) -> str:
        """What the signature in that approver's link stands for."""
        return f"{self.pk}.{self.round}.{approver}"

    @property
    def is_open(self) -> bool:
        return not self.decision
