"""Queries that are put together once, for those so frequent that building the SQL costs more than the database's answer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import QuerySet, UUIDField
from django.db.transaction import TransactionManagementError


class Prepared:
    """A query of the ORM as SQL, made at its first run. ``make`` takes ids by name and returns a queryset of values_list.

    The rules of what it reads stay where they are written for everybody; only the building is spared.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]]) -> None:
        self._make = make

    def rows(self, **ids: UUID | None) -> list[tuple[Any, ...]]:
        """What it finds for these ids; None equals nothing. Numbers and words are as the ORM gives them; SQLite has no ids and
        dates of its own, and its truths are 0 and 1. Raises TransactionManagementError for a lock outside a transaction.
        """
        sql, values, names, locks = self._built
        if locks and not connection.in_atomic_block:
            raise TransactionManagementError("a lock lasts as long as its transaction, and there is none")
        known = {name: _for_database(value) for name, value in ids.items()}
        with connection.cursor() as cursor:
            cursor.execute(sql, [known[name] if name else value for value, name in zip(values, names, strict=True)])
            return [tuple(row) for row in cursor.fetchall()]

    @cached_property
    def _built(self) -> tuple[str, tuple[Any, ...], list[str], bool]:
        """The SQL, its values, beside each the name of the id it stands in for, if any, and whether it locks rows."""
        stand_ins = {name: uuid4() for name in inspect.signature(self._make).parameters}
        query = self._make(**stand_ins).query
        sql, values = query.sql_with_params()
        names = {_for_database(value): name for name, value in stand_ins.items()}
        return sql, values, [names.get(value, "") for value in values], query.select_for_update


def _for_database(value: UUID | None) -> Any:
    return UUIDField().get_db_prep_value(value, connection)
