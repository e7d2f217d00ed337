"""Ids as an address or a form names them. Anybody can mangle those: what is no id names nothing."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID


def id_in(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def ids_in(texts: Iterable[str]) -> list[UUID]:
    """Each once, in the order they are named."""
    return list(dict.fromkeys(found for text in texts if (found := id_in(text)) is not None))
