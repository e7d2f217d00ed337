"""Answers for programs that come back by themselves and want to hear only of what is new."""

from __future__ import annotations

import hashlib
from calendar import timegm
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date


def if_new(request: HttpRequest, body: bytes, *, content_type: str, changed_at: datetime | None) -> HttpResponse:
    """The body, or 304 where the program has it already.

    ``changed_at`` None: it can't be said when the body last changed, so only its hash (ETag) is compared.
    """
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    last_modified = timegm(changed_at.utctimetuple()) if changed_at else None
    response = HttpResponse(body, content_type=content_type)
    response["ETag"] = etag
    if last_modified is not None:
        response["Last-Modified"] = http_date(last_modified)
    return get_conditional_response(request, etag=etag, last_modified=last_modified, response=response) or response
