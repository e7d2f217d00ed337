"""Partnerships, the boroughs, sectors and organisations around them, and where somebody is from."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from core.colour import check_readable
from core.models import BaseModel


class Partnership(BaseModel):
    """The body that runs the programme."""

    name = models.CharField(max_length=120, unique=True)
    short_name = models.CharField(max_length=40, unique=True, help_text="As old exports write it in “Hosted by”.")
    slug = models.SlugField(unique=True)
    strapline = models.CharField(max_length=160, blank=True, default="")
    logo = models.FileField(upload_to="logos/", blank=True)
    is_default = models.BooleanField(default=False, help_text="Whose name, look and catalogue a visitor sees.")
    primary_colour = models.CharField(
        max_length=7, default="#0f4c5c", validators=[RegexValidator(r"^#[0-9a-f]{6}$", "Write a colour as #0f4c5c.")]
    )
    team_email = models.EmailField(help_text="Replies to our messages go here.")
    sender_address = models.EmailField(
        blank=True, default="", help_text="Our messages come from here; empty: from the installation's own address."
    )
    team_phone = models.CharField(max_length=40, blank=True, default="")
    asks_for_manager = models.BooleanField(default=False, help_text="A line manager's e-mail is required at first sign-in.")
    messages_from = models.DateField(
        null=True, blank=True, help_text="Nothing is sent about what happened before this day. Empty: nothing is sent at all."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="partnership_one_default")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses a colour on which white letters are hard to read."""
        try:
            check_readable(self.primary_colour)
        except ValidationError as refused:
            raise ValidationError({"primary_colour": refused}) from refused


class Borough(BaseModel):
    name = models.CharField(max_length=80, unique=True)
    partnership = models.ForeignKey(Partnership, null=True, blank=True, on_delete=models.PROTECT, related_name="boroughs")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Sector(BaseModel):
    """The kind of agency an organisation is."""

    name = models.CharField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Organisation(BaseModel):
    """An agency. One that ends names its successor, so that series over years do not break."""

    name = models.CharField(max_length=160, unique=True)
    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, related_name="organisations")
    borough = models.ForeignKey(Borough, null=True, blank=True, on_delete=models.PROTECT, related_name="organisations")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="organisation_ends_after_it_begins",
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PartnerAgency(BaseModel):
    """This organisation is a partner of this partnership: its people book free."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="partner_agencies")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="partner_of")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partnership", "organisation"], name="partner_agency_once")]

    def __str__(self) -> str:
        return f"{self.organisation} in {self.partnership}"


class OrganisationAlias(BaseModel):
    """Another name people type for an organisation, or, with no organisation, for having none ("self", "N/A").

    ``key`` is people.queries.organisation_key(text): what is compared.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="organisation_aliases")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(max_length=200)
    key = models.CharField(max_length=200)

    class Meta:
        ordering = ["text"]
        constraints = [models.UniqueConstraint(fields=["partnership", "key"], name="organisation_alias_once")]

    def __str__(self) -> str:
        return self.text


class OrganisationState(models.TextChoices):
    MATCHED = "matched", "Matched"
    UNMATCHED = "unmatched", "Not matched"
    NONE = "none", "No organisation"


class Affiliation(models.Model):
    """Where somebody worked on a day: the text as typed and what it was matched to.

    A booking and a walk-in each keep one of their own, so that a report never changes because somebody changed jobs.
    """

    organisation_text = models.CharField(max_length=200, blank=True, default="")
    organisation_state = models.CharField(max_length=10, choices=OrganisationState, default=OrganisationState.NONE)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sector = models.ForeignKey(Sector, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    borough = models.ForeignKey(Borough, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    job_role = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_organisation_is_as_its_state_says",
                condition=Q(organisation_state="matched", organisation__isnull=False, sector__isnull=False)
                | Q(organisation_state__in=["unmatched", "none"], organisation__isnull=True, sector__isnull=True),
            )
        ]


AFFILIATION_FIELDS = (
    "organisation_text",
    "organisation_state",
    "organisation_id",
    "sector_id",
    "borough_id",
    "job_role",
)
