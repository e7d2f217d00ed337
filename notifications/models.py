"""The outbox: what is to be sent, what was, and what could not be."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import BaseModel, Leased
from people.models import Partnership, Person


class MessageState(models.TextChoices):
    WAITING = "waiting", "Waiting to be sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Could not be sent"
    WITHDRAWN = "withdrawn", "Withdrawn"


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> MessageQuerySet:
        return self.filter(state=MessageState.WAITING)

    def failed(self) -> MessageQuerySet:
        return self.filter(state=MessageState.FAILED)


class Message(BaseModel, Leased):
    """One e-mail to one address, written in the transaction that caused it and sent by the worker.

    Links stand in the text as ``{link:name}`` and are made when sending. ``about`` says what it speaks of ("booking:<id>"), so that
    whoever caused it can withdraw it. ``dedupe_key`` is one for each thing, kind and version: the second of a pair is not written.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=80, db_index=True)
    dedupe_key = models.CharField(max_length=160, unique=True)
    to_address = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    links = models.JSONField(default=dict, help_text="Name of a link in the text → the path it leads to.")
    calendar = models.TextField(blank=True, default="", help_text="The iCalendar text that goes with it, if any.")
    calendar_method = models.CharField(max_length=10, blank=True, default="")
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True, default="")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="waiting"), name="message_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_sent_has_its_time",
                condition=(Q(state="sent") & Q(sent_at__isnull=False)) | (~Q(state="sent") & Q(sent_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="message_calendar_goes_with_its_method",
                condition=Q(calendar="", calendar_method="") | (~Q(calendar="") & Q(calendar_method__in=["REQUEST", "CANCEL"])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to_address}"
