"""How long the server takes for the reach report over the whole export, beside the database's share of it in the same run.

    python -m benchmarks.reports [--runs 30]

Makes a database of its own (a SQLite file, or on the server of DATABASE_URL), brings the four years of demo/riverside over, asks
for the page as a signed-in subgroup member, and then puts the page's own SQL to the database alone. Ends with status 1 above the
limit.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIMIT_MS = 300
PAGES = {
    "reach report, all four years": "/reports/reach/?period=01/04/2021+to+31/03/2025",
    "reach report, 2024-25": "/reports/reach/?period=2024-25",
    "people reached, all four years": "/reports/reach/people_reached/?period=01/04/2021+to+31/03/2025",
    "every figure as CSV, all four years": "/reports/reach.csv?period=01/04/2021+to+31/03/2025",
}


def median_ms(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """The median and the slowest of so many runs, after two that warm the caches."""
    times = []
    for run in range(runs + 2):
        start = time.perf_counter()
        work()
        if run >= 2:
            times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times), max(times)


def recorded(connection: Any, work: Callable[[], object]) -> list[tuple[str, Any]]:
    """The statements, with their parameters, that a piece of work puts to the database."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        work()
    return asked


def put(connection: Any, asked: list[tuple[str, Any]]) -> None:
    with connection.cursor() as cursor:
        for sql, params in asked:
            cursor.execute(sql, params)
            cursor.fetchall()


def signed_in_reader() -> Any:
    from django.test import Client
    from django.utils import timezone

    from people.models import Grant, Partnership, Person, Role

    person = Person.objects.create(forename="Bench", surname="Mark", profile_done_at=timezone.now())
    partnership = Partnership.objects.get(short_name="Riverside")
    Grant.objects.create(person=person, role=Role.SUBGROUP_MEMBER, partnership=partnership, given_at=timezone.now())
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    return client


def measure(runs: int) -> bool:
    from django.core.management import call_command
    from django.db import connection

    export = Path(__file__).resolve().parent.parent / "demo" / "riverside"
    call_command("import_legacy", str(export), stdout=io.StringIO())
    if connection.vendor == "postgresql":
        put_statistics(connection)
    client = signed_in_reader()
    print(f"{connection.vendor}, median of {runs} runs, limit {LIMIT_MS} ms\n")
    print(f"{'':<38}{'page':>9}{'slowest':>9}{'queries':>9}{'SQL alone':>11}{'ratio':>7}{'size':>9}")
    within = True
    for name, address in PAGES.items():

        def ask(address: str = address) -> Any:
            response = client.get(address)
            assert response.status_code == 200, (address, response.status_code)
            return response

        size = len(ask().content)
        asked = recorded(connection, ask)
        page, slowest = median_ms(ask, runs)
        raw, _ = median_ms(lambda asked=asked: put(connection, asked), runs)
        within = within and page <= LIMIT_MS
        print(f"{name:<38}{page:>6.0f} ms{slowest:>6.0f} ms{len(asked):>9}{raw:>8.0f} ms{page / raw:>7.1f}{size / 1024:>6.0f} KB")
    print(f"\n{'Within' if within else 'OVER'} the limit. Ratio: the whole page, against its own SQL put to the database alone.")
    return within


def put_statistics(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=30)
    runs = arguments.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update({"VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "STATIC_COLLECTED": "0", "HTTPS": "0"})
        os.environ.setdefault("SECRET_KEY", "only-for-benchmarks-0123456789-abcdefghijklmnopqrstuvwxyz")
        os.environ.setdefault("DEMO", "1")
        import django

        django.setup()
        from django.db import connection

        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "benchmark.sqlite3")
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            return 0 if measure(runs) else 1
        finally:
            connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
