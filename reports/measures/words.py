"""The sections that measures stand in, and the sentences that several of them share."""

from __future__ import annotations

EVENTS, REACH, SHARES, BOOKINGS = "Events", "Attendances and reach", "Where attendances come from", "Bookings"
EVALUATION, FOLLOW_UP, ONLINE, FORUMS = "Evaluation", "Follow-up", "E-learning and podcasts", "Forums"
SECTIONS = (EVENTS, REACH, SHARES, BOOKINGS, EVALUATION, FOLLOW_UP, ONLINE, FORUMS)

HOSTED = "hosted by this partnership, alone or with others, that begins in the period"
NAMELESS = "People counted without names (head counts), trainers, forums, and events cancelled by the organiser."
NOT_ATTENDED = "Who attended in part, who cancelled, people counted without names, forums, and registers not taken."
CANCELLATIONS = "Cancellations by the organiser, substitutions, transfers, and people who only left the waiting list."
UNANSWERED = "Evaluations that left the question out. Shown from five answers on, and for a cut from ten."
