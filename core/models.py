"""What every room stands on: random ids, leases for work, the audit trail, and the answers of requests that come twice."""

from __future__ import annotations

import uuid

from django.db import models


class BaseModel(models.Model):
    """A row with a random id, so that an address never tells how many rows there are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class Leased(models.Model):
    """A row that a worker takes for a while. A worker that dies gives it back by letting the lease run out."""

    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=64, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


class AuditEntry(BaseModel):
    """One thing that happened: who did what to which object, field by field.

    Append-only. Holds ids, field names and states, never a personal value, so that it can outlive the person it speaks of.
    """

    at = models.DateTimeField(db_index=True)
    actor_id = models.UUIDField(null=True, blank=True)
    actor_label = models.CharField(max_length=60)
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=64, db_index=True)
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class IdempotencyKey(BaseModel):
    """The answer that a request with this key got, so that the same request sent again gets the same answer and no second effect.

    Written in the transaction of the work itself (core/idempotency.py). ``scope`` is the method and the path: another person's
    key, or another address, is another key.
    """

    actor_id = models.UUIDField()
    actor_label = models.CharField(max_length=60)
    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor_id", "scope", "key"], name="idempotency_key_once"),
            models.CheckConstraint(
                name="idempotency_keeps_only_what_was_done", condition=models.Q(status__gte=200, status__lte=299)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class WorkerTick(models.Model):
    """When a worker last went round and what last failed, so that a page and /readyz can say so."""

    worker = models.CharField(max_length=64, primary_key=True)
    last_tick_at = models.DateTimeField()
    last_error = models.TextField(blank=True, default="", help_text="What failed and where in the code; never a value.")
    last_error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_tick_at"]

    def __str__(self) -> str:
        return self.worker
