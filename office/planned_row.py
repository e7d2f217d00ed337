"""One kind of letter about an event, as officers see it: how it stands, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bookings.models import PlannedKind
from bookings.planned import LINK, LINK_AND_VENUE, VENUE
from core import wording
from office.written import Written

MISSING = {LINK: "add the joining link", VENUE: "choose the venue", LINK_AND_VENUE: "add the venue and the joining link"}
KEPT_FROM = {"is_held": True, "has_it": False}  # of recipients()
SENT, PLANNED, HELD, WAITS, NONE, LATE, LATER = "sent", "planned", "held", "waits", "none", "late", "later"
CLOSED, TOLD, BEGUN, OLD, NOBODY = "closed", "told", "begun", "old", "nobody"
STATES = {
    SENT: "Everybody has it",
    PLANNED: "Planned",
    HELD: "Held back",
    WAITS: "Waits",
    NONE: "Not sent",
    LATE: "Its time is over",
    LATER: "Not yet",
    CLOSED: "Every register is closed",
    TOLD: "Not sent: everybody was just told of a change",
    BEGUN: "Never leaves: its hour is after the start",
    OLD: "Too old",
    NOBODY: "Nobody to write to",
}
COLOURS = {SENT: "green", CLOSED: "green", PLANNED: "blue", HELD: "yellow", WAITS: "red", BEGUN: "red"}


def leaves(leaves_at: datetime | None) -> str:
    """When a letter leaves, in words."""
    return "Never" if leaves_at is None else f"{wording.day(leaves_at)}, {wording.clock(leaves_at)}"


def when_due(to: int, has: Written) -> str:
    """How a letter stands once it is known to whom it goes: to ``to`` people more."""
    if to:
        return PLANNED
    return SENT if has else NOBODY


@dataclass(frozen=True)
class PlannedRow:
    """One kind of letter: ``when`` and ``state`` in words, ``to`` so many it was not written to yet."""

    kind: str
    state: str
    when: str
    to: int
    written: Written
    held: int = 0
    days: int | None = None
    has_own_days: bool = False
    note: str = ""
    missing: str = ""
    is_too_early: bool = False

    @property
    def label(self) -> str:
        return str(PlannedKind(self.kind).label)

    @property
    def state_words(self) -> str:
        if self.state == WAITS:
            return f"Waits: {self.missing}"
        if self.state != SENT:
            return STATES[self.state]
        held = f"Held back from {wording.count(self.held, 'person', 'people')}" if self.held else ""
        return self.written.trouble or held or STATES[SENT]

    @property
    def colour(self) -> str:
        if self.state == SENT and self.written.trouble:
            return "red" if self.written.failed or self.written.paused else "blue"
        if self.state == SENT and self.held:
            return "yellow"
        return COLOURS.get(self.state, "grey")

    @property
    def is_held_back(self) -> bool:
        return self.state == HELD

    @property
    def can_be_sent(self) -> bool:
        """Whether an officer may let it leave now."""
        is_theirs = self.kind != PlannedKind.REGISTER and not self.is_too_early
        return self.state in (PLANNED, NONE, LATE, TOLD, BEGUN) and self.to > 0 and is_theirs
