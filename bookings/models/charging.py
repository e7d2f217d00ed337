"""What booking costs: payer classes, the policy in its versions, and its amounts."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from core.models import BaseModel
from people.models import Organisation, Partnership, Person


class PayerClass(models.TextChoices):
    """Who pays for whom: what an organisation is to the partnership where money is concerned."""

    PARTNER = "partner", "Partner agency"
    SCHOOL = "school", "Maintained school"
    INDEPENDENT_SCHOOL = "independent_school", "Independent school, academy or free school"
    VOLUNTARY = "voluntary", "Local voluntary organisation"
    LARGE_VOLUNTARY = "large_voluntary", "Large or national voluntary organisation"
    PRIVATE = "private", "Private or profit-making"
    OUT_OF_AREA = "out_of_area", "From outside the area"
    INDIVIDUAL = "individual", "Somebody without an organisation"
    OTHER = "other", "Everybody else"


class OrganisationClass(BaseModel):
    """What this organisation pays as, where it is not what bookings.queries works out for it."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    payer_class = models.CharField(max_length=20, choices=PayerClass)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "organisation"], name="organisation_class_once"),
            models.CheckConstraint(name="organisation_class_is_known", condition=Q(payer_class__in=PayerClass.values)),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_payer_class_display()}"


class ChargingSettings(BaseModel):
    """Whether a partnership charges at all. Without a row it does not."""

    partnership = models.OneToOneField(Partnership, on_delete=models.CASCADE, related_name="+")
    is_on = models.BooleanField(default=False)
    needs_second_person = models.BooleanField(
        default=False, help_text="Whoever raised a charge can't approve it: another officer does."
    )

    def __str__(self) -> str:
        return f"Charges of {self.partnership}: {'on' if self.is_on else 'off'}"


class NoticeUnit(models.TextChoices):
    WORKING_DAYS = "working_days", "working days"
    CALENDAR_DAYS = "calendar_days", "calendar days"
    WEEKS = "weeks", "weeks"
    HOURS = "hours", "hours"


class Substitutes(models.TextChoices):
    NEVER = "never", "Nobody else may come instead"
    BEFORE_START = "before_start", "Until the event starts"
    DAYS_BEFORE = "days_before", "Until so many working days before"


class WhoMayCancel(models.TextChoices):
    ANYBODY = "anybody", "The person, their manager or their training lead"
    MANAGER = "manager", "Only a manager"


class InvoiceTiming(models.TextChoices):
    AT_BOOKING = "at_booking", "At booking"
    AFTER_24_HOURS = "after_24_hours", "24 hours after the event"
    WITHIN_2_WEEKS = "within_2_weeks", "Within two weeks of the event"
    MONTHLY = "monthly", "Once a month"


class ExcuseReason(models.TextChoices):
    OPERATIONAL_DUTY = "operational_duty", "Operational duty"
    SICKNESS = "sickness", "Sickness"
    BEREAVEMENT = "bereavement", "Bereavement"
    CORRECTION = "correction", "Raised in error or corrected"
    OTHER = "other", "Another reason"


