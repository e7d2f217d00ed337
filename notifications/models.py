"""The outbox: what is to be sent, what was, and what could not be."""

from __future__ import annotations

import uuid
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from core.models import BaseModel, Leased
from core.states import StateTable
from people.models import Partnership, Person

HELD, HELD_BACK = "held", "Held back"  # of what waits: no state of its own, so that whatever withdraws what waits needs not know
CAME_BACK, HAS_COME_BACK = "came_back", "Came back"  # of what was sent, and did not arrive


class MessageState(models.TextChoices):
    WAITING = "waiting", "Waiting to be sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Could not be sent"
    WITHDRAWN = "withdrawn", "Withdrawn"


MESSAGE_STATES = StateTable(
    "message",
    {
        MessageState.WAITING: frozenset({MessageState.SENT, MessageState.FAILED, MessageState.WITHDRAWN}),
        MessageState.SENT: frozenset({MessageState.WAITING}),  # what came back, by an officer's hand
        # Given up or withdrawn while a mail server was already taking it: what has left is called sent.
        MessageState.FAILED: frozenset({MessageState.WAITING, MessageState.WITHDRAWN, MessageState.SENT}),
        MessageState.WITHDRAWN: frozenset({MessageState.SENT}),
    },
)


class BouncedAddress(BaseModel):
    """An address that messages come back from. Nothing is sent there until somebody says that it works again."""

    address = models.EmailField(unique=True)
    bounced_at = models.DateTimeField()
    reason = models.CharField(max_length=300, help_text="What the receiving server said, without anybody's address.")

    class Meta:
        ordering = ["-bounced_at", "address"]
        constraints = [
            models.CheckConstraint(name="bounced_address_in_lower_case", condition=Q(address=Lower("address"))),
        ]

    def __str__(self) -> str:
        return self.address


CAME_BACK_SINCE = Q(state=MessageState.SENT) & ~Q(last_error="")


def to_a_bounced_address() -> Exists:
    """Whether a message is to an address that messages come back from."""
    return Exists(BouncedAddress.objects.filter(address=OuterRef("to_address")))


def to_their_address() -> Exists:
    """Whether a message to a person is to one of the addresses that they have now."""
    return Exists(EmailAddress.objects.filter(user_id=OuterRef("person_id"), email=OuterRef("to_address")))


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> MessageQuerySet:
        return self.filter(state=MessageState.WAITING)

    def unsent(self) -> MessageQuerySet:
        """What may still leave: it waits, or failed and can be sent again."""
        return self.filter(Q(state=MessageState.WAITING) | Q(state=MessageState.FAILED))

    def failed(self) -> MessageQuerySet:
        return self.filter(state=MessageState.FAILED)

    def held(self) -> MessageQuerySet:
        """What an officer holds back."""
        return self.waiting().filter(held_at__isnull=False)

    def due(self, at: datetime) -> MessageQuerySet:
        """What may be tried at this moment, oldest first."""
        ready = self.waiting().filter(next_attempt_at__lte=at, held_at__isnull=True)
        return ready.exclude(to_a_bounced_address()).order_by("created_at", "id")

    def arrived(self) -> MessageQuerySet:
        """What was sent and has not come back."""
        return self.filter(state=MessageState.SENT).exclude(CAME_BACK_SINCE)

    def came_back(self) -> MessageQuerySet:
        """What was sent, and a mail server sent back since."""
        return self.filter(CAME_BACK_SINCE)

    def with_pause(self) -> MessageQuerySet:
        """Each with ``is_paused``: whether messages to its address come back."""
        return self.annotate(is_paused=to_a_bounced_address())

    def paused(self) -> MessageQuerySet:
        """What waits until its address works again, and nobody holds back besides."""
        return self.waiting().filter(to_a_bounced_address(), held_at__isnull=True)


class Message(BaseModel, Leased):
    """One e-mail to one address, written in the transaction that caused it and sent by the worker.

    Links stand in the text as ``{link:name}`` and are made when sending. ``text_kind`` names the text it says and ``values`` what
    filled it, so that a partnership's own text of that kind can be filled in its stead when it is sent (own_texts.py); ``text``
    and ``subject`` are the standard ones until then, and what really left from then on. Once an officer has changed this one
    message (``edited_at``) they are that officer's words, whatever the text of its kind says. ``about`` says what it speaks of
    ("booking:<id>"), so that whoever caused it can withdraw it. ``dedupe_key`` is one for each thing, kind and version: the
    second of a pair is not written.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=80, db_index=True)
    dedupe_key = models.CharField(max_length=160, unique=True)
    to_address = models.EmailField(help_text="In lower case.")
    subject = models.CharField(max_length=200)
    text = models.TextField()
    links = models.JSONField(default=dict, help_text="Name of a link in the text → the path it leads to.")
    text_kind = models.CharField(max_length=40, blank=True, default="", help_text="Which text it says. Empty: one of no kind.")
    values = models.JSONField(default=dict, help_text="Name of a placeholder → what stands there.")
    calendar = models.TextField(blank=True, default="", help_text="The iCalendar text that goes with it, if any.")
    calendar_method = models.CharField(max_length=10, blank=True, default="")
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    put_off = models.BooleanField(
        default=False, help_text="The mail server answered and put this one off: its own trouble, not the whole queue's."
    )
    held_at = models.DateTimeField(null=True, blank=True, help_text="Since when an officer holds it back, while it waits.")
    edited_at = models.DateTimeField(null=True, blank=True, help_text="When an officer last changed what this one message says.")
    last_error = models.CharField(
        max_length=300, blank=True, default="", help_text="What the mail server said, without anybody's address."
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="waiting"), name="message_waiting"),
            models.Index(fields=["partnership", "-created_at"], name="message_by_partnership"),
        ]
        constraints = [
            models.CheckConstraint(name="message_state_is_known", condition=Q(state__in=MessageState.values)),
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

    @property
    def is_held(self) -> bool:
        """held() for one row."""
        return self.state == MessageState.WAITING and self.held_at is not None

    @property
    def has_come_back(self) -> bool:
        """came_back() for one row."""
        return self.state == MessageState.SENT and self.last_error != ""

    def address_of_now(self) -> str:
        """The address it has, unless that is not its person's any more: then their main one. One query for a person."""
        theirs = self.person.addresses() if self.person else []
        return self.to_address if not theirs or self.to_address in theirs else theirs[0]

    @property
    def standing(self) -> str:
        """Its state, or "held" or "came_back"."""
        return HELD if self.is_held else CAME_BACK if self.has_come_back else self.state

    def get_standing_display(self) -> str:
        return {HELD: HELD_BACK, CAME_BACK: HAS_COME_BACK}.get(self.standing) or MessageState(self.state).label


class OwnText(models.Model):
    """What a partnership says in place of the standard text of a kind of message. Checked against it (texts.py) when written."""

    id = models.UUIDField(primary_key=True, editable=False)
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "kind"], name="own_text_once_for_a_kind"),
            models.CheckConstraint(name="own_text_says_something", condition=~Q(subject="") & ~Q(body="")),
        ]

    def __str__(self) -> str:
        return f"own text of {self.kind}"

    @staticmethod
    def number(partnership: Partnership, kind: str) -> uuid.UUID:
        """Its id, the same for a text that is written again: so the audit trail tells one story of it."""
        return uuid.uuid5(partnership.pk, kind)
