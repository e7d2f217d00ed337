"""The people who learn, what has changed of them, and who of them has which role."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Replace

from core.models import BaseModel
from people.models.organisations import (
    Affiliation,
    Organisation,
    Partnership,
)

HEARING_LINK = "people.hearing"  # what the signature in the link that stops letters about places is for


APOSTROPHE = "'"
OTHER_APOSTROPHES = "\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}`\N{MODIFIER LETTER APOSTROPHE}"
ONE_APOSTROPHE = str.maketrans(dict.fromkeys(OTHER_APOSTROPHES, APOSTROPHE))


class PersonQuerySet(models.QuerySet["Person"]):
    def active(self) -> PersonQuerySet:
        return self.filter(is_active=True)

    def holding(self, role: str, partnership: Partnership) -> PersonQuerySet:
        """People who have this role in the partnership now."""
        grants = Grant.objects.in_force().filter(role=role, partnership=partnership, person_id=OuterRef("pk"))
        return self.filter(models.Exists(grants))

    def never_proved(self, joined_before: datetime) -> PersonQuerySet:
        """Rows that a sign-in made, whose code nobody entered, and that say nothing about anybody yet."""
        proved = EmailAddress.objects.filter(user_id=OuterRef("pk"), verified=True)
        return self.filter(
            ~models.Exists(proved),
            made_by_sign_in=True,
            joined_at__lt=joined_before,
            last_login__isnull=True,
            profile_done_at__isnull=True,
            forename="",
            surname="",
        )

    def with_address(self) -> PersonQuerySet:
        """Adds ``address``: the person's main e-mail address, or None."""
        main = EmailAddress.objects.filter(user_id=OuterRef("pk")).order_by("-primary", "-verified", "pk")
        return self.annotate(address=Subquery(main.values("email")[:1]))

    def matching(self, text: str) -> PersonQuerySet:
        """People whose name or address holds every word of ``text``, whichever apostrophe either is written with."""
        found: PersonQuerySet = self
        for word in text.translate(ONE_APOSTROPHE).split():
            if APOSTROPHE in word:
                addresses = EmailAddress.objects.filter(user_id=OuterRef("pk")).alias(plain=_plain("email"))
                found = found._with_plain_names().filter(
                    Q(plain_forename__icontains=word)
                    | Q(plain_surname__icontains=word)
                    | models.Exists(addresses.filter(plain__icontains=word))
                )
            else:
                has_address = models.Exists(EmailAddress.objects.filter(user_id=OuterRef("pk"), email__icontains=word))
                found = found.filter(Q(forename__icontains=word) | Q(surname__icontains=word) | has_address)
        return found

    def nearest_first(self, text: str, *, organisation_id: UUID | None = None) -> PersonQuerySet:
        """Who is called exactly as typed comes first, then who works at this organisation, then the others by name."""
        exact: Any = Value(0)
        for word in text.translate(ONE_APOSTROPHE).split():
            for name in ("plain_forename__iexact", "plain_surname__iexact"):
                exact = exact + Case(When(**{name: word}, then=Value(1)), default=Value(0))
        here: Any = Value(0)
        if organisation_id is not None:
            here = Case(When(organisation_id=organisation_id, then=Value(1)), default=Value(0))
        ranked = self._with_plain_names().alias(rank_exact=exact, rank_here=here)
        return ranked.order_by("-rank_exact", "-rank_here", "surname", "forename", "pk")

    def _with_plain_names(self) -> PersonQuerySet:
        return self.alias(plain_forename=_plain("forename"), plain_surname=_plain("surname"))


def _plain(field: str) -> Any:
    """The field with every apostrophe as a keyboard has it."""
    plain: Any = F(field)
    for other in OTHER_APOSTROPHES:
        plain = Replace(plain, Value(other), Value(APOSTROPHE))
    return plain


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    pass