class PolicyVersion(BaseModel):
    """One version of a partnership's policy on charges. Never changed: whoever saves the settings makes the next version.

    The version that was in force when a booking was made is the one that counts for it. Amounts stand in ``rates``.
    ``notice`` is how long before the start somebody may cancel free of charge, in ``notice_unit``; with ``is_more_than`` it must
    be exceeded. Working days are dates: the day of the event is not counted. ``cut_off`` is the London time on the last day.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    text = models.TextField(help_text="What people read before they book.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    in_force_from = models.DateTimeField()
    notice = models.PositiveSmallIntegerField()
    notice_unit = models.CharField(max_length=20, choices=NoticeUnit, default=NoticeUnit.WORKING_DAYS)
    is_more_than = models.BooleanField(default=False)
    cut_off = models.TimeField(null=True, blank=True, help_text="Empty: the whole last day.")
    half_day_hours = models.DecimalField(max_digits=4, decimal_places=2, default=4, help_text="As long as this is half a day.")
    charges_late_cancellation = models.BooleanField(default=True)
    charges_absence = models.BooleanField(default=True)
    charges_refused_late = models.BooleanField(default=False)
    charges_leaving_early = models.BooleanField(default=False)
    recharges_extras = models.BooleanField(default=False, help_text="An interpreter ordered for somebody who did not come.")
    late_after_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    substitutes = models.CharField(max_length=20, choices=Substitutes, default=Substitutes.BEFORE_START)
    substitutes_days = models.PositiveSmallIntegerField(default=0)
    who_may_cancel = models.CharField(max_length=10, choices=WhoMayCancel, default=WhoMayCancel.ANYBODY)
    invoice_timing = models.CharField(max_length=20, choices=InvoiceTiming, default=InvoiceTiming.MONTHLY)
    pay_within_days = models.PositiveSmallIntegerField(null=True, blank=True)
    waiver_reasons = models.JSONField(default=list, blank=True, help_text="For which reasons an officer may excuse a charge.")

    class Meta:
        ordering = ["partnership", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["partnership", "number"], name="policy_version_number_once"),
            models.CheckConstraint(name="policy_version_unit_is_known", condition=Q(notice_unit__in=NoticeUnit.values)),
            models.CheckConstraint(name="policy_version_half_day_lasts", condition=Q(half_day_hours__gt=0)),
            models.CheckConstraint(
                name="policy_version_hours_have_no_cut_off", condition=~Q(notice_unit="hours") | Q(cut_off__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"


class Trigger(models.TextChoices):
    ATTEND = "attend", "Attending"
    LATE_CANCELLATION = "late_cancellation", "Cancelling late"
    ABSENCE = "absence", "Not coming"
    UNBOOKED_ARRIVAL = "unbooked_arrival", "Coming without a booking"


class Rate(BaseModel):
    """One amount of a policy: money for half a day and a day, or a share of the event's course cost.

    ``payer_class`` empty: everybody who has no rate of their own for this trigger. ``notice`` is a tier of late cancellation: the
    rate applies when less notice than this was given. With ``is_per_day`` each day of the event costs, else the event as a whole.
    """

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="rates")
    trigger = models.CharField(max_length=20, choices=Trigger)
    payer_class = models.CharField(max_length=20, choices=PayerClass, blank=True, default="")
    notice = models.PositiveSmallIntegerField(null=True, blank=True)
    half_day = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)])
    day = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)])
    is_per_day = models.BooleanField(default=False)
    percent_of_fee = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["trigger", "payer_class", "-notice"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "trigger", "payer_class", "notice"], condition=Q(notice__isnull=False), name="rate_tier_once"
            ),
            models.UniqueConstraint(
                fields=["version", "trigger", "payer_class"], condition=Q(notice__isnull=True), name="rate_once"
            ),
            models.CheckConstraint(name="rate_trigger_is_known", condition=Q(trigger__in=Trigger.values)),
            models.CheckConstraint(name="rate_payer_class_is_known", condition=Q(payer_class__in=["", *PayerClass.values])),
            models.CheckConstraint(
                name="rate_is_money_or_a_share",
                condition=Q(half_day__isnull=False, half_day__gte=0, day__isnull=False, day__gte=0, percent_of_fee__isnull=True)
                | Q(half_day__isnull=True, day__isnull=True, percent_of_fee__isnull=False, percent_of_fee__lte=100),
            ),
            models.CheckConstraint(
                name="rate_notice_is_of_a_late_cancellation",
                condition=Q(trigger="late_cancellation", notice__isnull=False)
                | (~Q(trigger="late_cancellation") & Q(notice__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        share = f"{self.percent_of_fee} % of the course cost" if self.percent_of_fee is not None else f"£{self.day}"
        return f"{self.get_trigger_display()}: {share}"
