"""A PostgreSQL server of the test run's own, thrown away afterwards.

    python -m tests.tools.postgres run COMMAND…            starts one, sets DATABASE_URL, runs the command, stops it
    python -m tests.tools.postgres run --hurry COMMAND…    the same on one that waits for no disk

Needs Debian's postgresql package. PostgreSQL refuses to run as root, so root hands it to the user "postgres".
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """The folder that holds initdb and pg_ctl, or None where PostgreSQL is not installed."""
    for folder in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True):
        if Path(folder, "initdb").exists():
            return Path(folder)
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def server(*, is_durable: bool = True) -> Iterator[str]:
    """A running server; yields its DATABASE_URL. Raises RuntimeError where PostgreSQL is not installed.

    Without durability it waits for no disk: only a machine that stops would lose what it has written, and no test stops one.
    Emptying all tables after a test then takes a tenth of the time. Figures are measured with it on.
    """
    folder = binaries()
    if folder is None:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="turnout-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data, socket = home / "data", home

    def run(*command: str) -> None:
        done = subprocess.run([*as_user, *command], cwd=home, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")

    run(str(folder / "initdb"), "-D", str(data), "-U", "turnout", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-k {socket} -c listen_addresses='' -c max_connections=150"
    if not is_durable:
        options += " -c fsync=off -c full_page_writes=off"
    run(str(folder / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start")
    try:
        run(str(folder / "createdb"), "-h", str(socket), "-U", "turnout", "turnout")
        yield f"postgresql://turnout@{str(socket).replace('/', '%2F')}/turnout"
    finally:
        run(str(folder / "pg_ctl"), "-D", str(data), "-m", "fast", "stop")
        shutil.rmtree(home, ignore_errors=True)


def main() -> int:
    if len(sys.argv) < 3 or sys.argv[1] != "run":
        print(__doc__)
        return 2
    in_a_hurry = sys.argv[2] == "--hurry"
    command = sys.argv[3:] if in_a_hurry else sys.argv[2:]
    with server(is_durable=not in_a_hurry) as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
