"""What a person's own program shows instead of signing in."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from core.models import BaseModel
from people.models.people import Person


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def in_force(self, at: datetime) -> ApiTokenQuerySet:
        """Those that open the API now. A person who may not sign in has none."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at, person__is_active=True)


class ApiToken(BaseModel):
    """Lets a program act for a person, within its scopes. The token itself is shown once and kept only as its hash.

    ``minute`` and ``requests`` count how often it was used in the last minute it was used in.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60, help_text="What the person calls it.")
    prefix = models.CharField(max_length=20, help_text="How the token begins, so that a person knows it again.")
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list, help_text="Keys of people.permissions.SCOPES.")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)
    minute = models.DateTimeField(null=True, blank=True)
    requests = models.PositiveIntegerField(default=0)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "name"]
        constraints = [
            models.UniqueConstraint(fields=["person", "name"], condition=Q(revoked_at__isnull=True), name="token_name_once"),
            models.CheckConstraint(name="token_expires_after_it_is_made", condition=Q(expires_at__gt=F("made_at"))),
        ]

    def __str__(self) -> str:
        return self.name
