"""How a view declares who may open it. A view without a declaration fails a test.

@public                     anybody, signed in or not
@signed_in                  anybody who has signed in; the view itself limits what they see to what is theirs
@needs("manage_events")     a permission in the partnership at hand (people/permissions.py)
@needs_somewhere("…")       the same in any partnership: the view's address says for which of their grants it is
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from core.access import View, declare, public, signed_in
from people.models import Grant, Partnership, Person
from people.permissions import PERMISSIONS
from people.policies import can, partnerships_where

__all__ = ["SignedInRequest", "View", "VisitorRequest", "needs", "needs_somewhere", "public", "signed_in"]


class VisitorRequest(HttpRequest):
    """For type hints: anybody's request. ``partnership`` is falsy, never None itself, before there is any: ask ``if not``."""

    partnership: Partnership | None
    grants: list[Grant]


class SignedInRequest(HttpRequest):
    """For type hints: a request that has passed ``signed_in`` or ``needs``, with what people.middleware sets on it."""

    user: Person  # type: ignore[assignment]
    partnership: Partnership
    grants: list[Grant]


def needs(permission: str) -> Callable[[View], View]:
    """Raises PermissionDenied, naming what is missing, for somebody without the permission in ``request.partnership``."""
    sentence = PERMISSIONS[permission]

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not can(request.grants, permission, request.partnership):  # type: ignore[attr-defined]
                raise PermissionDenied(sentence)
            return view(request, *args, **kwargs)

        return declare(checked, permission)

    return decorate


def needs_somewhere(permission: str) -> Callable[[View], View]:
    """Raises PermissionDenied for somebody without the permission in any partnership. The view finds its objects by the grant."""
    sentence = PERMISSIONS[permission]

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not partnerships_where(request.grants, permission):  # type: ignore[attr-defined]
                raise PermissionDenied(sentence)
            return view(request, *args, **kwargs)

        return declare(checked, permission)

    return decorate
