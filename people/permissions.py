"""What each role and each token may do: readable lists, with a sentence for each permission and scope."""

from __future__ import annotations

from people.models import Role

PERMISSIONS: dict[str, str] = {
    "manage_events": "Make, change, publish and cancel events and the catalogue behind them; see who booked, waits and went.",
    "manage_bookings": "Book, cancel and move for anybody, after closing and over a rule, with a reason that is kept.",
    "manage_charges": "Set what booking costs; approve, excuse and credit charges, and list them for the finance team.",
    "take_registers": "Take the register of every event of the partnership. Trainers take those of their own events without it.",
    "see_results": "See the evaluation results of every event. A trainer sees those of their own events without it.",
    "manage_people": "See and change people, and give and take away roles.",
    "manage_organisations": "Match organisations people typed, add them and their other names, and name the partner agencies.",
    "manage_partnership": "Change the partnership's name, logo and colour, and how it writes to people.",
    "import_data": "Bring data over from an older system.",
    "see_messages": "See every message: what was sent, what waits and what failed.",
    "see_reports": "See the reach report and its exports. It holds no names.",
    "book_for_agency": "Book, hold places and cancel for the people of one's own agency.",
}

# What a person lets a token do for them. A token never may more than its person.
SCOPES: dict[str, str] = {
    "events:read": "See the events you can see, with the places left.",
    "bookings:read": "See your bookings, and those that you look after as an officer or training lead.",
    "bookings:write": "Book, cancel, move, answer an offer and name a substitute, as you can on the pages.",
}

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.OFFICER: frozenset(PERMISSIONS) - {"book_for_agency"},  # their own pages do this for every agency
    Role.SUBGROUP_MEMBER: frozenset({"see_reports"}),
    Role.TRAINER: frozenset(),
    Role.TRAINING_LEAD: frozenset({"book_for_agency"}),
}
