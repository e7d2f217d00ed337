"""Tables point downwards like imports do, and a lower room can't see who points at it."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import models

from tests.architecture.rooms import FLOOR, may_know


def relations() -> Iterator[tuple[models.Field, str, str]]:
    """Every relation of our tables: the field, the room it stands in, the room it points at."""
    for room in settings.ROOMS:
        for model in apps.get_app_config(room).get_models():
            for field in [*model._meta.get_fields(include_parents=False)]:
                if field.auto_created or not field.is_relation or field.related_model is None:
                    continue
                yield field, room, field.related_model._meta.app_label


def test_every_room_has_its_floor() -> None:
    assert set(settings.ROOMS) | {"config"} == set(FLOOR)


def test_foreign_keys_point_downwards() -> None:
    upwards = [
        f"{field.model._meta.label}.{field.name} points up at {other}"
        for field, room, other in relations()
        if other in FLOOR and not may_know(room, other)
    ]
    assert upwards == []


def test_no_lower_room_has_an_accessor_to_a_higher_one() -> None:
    """``Count("bookings")`` in events would be an upward dependency that no linter sees: the accessor does not exist."""
    visible = [
        f"{field.model._meta.label}.{field.name} needs related_name='+'"
        for field, room, other in relations()
        if other in FLOOR and other != room and not field.remote_field.hidden
    ]
    assert visible == []


def test_the_order_of_the_rooms_forbids_what_it_should() -> None:
    assert may_know("bookings", "events")
    assert not may_know("events", "bookings")
    assert not may_know("office", "website")
