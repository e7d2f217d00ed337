"""Who claims a place, and how each claim went."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from bookings.models.charging import PayerClass, PolicyVersion, WhoMayCancel
from bookings.models.holds import Hold
from core.models import BaseModel
from core.states import StateTable
from events.models import Event, Session
from people.models import Affiliation, Person, addresses_at_hand


class BookingStatus(models.TextChoices):
    REQUESTED = "requested", "Requested"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    CONFIRMED = "confirmed", "Confirmed"
    WAITING = "waiting", "On the waiting list"
    OFFERED = "offered", "Offered a place"
    CANCELLED = "cancelled", "Cancelled"
    DECLINED = "declined", "Declined"
    LAPSED = "lapsed", "Lapsed"
    NOT_PLACED = "not_placed", "Not placed"
    SUBSTITUTED = "substituted", "Substituted"
    TRANSFERRED = "transferred", "Transferred"


LIVE = (
    BookingStatus.REQUESTED,
    BookingStatus.AWAITING_APPROVAL,
    BookingStatus.CONFIRMED,
    BookingStatus.WAITING,
    BookingStatus.OFFERED,
)
# With an awaiting approval that has no number in the queue: on a full event approval comes first, then waiting.
HOLDING_A_PLACE = (BookingStatus.REQUESTED, BookingStatus.CONFIRMED, BookingStatus.OFFERED)
NEVER_PLACED = (BookingStatus.WAITING, BookingStatus.NOT_PLACED)


def holds_a_place(prefix: str = "") -> Q:
    """The condition under which a booking takes one of the event's places. ``prefix`` leads to the booking ("booking__")."""
    awaiting = {f"{prefix}status": BookingStatus.AWAITING_APPROVAL, f"{prefix}queue_number__isnull": True}
    return Q(**{f"{prefix}status__in": HOLDING_A_PLACE}) | Q(**awaiting)


BOOKING_STATES = StateTable(
    "booking",
    {
        BookingStatus.REQUESTED: frozenset(
            {
                BookingStatus.CONFIRMED,
                BookingStatus.CANCELLED,
                BookingStatus.SUBSTITUTED,
                BookingStatus.TRANSFERRED,
                BookingStatus.LAPSED,
            }
        ),
        BookingStatus.AWAITING_APPROVAL: frozenset(
            {
                BookingStatus.REQUESTED,
                BookingStatus.CONFIRMED,
                BookingStatus.WAITING,
                BookingStatus.DECLINED,
                BookingStatus.LAPSED,
                BookingStatus.CANCELLED,
            }
        ),
        BookingStatus.CONFIRMED: frozenset({BookingStatus.CANCELLED, BookingStatus.SUBSTITUTED, BookingStatus.TRANSFERRED}),
        BookingStatus.WAITING: frozenset(
            {
                BookingStatus.REQUESTED,
                BookingStatus.CONFIRMED,
                BookingStatus.OFFERED,
                BookingStatus.CANCELLED,
                BookingStatus.NOT_PLACED,
            }
        ),
        BookingStatus.OFFERED: frozenset(
            {
                BookingStatus.REQUESTED,
                BookingStatus.CONFIRMED,
                BookingStatus.DECLINED,
                BookingStatus.LAPSED,
                BookingStatus.CANCELLED,
            }
        ),
        BookingStatus.CANCELLED: frozenset(),
        BookingStatus.DECLINED: frozenset(),
        BookingStatus.LAPSED: frozenset(),
        BookingStatus.NOT_PLACED: frozenset(),
        BookingStatus.SUBSTITUTED: frozenset(),
        BookingStatus.TRANSFERRED: frozenset(),
    },
)


class CancelledBy(models.TextChoices):
    DELEGATE = "delegate", "Delegate"
    MANAGER = "manager", "Manager"
    ORGANISER = "organiser", "Organiser"


def about_booking(pk: UUID) -> str:
    """What every message about this booking carries as its ``about``."""
    return f"booking:{pk}"


class BookingQuerySet(models.QuerySet["Booking"]):
    def live(self) -> BookingQuerySet:
        return self.filter(status__in=LIVE)

    def to_write_to(self) -> BookingQuerySet:
        """Each with its person, their addresses, who booked and the rules they accepted: what a letter about it asks for."""
        related = self.select_related("person", "booked_by", "policy_version").defer("policy_version__text")
        return related.prefetch_related(addresses_at_hand("person__"))

    def holding_a_place(self) -> BookingQuerySet:
        return self.filter(holds_a_place())

    def waiting(self) -> BookingQuerySet:
        """The waiting list, first in line first: by priority, then in the order of joining."""
        return self.filter(status=BookingStatus.WAITING).order_by("-priority", "queue_number")

    def before(self, booking: Booking) -> BookingQuerySet:
        """Those who stand in front of this one in the same queue."""
        sooner = Q(priority__gt=booking.priority) | Q(priority=booking.priority, queue_number__lt=booking.queue_number)
        return self.filter(sooner, event_id=booking.event_id)


