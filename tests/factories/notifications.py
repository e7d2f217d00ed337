from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from notifications.models import Message
from tests.factories.people import LONG_AGO, PartnershipFactory


class MessageFactory(DjangoModelFactory):
    """A message that waits to be sent, due for a long time."""

    class Meta:
        model = Message

    partnership = factory.SubFactory(PartnershipFactory)
    kind = "booking_confirmed"
    about = factory.Sequence(lambda n: f"booking:{n}")
    dedupe_key = factory.Sequence(lambda n: f"booking:{n}:confirmed:0")
    to_address = factory.Sequence(lambda n: f"sam.okafor{n}@school.example")
    subject = "Booked: Introduction to neglect"
    text = "You have a place on Introduction to neglect.\n\nTuesday 12 January 2027, 9.30am to 4pm"
    created_at = LONG_AGO
    due_at = factory.SelfAttribute("created_at")
    next_attempt_at = factory.SelfAttribute("due_at")
