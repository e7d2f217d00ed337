"""How a view declares who may open it. A view without a declaration fails a test.

    @public                     anybody, signed in or not
    @signed_in                  anybody who has signed in; the view itself limits what they see to what is theirs
    @needs("manage_events")     a permission in the partnership at hand (people/permissions.py)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from people.permissions import PERMISSIONS
from people.policies import can

View = Callable[..., HttpResponse]


def _declare(view: View, access: str) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    return _declare(login_not_required(view), "public")


def signed_in(view: View) -> View:
    return _declare(view, "signed in")


def needs(permission: str) -> Callable[[View], View]:
    """Raises PermissionDenied, naming what is missing, for somebody without the permission in ``request.partnership``."""
    sentence = PERMISSIONS[permission]

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not can(request.grants, permission, request.partnership):  # type: ignore[attr-defined]
                raise PermissionDenied(sentence)
            return view(request, *args, **kwargs)

        return _declare(checked, permission)

    return decorate
