"""The Riverside export, imported once for a whole module of tests and taken away afterwards.

    from tests.legacy import imported_riverside  # in a conftest.py or in the module itself

Every test of the module that asks for ``imported_riverside`` finds the four years there, changes what it likes, and leaves
them as they were: the import stands in a transaction round the module, each test in a savepoint inside it. A module that uses it
has no ``django_db(transaction=True)`` tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from imports.models import Batch, BatchState
from imports.operations import run_batch, start_batch
from people.models import Partnership

RIVERSIDE = Path(__file__).resolve().parent.parent / "demo" / "riverside"
EXPECTED = Path(__file__).parent / "data" / "riverside" / "expected.json"
IMPORTED_AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


def import_folder(folder: Path, *, at: datetime = IMPORTED_AT, is_dry_run: bool = False) -> Batch:
    """Import a folder as the command does, for the default partnership or the one that the files name."""
    partnership = Partnership.objects.order_by("-is_default", "name").first()
    batch = start_batch(partnership=partnership, folder=folder, is_dry_run=is_dry_run, by=None, at=at, state=BatchState.RUNNING)
    return run_batch(batch=batch, at=at)


def tell_postgresql_how_much_there_is() -> None:
    """Let it plan with these rows. Nobody else sees them, so its own clean-up would note empty tables: until the end of the
    transaction this keeps it away.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(connection.introspection.django_table_names(only_existing=True))}")


@pytest.fixture(scope="module")
def imported_riverside(django_db_setup: None, django_db_blocker: Any) -> Iterator[Batch]:
    """The batch of the import. The partnership is ``batch.partnership``."""
    with django_db_blocker.unblock(), transaction.atomic():
        batch = import_folder(RIVERSIDE)
        tell_postgresql_how_much_there_is()
        yield batch
        transaction.set_rollback(True)


@pytest.fixture
def riverside(imported_riverside: Batch, db: None) -> Partnership:
    """The partnership, read afresh for each test."""
    return Partnership.objects.get(short_name="Riverside")