class Priority(models.IntegerChoices):
    """Whose turn comes sooner on the waiting list. Anything but the usual has a written reason."""

    USUAL = 0, "Usual"
    HIGH = 1, "High"
    HIGHEST = 2, "Highest"


class Booking(Affiliation, BaseModel):
    """One person's claim on a place. Keeps the organisation, sector, borough and job role of its day.

    ``queue_number`` is the place in the order of joining; whoever gets a place loses it, so one that is kept says that they
    never had one. ``hold`` is the hold the place came from. ``replaces`` is the booking whose place this one took over: a
    colleague's, or the person's own at another date. ``cancelled_in_time`` is None where it can't be known: rows brought over
    from an older system.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=BookingStatus)
    queue_number = models.PositiveIntegerField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.USUAL)
    priority_reason = models.CharField(max_length=300, blank=True, default="")
    offered_until = models.DateTimeField(null=True, blank=True)
    hold = models.ForeignKey(Hold, null=True, blank=True, on_delete=models.PROTECT, related_name="bookings")
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    manager_email = models.EmailField(blank=True, default="")
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, choices=CancelledBy, blank=True, default="")
    cancelled_in_time = models.BooleanField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0, help_text="Rises with each change of status.")
    policy_version = models.ForeignKey(
        PolicyVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The version on charges that was accepted at booking. Empty: nothing can cost.",
    )
    payer_class = models.CharField(max_length=20, choices=PayerClass, blank=True, default="")

    objects = BookingQuerySet.as_manager()

    class Meta(Affiliation.Meta):
        abstract = False
        ordering = ["booked_at", "id"]
        indexes = [
            models.Index(fields=["event", "status"], name="booking_by_event_and_status"),
            models.Index(fields=["person", "status"], name="booking_by_person_and_status"),
        ]
        constraints = [
            *Affiliation.Meta.constraints,
            models.UniqueConstraint(
                fields=["event", "person"], condition=Q(status__in=LIVE), name="booking_one_live_for_person_and_event"
            ),
            models.UniqueConstraint(
                fields=["event", "queue_number"],
                condition=Q(queue_number__isnull=False),
                name="booking_queue_number_once",
            ),
            models.CheckConstraint(name="booking_status_is_known", condition=Q(status__in=BookingStatus.values)),
            models.CheckConstraint(
                name="booking_cancelled_says_by_whom",
                condition=(Q(status="cancelled") & ~Q(cancelled_by="")) | (~Q(status="cancelled") & Q(cancelled_by="")),
            ),
            models.CheckConstraint(name="booking_payer_class_is_known", condition=Q(payer_class__in=["", *PayerClass.values])),
            models.CheckConstraint(name="booking_cancelled_by_is_known", condition=Q(cancelled_by__in=["", *CancelledBy.values])),
            models.CheckConstraint(
                name="booking_offered_says_until_when",
                condition=(Q(status="offered") & Q(offered_until__isnull=False))
                | (~Q(status="offered") & Q(offered_until__isnull=True)),
            ),
            models.CheckConstraint(name="booking_priority_is_known", condition=Q(priority__in=Priority.values)),
            models.CheckConstraint(name="booking_priority_says_why", condition=Q(priority=0) | ~Q(priority_reason="")),
            models.CheckConstraint(
                name="booking_with_a_place_has_no_number",
                condition=~Q(status__in=HOLDING_A_PLACE) | Q(queue_number__isnull=True),
            ),
            models.CheckConstraint(
                name="booking_waiting_has_a_number",
                condition=~Q(status="waiting") | Q(queue_number__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.event}"

    @property
    def about(self) -> str:
        return about_booking(self.pk)

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def has_a_place(self) -> bool:
        """Whether it takes one of the event's places: holds_a_place() for one row."""
        if self.status == BookingStatus.AWAITING_APPROVAL:
            return self.queue_number is None
        return self.status in HOLDING_A_PLACE

    @property
    def only_a_manager_cancels(self) -> bool:
        """Whether the policy that it accepted leaves cancelling it to managers: only a sure place, by whoever holds it."""
        version = self.policy_version
        return self.status == BookingStatus.CONFIRMED and version is not None and version.who_may_cancel == WhoMayCancel.MANAGER


class BookingChange(BaseModel):
    """One step of a booking's history: who, when, from what, to what, and why. Never changed, never deleted."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    from_status = models.CharField(max_length=20, blank=True, default="")
    to_status = models.CharField(max_length=20)
    reason = models.CharField(max_length=300, blank=True, default="")
    rule_set_aside = models.CharField(
        max_length=200, blank=True, default="", help_text="The codes of the rules an officer went over, with the reason."
    )

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(name="booking_change_over_a_rule_has_a_reason", condition=Q(rule_set_aside="") | ~Q(reason=""))
        ]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class Invitation(BaseModel):
    """One calendar entry sent: the uid it has in the person's calendar and how often it was changed.

    A booking made again after a cancellation is another booking, so it gets another uid.
    """

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="invitations")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    uid = models.CharField(max_length=120, unique=True)
    sequence = models.PositiveIntegerField(default=0)
    is_cancelled = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["booking", "session"], name="invitation_once_for_a_session")]

    def __str__(self) -> str:
        return self.uid
