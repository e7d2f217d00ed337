"""Queries that are put together once, for those so frequent that building the SQL costs more than the database's answer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import copy
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import QuerySet, UUIDField
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError


class Built(NamedTuple):
    """``names`` stands beside the values: which id each stands in for, if any. ``locks``: whether it locks rows."""

    sql: str
    values: tuple[Any, ...]
    names: list[str]
    locks: bool
    compiler: SQLCompiler


class Prepared:
    """A query of the ORM as SQL, made at its first run. ``make`` takes ids by name and returns a queryset.

    The rules of what it reads stay where they are written for everybody; only the building is spared. A queryset of values_list
    is read with ``rows``, one of objects, with what select_related brings, by ``objects``.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]]) -> None:
        self._make = make

    def rows(self, **ids: UUID | None) -> list[tuple[Any, ...]]:
        """What it finds for these ids; None equals nothing. Numbers and words are as the ORM gives them; SQLite has no ids and
        dates of its own, and its truths are 0 and 1. Raises TransactionManagementError for a lock outside a transaction.
        """
        sql, values = self._for(ids)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return [tuple(row) for row in cursor.fetchall()]

    def objects(self, **ids: UUID | None) -> list[Any]:
        """The model's objects that it finds for these ids. Raises TransactionManagementError for a lock outside a transaction."""
        compiler = copy(self._built.compiler)
        vars(compiler).update(connection=connection, as_sql=lambda *_, **__: self._for(ids))
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        source = SimpleNamespace(query=query, db=connection.alias, _known_related_objects={})
        return list(ModelIterable(cast("QuerySet[Any, Any]", source)))

    def _for(self, ids: dict[str, UUID | None]) -> tuple[str, list[Any]]:
        sql, values, names, locks, _ = self._built
        if locks and not connection.in_atomic_block:
            raise TransactionManagementError("a lock lasts as long as its transaction, and there is none")
        known = {name: _for_database(value) for name, value in ids.items()}
        return sql, [known[name] if name else value for value, name in zip(values, names, strict=True)]

    @cached_property
    def _built(self) -> Built:
        stand_ins = {name: uuid4() for name in inspect.signature(self._make).parameters}
        query = self._make(**stand_ins).query
        compiler = query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        names = {_for_database(value): name for name, value in stand_ins.items()}
        return Built(sql, values, [names.get(value, "") for value in values], query.select_for_update, compiler)


def _for_database(value: UUID | None) -> Any:
    return UUIDField().get_db_prep_value(value, connection)
