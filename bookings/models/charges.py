"""Charges: drafts until an officer approves them, reversed by a credit, never deleted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models.bookings import Booking
from bookings.models.charging import ExcuseReason, PayerClass, PolicyVersion
from core.models import BaseModel
from core.states import StateTable
from events.models import Event
from people.models import Organisation, Partnership, Person


class PaysBy(models.TextChoices):
    INVOICE = "invoice", "Invoice"
    INTERNAL_RECHARGE = "internal_recharge", "Internal recharge"


class BillingDetails(BaseModel):
    """Where the council's finance team sends a booking's bill, as answered at booking."""

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="billing")
    pays_by = models.CharField(max_length=20, choices=PaysBy)
    invoice_to = models.CharField(max_length=160, blank=True, default="")
    invoice_address = models.TextField(blank=True, default="")
    invoice_email = models.EmailField(blank=True, default="")
    purchase_order = models.CharField(max_length=60, blank=True, default="")
    cost_code = models.CharField(max_length=60, blank=True, default="")
    vat_code = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="billing_pays_by_is_known", condition=Q(pays_by__in=PaysBy.values)),
            models.CheckConstraint(
                name="billing_recharge_has_a_cost_code", condition=~Q(pays_by="internal_recharge") | ~Q(cost_code="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_pays_by_display()} for {self.booking}"


class ChargeKind(models.TextChoices):
    FEE = "fee", "Fee"
    LATE_CANCELLATION = "late_cancellation", "Late cancellation"
    ABSENCE = "absence", "Did not attend"
    UNBOOKED_ARRIVAL = "unbooked_arrival", "Came without a booking"
    EXTRA = "extra", "Extra cost"
    CREDIT = "credit", "Credit"


ONCE_A_BOOKING = (ChargeKind.FEE, ChargeKind.LATE_CANCELLATION, ChargeKind.ABSENCE)


class ChargeState(models.TextChoices):
    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    LISTED = "listed", "Listed for finance"
    EXCUSED = "excused", "Excused"


class ByPost(models.TextChoices):
    """What became of a letter about a charge that no e-mail could bring: the person has no address."""

    WAITS = "waits", "Letter to print or post"
    DONE = "done", "Letter printed or posted"


CHARGE_STATES = StateTable(
    "charge",
    {
        ChargeState.DRAFT: frozenset({ChargeState.APPROVED, ChargeState.EXCUSED}),
        ChargeState.APPROVED: frozenset({ChargeState.LISTED}),
        ChargeState.EXCUSED: frozenset({ChargeState.DRAFT}),
        ChargeState.LISTED: frozenset(),
    },
)


class ChargeList(BaseModel):
    """Approved charges handed to the finance team at one time. Made once; the file can be fetched again."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["partnership", "number"], name="charge_list_number_once")]

    def __str__(self) -> str:
        return f"List {self.number}"


class Charge(BaseModel):
    """An amount in pounds that somebody's organisation owes, or, as a credit, gets back.

    ``workings`` says how the amount came about. ``booking`` is empty for somebody who came without one. Person, event,
    organisation and payer class are those of the day.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, null=True, blank=True, on_delete=models.PROTECT, related_name="charges")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    organisation_text = models.CharField(max_length=200, blank=True, default="")
    payer_class = models.CharField(max_length=20, choices=PayerClass)
    kind = models.CharField(max_length=20, choices=ChargeKind)
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    policy_version = models.ForeignKey(PolicyVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    workings = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=ChargeState, default=ChargeState.DRAFT)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    excused_reason = models.CharField(max_length=20, choices=ExcuseReason, blank=True, default="")
    excused_note = models.CharField(max_length=300, blank=True, default="")
    excused_at = models.DateTimeField(null=True, blank=True)
    excused_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reverses = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="credits")
    charge_list = models.ForeignKey(ChargeList, null=True, blank=True, on_delete=models.PROTECT, related_name="charges")
    invoice_on = models.DateField()
    by_post = models.CharField(
        max_length=10, choices=ByPost, blank=True, default="", help_text="Empty: the letter went by e-mail, or there was none."
    )

    class Meta:
        ordering = ["-raised_at", "id"]
        indexes = [models.Index(fields=["partnership", "state", "raised_at"], name="charge_by_state")]
        constraints = [
            models.CheckConstraint(name="charge_kind_is_known", condition=Q(kind__in=ChargeKind.values)),
            models.CheckConstraint(name="charge_state_is_known", condition=Q(state__in=ChargeState.values)),
            models.CheckConstraint(name="charge_payer_class_is_known", condition=Q(payer_class__in=PayerClass.values)),
            models.CheckConstraint(
                name="charge_letter_by_post_is_known",
                condition=Q(by_post="") | Q(by_post__in=ByPost.values, state__in=["approved", "listed"]),
            ),
            models.CheckConstraint(name="charge_says_how_it_came_about", condition=~Q(workings="")),
            models.CheckConstraint(
                name="charge_credit_takes_back_and_nothing_else_does",
                condition=Q(kind="credit", reverses__isnull=False, amount__lt=0)
                | (~Q(kind="credit") & Q(reverses__isnull=True, amount__gt=0)),
            ),
            models.CheckConstraint(
                name="charge_approved_says_when",
                condition=Q(state__in=["approved", "listed"], approved_at__isnull=False)
                | Q(state__in=["draft", "excused"], approved_at__isnull=True),
            ),
            models.CheckConstraint(
                name="charge_excused_says_why_and_when",
                condition=(Q(state="excused", excused_at__isnull=False) & ~Q(excused_reason=""))
                | (~Q(state="excused") & Q(excused_reason="", excused_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="charge_listed_stands_in_a_list",
                condition=Q(state="listed", charge_list__isnull=False) | (~Q(state="listed") & Q(charge_list__isnull=True)),
            ),
            models.CheckConstraint(
                name="charge_is_of_a_booking",
                condition=Q(booking__isnull=False) | Q(kind__in=["fee", "unbooked_arrival", "extra", "credit"]),
            ),
            models.UniqueConstraint(
                fields=["booking", "kind"], condition=Q(kind__in=ONCE_A_BOOKING), name="charge_once_a_booking_and_kind"
            ),
            models.UniqueConstraint(
                fields=["event", "person", "kind"],
                condition=Q(booking__isnull=True, kind__in=["fee", "unbooked_arrival"]),
                name="charge_once_for_an_unbooked_arrival",
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(reverses__isnull=False) & ~Q(state="excused"),
                name="charge_reversed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, £{self.amount}"


class ChargeChange(BaseModel):
    """One step of a charge's history: who, when, from what, to what, and why. Never changed, never deleted."""

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    from_state = models.CharField(max_length=10, blank=True, default="")
    to_state = models.CharField(max_length=10)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
