"""The learning record's ledger: what somebody has learned, from wherever it was learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from core.codes import in_groups
from core.models import BaseModel
from core.text import one_line
from courses.models import Course
from people.models import Partnership, Person


class SourceKind(models.TextChoices):
    ATTENDANCE = "attendance", "Attended"
    ACCEPTED_AS_EQUAL = "accepted_as_equal", "Accepted as equal"


class CreditQuerySet(models.QuerySet["Credit"]):
    def standing(self) -> CreditQuerySet:
        """Those that count: nobody withdrew them."""
        return self.filter(withdrawn_at=None)

    def newest_of_each(self) -> CreditQuerySet:
        """Of each person and course the one that decides until when it is to be refreshed: the last learned of those standing.

        None without a course.
        """
        same_day = Q(earned_on=OuterRef("earned_on"))
        newer = Q(earned_on__gt=OuterRef("earned_on")) | same_day & (
            Q(given_at__gt=OuterRef("given_at")) | Q(given_at=OuterRef("given_at"), pk__gt=OuterRef("pk"))
        )
        others = Credit.objects.standing().filter(newer, person=OuterRef("person"), course=OuterRef("course"))
        return self.standing().filter(~Exists(others), course__isnull=False)


class Credit(BaseModel):
    """One thing a person has learned.

    Whoever teaches posts it: ``source_uuid`` is the id of what was attended (an event), without a key, so that this room knows
    nothing of those above it. Other learning that an officer accepted as equal to a course has no source, but a note that says
    why. ``title`` and ``hours`` are as they stood when it was posted. Posted credits follow their source and are taken away with
    it; an acceptance is withdrawn, and stays with the reason.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160)
    hours = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)])
    earned_on = models.DateField()
    source_kind = models.CharField(max_length=20, choices=SourceKind)
    source_uuid = models.UUIDField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, default="", help_text="Why other learning was accepted.")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="")

    objects = CreditQuerySet.as_manager()

    class Meta:
        # Whoever learned a course within some days is looked for at every tick, and for each whether they learned it again.
        indexes = [
            models.Index(fields=["course", "earned_on"], name="credit_by_course_and_day"),
            models.Index(fields=["person", "course"], name="credit_by_person_and_course"),
        ]
        constraints = [
            # The source first: its index also finds all credits of one source.
            models.UniqueConstraint(fields=["source_uuid", "person", "source_kind", "course"], name="credit_once_for_a_course"),
            models.UniqueConstraint(
                fields=["source_uuid", "person", "source_kind"], condition=Q(course=None), name="credit_once_without_a_course"
            ),
            models.UniqueConstraint(
                fields=["person", "course"],
                condition=Q(source_kind="accepted_as_equal", withdrawn_at=None),
                name="credit_accepted_once_at_a_time",
            ),
            models.CheckConstraint(name="credit_source_is_known", condition=Q(source_kind__in=SourceKind.values)),
            models.CheckConstraint(name="credit_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(name="credit_hours_not_negative", condition=Q(hours__gte=0)),
            models.CheckConstraint(
                name="credit_accepted_says_for_which_course_and_why",
                condition=~Q(source_kind="accepted_as_equal") | (Q(course__isnull=False) & ~Q(note="")),
            ),
            models.CheckConstraint(
                name="credit_names_its_source_unless_accepted",
                condition=Q(source_kind="accepted_as_equal", source_uuid=None)
                | (~Q(source_kind="accepted_as_equal") & Q(source_uuid__isnull=False)),
            ),
            models.CheckConstraint(
                name="credit_withdrawn_is_an_acceptance_and_says_why",
                condition=Q(withdrawn_at=None, withdrawn_reason="")
                | (Q(source_kind="accepted_as_equal", withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.earned_on}"


@dataclass(frozen=True, slots=True)
class Earned:
    """What one person earned from a source. ``hours`` None: unknown. ``ended_on``: the last day, where it took several."""

    person_id: UUID
    course_id: UUID | None
    title: str
    hours: Decimal | None
    earned_on: date
    ended_on: date | None = None


def printed_name(person: Person) -> str:
    """As a certificate prints it; empty where they have not said yet."""
    return one_line(f"{person.forename} {person.surname}")[:200]


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def standing(self) -> CertificateQuerySet:
        """Those that hold: nobody withdrew them."""
        return self.filter(withdrawn_at=None)


class Certificate(BaseModel):
    """What a person can show of one thing they learned, and anybody can check by its code.

    Issued by whoever teaches, from the same source as the credit and without a key to it. Title, hours, day and the person's name
    are as they were printed: none of them changes afterwards. What turns out wrong is withdrawn with the reason, and stays; what
    is issued in its stead has a code of its own.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160)
    hours = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)])
    awarded_on = models.DateField(help_text="The day it was earned, as in the learning record.")
    ended_on = models.DateField(null=True, blank=True, help_text="The last day, where it took several.")
    name = models.CharField(max_length=200, help_text="The person's name, as printed.")
    source_kind = models.CharField(max_length=20, choices=SourceKind)
    source_uuid = models.UUIDField()
    code = models.CharField(max_length=12, unique=True)
    issued_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        # What was given or withdrawn lately is looked for at every tick.
        indexes = [
            models.Index(fields=["issued_at"], name="certificate_by_issue"),
            models.Index(fields=["withdrawn_at"], condition=Q(withdrawn_at__isnull=False), name="certificate_by_withdrawal"),
        ]
        constraints = [
            # The source first: its index also finds all certificates of one source.
            models.UniqueConstraint(
                fields=["source_uuid", "person"], condition=Q(withdrawn_at=None), name="certificate_one_standing_for_a_source"
            ),
            models.CheckConstraint(name="certificate_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(name="certificate_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(name="certificate_hours_not_negative", condition=Q(hours__gte=0)),
            models.CheckConstraint(name="certificate_ends_after_its_day", condition=Q(ended_on__gt=models.F("awarded_on"))),
            # Other learning that was accepted is not ours to certify.
            models.CheckConstraint(name="certificate_is_of_what_was_attended", condition=Q(source_kind="attendance")),
            models.CheckConstraint(
                name="certificate_withdrawn_says_why",
                condition=Q(withdrawn_at=None, withdrawn_reason="") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.awarded_on}"

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None

    @property
    def has_other_name(self) -> bool:
        """Whether the person, whom it knows, is called otherwise today than it was printed."""
        return printed_name(self.person) not in ("", self.name)

    @property
    def code_in_groups(self) -> str:
        return in_groups(self.code)
