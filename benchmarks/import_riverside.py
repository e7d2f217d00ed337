"""How long the whole Riverside export takes and how much memory, beside a raw limit measured in the same run.

    script/benchmark import_riverside            SQLite in a file, and PostgreSQL where it is installed
    script/benchmark import_riverside --runs 5   the median of five

The limit: the same nine files read with the csv module alone, and the very same rows put into the same tables, keys and indexes
by sqlite3 (executemany) or psycopg (COPY) in one transaction with durability on. Wanted: under 20 seconds and 300 MB.
"""

from __future__ import annotations

import argparse
import csv
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RIVERSIDE = ROOT / "demo" / "riverside"
MOST_SECONDS, MOST_MEGABYTES = 20, 300
Result = tuple[float, float, float, float, int]  # seconds, of the processor, megabytes, seconds of the limit, rows both wrote


def environment(folder: Path, database_url: str) -> dict[str, str]:
    secret = {"SECRET_KEY": "only-for-benchmarks-0123456789-abcdefghijklmnopqrstuvwxyz"}
    return {**os.environ, **secret, "DEMO": "1", "HTTPS": "0", "VAR_DIR": str(folder), "DATABASE_URL": database_url}


def manage(settings: dict[str, str], *arguments: str) -> tuple[float, float, float]:
    """Run manage.py; seconds, seconds of the processor, and megabytes at the peak."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, env=settings, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"manage.py {' '.join(arguments)} ended with {process.returncode}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def read_files() -> int:
    """What the csv module alone needs: the number of cells read."""
    cells = 0
    for path in sorted(RIVERSIDE.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells += sum(len(row) for row in csv.reader(file))
    return cells


def once_sqlite(folder: Path) -> Result:
    """The import into a new file, and the same rows by sqlite3 alone into another."""
    path = folder / "import.sqlite3"
    settings = environment(folder, f"sqlite:///{path}")
    manage(settings, "migrate", "-v0")
    with sqlite3.connect(path) as empty:
        schema = [
            sql for (sql,) in empty.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%'")
        ]
        tables = [
            name for (name,) in empty.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        ]
        before = {table: count_rows(empty, table) for table in tables}
    seconds, processor, megabytes = manage(settings, "import_legacy", str(RIVERSIDE))
    with sqlite3.connect(path) as full:
        rows = {table: full.execute(f"SELECT * FROM {table}").fetchall() for table in tables}  # noqa: S608 - names from the schema
    rows = {table: found for table, found in rows.items() if len(found) > before[table]}
    raw = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    for sql in schema:
        raw.execute(sql)
    begun = time.perf_counter()
    read_files()
    raw.execute("BEGIN IMMEDIATE")
    for table, found in rows.items():
        places = ", ".join("?" * len(found[0]))
        raw.executemany(f"INSERT INTO {table} VALUES ({places})", found)  # noqa: S608 - names from the schema
    raw.execute("COMMIT")
    limit = time.perf_counter() - begun
    raw.close()
    return seconds, processor, megabytes, limit, sum(map(len, rows.values()))


def count_rows(database: sqlite3.Connection, table: str) -> int:
    return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - names from the schema


def once_postgres(folder: Path, url: str) -> Result:
    import psycopg
    from psycopg import sql

    settings = environment(folder, url)
    with psycopg.connect(plain(url), autocommit=True) as database:
        database.execute("DROP SCHEMA public CASCADE")
        database.execute("CREATE SCHEMA public")
    manage(settings, "migrate", "-v0")
    seconds, processor, megabytes = manage(settings, "import_legacy", str(RIVERSIDE))
    with psycopg.connect(plain(url)) as database:
        listed = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        tables = [name for (name,) in database.execute(listed)]
        kept = {table: database.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall() for table in tables}
        rows = {table: found for table, found in kept.items() if found and not table.startswith(("django_", "auth_"))}
        database.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(map(sql.Identifier, rows))))
        database.commit()
        begun = time.perf_counter()
        read_files()
        for table, found in rows.items():
            with database.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                for row in found:
                    copy.write_row([psycopg.types.json.Jsonb(cell) if isinstance(cell, dict | list) else cell for cell in row])
        database.commit()
        limit = time.perf_counter() - begun
    return seconds, processor, megabytes, limit, sum(map(len, rows.values()))


def plain(url: str) -> str:
    return url.replace("postgres://", "postgresql://")


def report(name: str, once: Callable[[Path], Result], runs: int) -> bool:
    """Print the medians; whether they keep the promise."""
    results = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="turnout-benchmark-") as folder:
            results.append(once(Path(folder)))
    seconds, processor, megabytes, limit = (statistics.median(result[column] for result in results) for column in range(4))
    print(
        f"{name}: {seconds:.1f} s ({processor:.1f} s of processor) and {megabytes:.0f} MB at the peak for {results[0][4]:,} rows"
    )
    print(f"  raw limit {limit:.2f} s; the import takes {seconds / limit:.1f} times as long")
    return seconds < MOST_SECONDS and megabytes < MOST_MEGABYTES


@contextmanager
def postgres() -> Iterator[str | None]:
    from tests.tools.postgres import binaries, server

    if binaries() is None:
        print("PostgreSQL is not installed, so it is left out.")
        yield None
        return
    with server() as url:
        yield url


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1)
    runs = parser.parse_args().runs
    kept = report("SQLite", once_sqlite, runs)
    with postgres() as url:
        if url:
            kept = report("PostgreSQL", lambda folder: once_postgres(folder, url), runs) and kept
    print("Kept" if kept else "NOT KEPT", f"(wanted: under {MOST_SECONDS} s and {MOST_MEGABYTES} MB)")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
