"""The standard text of every kind of message about bookings: what it says, and what an officer's own may name."""

from bookings.messages.texts import approvals, charges, moving, others, places, planned, trainers
from notifications.texts import Standard

GROUPS = (places, planned, moving, approvals, charges, others, trainers)
TEXTS: dict[str, Standard] = {text.kind: text for group in GROUPS for text in group.TEXTS}
