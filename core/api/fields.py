"""What a request may hold. Nothing is taken that was not asked for: a field, a filter or a kind of value that we don't know is a
mistake of the sender, and silence would hide it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


class TextField(serializers.CharField):
    """A text, not a number that could be read as one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class YesNoField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class IdField(serializers.UUIDField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Input(serializers.Serializer):
    """What a request may hold: these fields and no other."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name)[:60] for name in set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError({name: ["There is no such field here."] for name in unknown}, code="unknown")
        return super().to_internal_value(data)

    @classmethod
    def read(cls, data: Any) -> dict[str, Any]:
        """The fields that were sent, checked; raises ValidationError, which answers 400."""
        read = cls(data=data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)


class ListQuery(Input):
    """The filters of a list; each list adds its own."""

    page = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000, help_text="From 1.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=200, help_text="50 unless you say otherwise.")
