"""Draws docs/states.md from the tables of allowed steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bookings.models import BOOKING_STATES, CHARGE_STATES, SESSION_REQUEST_STATES
from core.states import StateTable
from events.models import EVENT_STATES
from notifications.models import MESSAGE_STATES
from registers.models import REGISTER_STATES

PAGE = Path("docs/states.md")
TABLES: list[tuple[str, str, StateTable]] = [
    (
        "The life of an event",
        "`EVENT_STATES` in `events/models.py`. The steps are taken in `events/operations/steps.py`.",
        EVENT_STATES,
    ),
    (
        "The life of a booking",
        "`BOOKING_STATES` in `bookings/models/bookings.py`. The steps are taken in `bookings/operations/`. "
        "Whether somebody came is not among them: that follows from the register.",
        BOOKING_STATES,
    ),
    (
        "The life of a charge",
        "`CHARGE_STATES` in `bookings/models/charges.py`. The steps are taken in `bookings/operations/charges.py`. "
        "An approved charge is taken back by a credit, which is a charge of its own.",
        CHARGE_STATES,
    ),
    (
        "The life of a request for a session",
        "`SESSION_REQUEST_STATES` in `bookings/models/demand.py`. The steps are taken in `bookings/operations/demand.py`.",
        SESSION_REQUEST_STATES,
    ),
    (
        "The life of a register",
        "`REGISTER_STATES` in `registers/models.py`. The steps are taken in `registers/operations/`. "
        "A register that nobody has begun has no row yet.",
        REGISTER_STATES,
    ),
    (
        "The life of a message",
        "`MESSAGE_STATES` in `notifications/models.py`. The steps are taken in `notifications/delivery.py`, and by hand in "
        "`notifications/operations.py`: what failed, or came back after it was sent, waits again. Whether somebody holds it back "
        "is not among them.",
        MESSAGE_STATES,
    ),
]


class Command(BaseCommand):
    help = "Write docs/states.md from the tables of allowed steps; --check fails when it is behind them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is behind the tables")
        parser.add_argument("--page", type=Path, default=settings.BASE_DIR / PAGE, help="where the page is")

    def handle(self, *args: Any, **options: Any) -> None:
        page, drawn = options["page"], as_markdown()
        if options["check"]:
            if not page.exists() or page.read_text() != drawn:
                raise CommandError(f"{PAGE} is behind the tables: run manage.py state_diagrams")
            return
        page.write_text(drawn)


def as_markdown() -> str:
    parts = [
        "# The states of things",
        "Drawn by `manage.py state_diagrams` from the tables in the code: change those, not this page.",
    ]
    for title, about, table in TABLES:
        parts += [f"## {title}", about, f"```mermaid\n{table.as_mermaid()}\n```"]
    return "\n\n".join(parts) + "\n"