class Person(AbstractBaseUser, Affiliation, BaseModel):
    """Somebody who learns. May have no e-mail address of their own, and so no sign-in.

    Addresses stand in the sign-in library's EmailAddress table, in lower case.
    """

    forename = models.CharField(max_length=80, blank=True, default="")
    surname = models.CharField(max_length=80, blank=True, default="")
    manager_email = models.EmailField(blank=True, default="")
    profile_done_at = models.DateTimeField(
        null=True, blank=True, help_text="When the questions of the first sign-in were answered."
    )
    agreed_to_hear_at = models.DateTimeField(
        null=True, blank=True, help_text="When they agreed that we write to them about places; empty: they have not."
    )
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(null=True, blank=True, help_text="When we first heard of them, if that is known.")
    made_by_sign_in = models.BooleanField(
        default=False, help_text="Somebody typed an address on the sign-in page; nobody added or imported this person."
    )
    partnerships = models.ManyToManyField(
        Partnership, blank=True, related_name="people", help_text="Whose officers look after this person's record."
    )

    objects = PersonManager()

    # The roles of the request that this person acts in, set by people.middleware; empty elsewhere.
    roles_at_hand: frozenset[str] = frozenset()

    USERNAME_FIELD = "id"
    REQUIRED_FIELDS = []

    class Meta(Affiliation.Meta):
        abstract = False
        ordering = ["surname", "forename", "id"]
        indexes = [models.Index(fields=["surname", "forename"], name="person_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name as a page shows it; people who have not said yet have none."""
        return f"{self.forename} {self.surname}".strip() or "Name not given yet"

    def get_full_name(self) -> str:
        return self.name

    def addresses(self) -> list[str]:
        """Their e-mail addresses, the main one first. One query; none where ``addresses_at_hand()`` was read beforehand."""
        found: Any = getattr(self, "addresses_at_hand", None)
        if found is None:
            found = EmailAddress.objects.filter(user_id=self.pk)
        return [one.email for one in sorted(found, key=lambda one: (not one.primary, not one.verified, one.pk))]

    def main_address(self) -> str:
        """The main e-mail address, or an empty text. Lists use ``with_address()`` or ``addresses_at_hand()``."""
        return next(iter(self.addresses()), "")

    def audit_label(self) -> str:
        """What the audit trail calls this actor: no name, so that it can outlive the person."""
        if Role.OFFICER in self.roles_at_hand:
            return "an officer"
        if Role.TRAINER in self.roles_at_hand:
            return "a trainer"
        return "a training lead" if Role.TRAINING_LEAD in self.roles_at_hand else "a person"


def addresses_at_hand(path: str = "") -> models.Prefetch:
    """For prefetch_related(), so that ``addresses()`` needs no query; ``path`` leads to the person, as in "person__"."""
    return models.Prefetch(f"{path}emailaddress_set", to_attr="addresses_at_hand")


class PersonChange(BaseModel):
    """Something that was done to a person's record which needs a reason: who did it, when, what and why."""

    class What(models.TextChoices):
        ADDED = "added", "Added"
        ADDRESS = "address", "E-mail address changed"
        DEACTIVATED = "deactivated", "Stopped from signing in"
        REACTIVATED = "reactivated", "Allowed to sign in again"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    what = models.CharField(max_length=20, choices=What)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-at", "id"]
        constraints = [
            models.CheckConstraint(
                name="person_change_says_why",
                condition=~Q(what__in=["address", "deactivated", "reactivated"]) | ~Q(reason=""),
            )
        ]

    def __str__(self) -> str:
        return self.get_what_display()


class Role(models.TextChoices):
    """What somebody may be besides a practitioner, which everybody is."""

    TRAINING_LEAD = "training_lead", "Agency training lead"
    TRAINER = "trainer", "Trainer"
    OFFICER = "officer", "Officer"
    SUBGROUP_MEMBER = "subgroup_member", "Subgroup member"


class GrantQuerySet(models.QuerySet["Grant"]):
    def in_force(self) -> GrantQuerySet:
        return self.filter(ended_at__isnull=True)


class Grant(BaseModel):
    """This person has this role, in a partnership and, for a training lead, for one organisation.

    Ended, never deleted: who gave it, who took it away and why stay.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=Role)
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="grants")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    end_reason = models.CharField(max_length=300, blank=True, default="")

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["role", "given_at"]
        constraints = [
            models.CheckConstraint(
                name="grant_of_a_training_lead_names_an_organisation",
                condition=(Q(role="training_lead") & Q(organisation__isnull=False))
                | (~Q(role="training_lead") & Q(organisation__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["person", "role", "partnership"],
                condition=Q(ended_at__isnull=True, organisation__isnull=True),
                name="grant_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "partnership", "organisation"],
                condition=Q(ended_at__isnull=True, organisation__isnull=False),
                name="grant_for_an_organisation_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} in {self.partnership}"
