"""The diagrams in docs/ come from the tables."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from bookings.models import BOOKING_STATES, LIVE, BookingStatus
from core.states import IllegalStep, StateTable
from office.management.commands.state_diagrams import TABLES


def test_the_page_says_what_the_tables_say():
    call_command("state_diagrams", check=True)


def test_every_table_is_drawn():
    rooms = [app.models_module for app in apps.get_app_configs() if app.models_module]
    tables = {table for room in rooms for table in vars(room).values() if isinstance(table, StateTable)}
    assert tables == {table for *_, table in TABLES}


def test_a_page_that_is_behind_is_found_and_drawn_again(tmp_path):
    page = tmp_path / "states.md"
    with pytest.raises(CommandError):
        call_command("state_diagrams", check=True, page=page)
    call_command("state_diagrams", page=page)
    call_command("state_diagrams", check=True, page=page)
    page.write_text(page.read_text().replace("waiting --> confirmed", "waiting --> declined"))
    with pytest.raises(CommandError):
        call_command("state_diagrams", check=True, page=page)


def test_what_has_ended_stays_ended():
    ended = [state for state in BookingStatus if not BOOKING_STATES.steps[state]]
    assert set(ended) == set(BookingStatus) - set(LIVE)
    with pytest.raises(IllegalStep):
        BOOKING_STATES.check(BookingStatus.CANCELLED, BookingStatus.CONFIRMED)
