"""What an import is going to write, and what it says about each file."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from bookings.past import PastBooking, PastTerms
from courses.past import PastCourse
from elearning.past import PastAttempt, PastModule
from events.past import PastEvent
from feedback.past import PastEvaluation, PastFollowUp
from imports.models import SourceKey
from imports.reading import Refusal
from people.models import Partnership
from people.past import PastAlias, PastBorough, PastOrganisation, PastPartnership, PastPerson, PastSector
from podcasts.past import PastEpisode, PastListens
from registers.past import PastMark, PastRegister

NEW, KNOWN, DUPLICATE, MATCHED, UNMATCHED = "new", "known", "duplicates", "matched", "unmatched"
LONGEST_KEY = 120


@dataclass(slots=True)
class Plan:
    """Rows for each room, in the order in which they are written, source keys, and the report."""

    at: datetime
    partnership: Partnership | None
    partnership_id: uuid.UUID
    partnerships: list[PastPartnership] = field(default_factory=list)
    sectors: list[PastSector] = field(default_factory=list)
    boroughs: list[PastBorough] = field(default_factory=list)
    organisations: list[PastOrganisation] = field(default_factory=list)
    partner_agency_ids: list[uuid.UUID] = field(default_factory=list)
    aliases: list[PastAlias] = field(default_factory=list)
    courses: list[PastCourse] = field(default_factory=list)
    events: list[PastEvent] = field(default_factory=list)
    people: list[PastPerson] = field(default_factory=list)
    known_people: set[uuid.UUID] = field(default_factory=set)
    terms: list[PastTerms] = field(default_factory=list)
    bookings: list[PastBooking] = field(default_factory=list)
    registers: list[PastRegister] = field(default_factory=list)
    new_registers: list[PastRegister] = field(default_factory=list)
    marks: list[PastMark] = field(default_factory=list)
    evaluations: list[PastEvaluation] = field(default_factory=list)
    follow_ups: list[PastFollowUp] = field(default_factory=list)
    modules: list[PastModule] = field(default_factory=list)
    attempts: list[PastAttempt] = field(default_factory=list)
    episodes: list[PastEpisode] = field(default_factory=list)
    listens: list[PastListens] = field(default_factory=list)
    new_keys: dict[tuple[str, str], uuid.UUID | None] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    unmatched_texts: Counter[str] = field(default_factory=Counter)
    _known_keys: dict[tuple[str, str], uuid.UUID | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = SourceKey.objects.filter(partnership=self.partnership) if self.partnership else SourceKey.objects.none()
        self._known_keys = {(kind, key): found for kind, key, found in keys.values_list("kind", "key", "object_id")}

    def count(self, file: str, what: str, number: int = 1) -> None:
        self.counts.setdefault(file, Counter())[what] += number

    def refuse(self, file: str, line: int, column: str, value: str, reason: str) -> None:
        self.refusals.append(Refusal(file, line, column, value[:200], reason))

    def knows(self, kind: str, key: str) -> bool:
        return (kind, short_key(key)) in self._known_keys

    def object_of(self, kind: str, key: str) -> uuid.UUID | None:
        """What a row of the old system became in an earlier import, or becomes in this one."""
        return self._known_keys.get((kind, short_key(key))) or self.new_keys.get((kind, short_key(key)))

    def keys_of(self, kind: str) -> dict[str, uuid.UUID]:
        """The keys of this kind that earlier imports left, with what they became."""
        return {key: found for (of_kind, key), found in self._known_keys.items() if of_kind == kind and found}

    def remember(self, kind: str, key: str, object_id: uuid.UUID | None) -> None:
        self.new_keys[kind, short_key(key)] = object_id


def short_key(key: str) -> str:
    """The key as it is stored: itself, or its digest where it is too long."""
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
