"""What each process of the web server has ready before the first page is asked for."""

from __future__ import annotations

import subprocess
import sys

from django.conf import settings

LOADED = "import sys; from core.working_days import bank_holidays; print(bank_holidays.cache_info().currsize, 'holidays' in sys.modules)"


def said_by(program: str) -> list[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True).stdout.split()


def test_the_bank_holidays_are_loaded_before_somebody_holds_the_lock_of_an_event():
    assert said_by(f"import config.wsgi; {LOADED}") == ["1", "True"]


def test_a_command_that_counts_no_working_days_does_not_wait_for_them():
    assert said_by(LOADED) == ["0", "False"]
