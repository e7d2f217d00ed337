"""The two kinds of answer: a page of a list, and what was done, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.idempotency import Work, once

KEY_HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Pages(pagination.PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    invalid_page_message = "There is no such page."


def page_of(rows: QuerySet[Any], request: Request, shape: Callable[[list[Any]], list[Any]]) -> Response:
    """One page of a list. ``shape`` turns its rows into JSON, all at once, so that it can read what they need in one query."""
    pages = Pages()
    found = pages.paginate_queryset(rows, request)
    return pages.get_paginated_response(shape(list(found or [])))


def do_once(request: Request, work: Work, *, sent: Any, at: datetime) -> Response:
    """Do what a request asks, once for each Idempotency-Key (core/idempotency.py)."""
    key = request.headers.get(KEY_HEADER, "")
    if KEY_HEADER in request.headers and not KEY.fullmatch(key):
        raise serializers.ValidationError({KEY_HEADER: ["Send 1 to 255 letters, digits or signs, without spaces."]})
    answer = once(by=request.user, scope=f"{request.method} {request.path}", key=key, sent=sent, at=at, work=work)
    headers = {"Idempotency-Replayed": "true"} if answer.is_repeated else {}
    return Response(answer.body, status=answer.status, headers=headers)
