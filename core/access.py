"""How a view declares who may open it: the part that needs no person. people/access.py holds the rest.

@public      anybody, signed in or not
@signed_in   anybody who has signed in; the view itself limits what they see to what is theirs
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse

View = Callable[..., HttpResponse]


def declare(view: View, access: str) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    return declare(login_not_required(view), "public")


def signed_in(view: View) -> View:
    return declare(view, "signed in")
