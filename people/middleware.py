"""Which partnership a request is about, and the questions of the first sign-in."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils.functional import SimpleLazyObject

from core.prepared import Prepared
from people.models import Grant, Partnership, Role

Response = Callable[[HttpRequest], HttpResponse]
PARTNERSHIP_KEY = "partnership"


def _grants(request: HttpRequest) -> list[Grant]:
    if not request.user.is_authenticated:
        return []
    grants = GRANTS.objects(person=request.user.pk)
    prefetch_related_objects(grants, "partnership", "organisation")
    request.user.roles_at_hand = frozenset(grant.role for grant in grants)
    return grants


def _partnership(request: HttpRequest, *, may_choose: bool) -> Partnership | None:
    """Where somebody works: the partnership they chose, or the first that they hold an office in, or the visitor's default."""
    offices = [g.partnership for g in request.grants if g.role in (Role.OFFICER, Role.SUBGROUP_MEMBER)]  # type: ignore[attr-defined]
    chosen = request.session.get(PARTNERSHIP_KEY) if offices and may_choose else None
    for partnership in offices:
        if str(partnership.pk) == chosen:
            return partnership
    if offices:
        return offices[0]
    return next(iter(DEFAULT.objects()), None)


GRANTS = Prepared(lambda person: Grant.objects.in_force().filter(person=person))
DEFAULT = Prepared(lambda: Partnership.objects.order_by("-is_default", "name")[:1])


def put_at_hand(request: HttpRequest, *, may_choose: bool) -> None:
    """Set ``request.grants`` (those in force) and ``request.partnership`` (the one at hand), each read when first needed.

    Without ``may_choose`` nobody's session is asked: a program has none.
    """
    request.grants = SimpleLazyObject(lambda: _grants(request))  # type: ignore[attr-defined]
    request.partnership = SimpleLazyObject(lambda: _partnership(request, may_choose=may_choose))  # type: ignore[attr-defined]


class PartnershipMiddleware:
    """Knows whose grants a request has and which partnership it is about."""

    def __init__(self, get_response: Response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        put_at_hand(request, may_choose=True)
        return self.get_response(request)


class ProfileFirstMiddleware:
    """Somebody who has signed in for the first time answers the questions of the profile before anything else of theirs."""

    def __init__(self, get_response: Response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        open_to_all = getattr(view, "access", None) == "public" or not getattr(view, "login_required", True)
        if open_to_all or not request.user.is_authenticated or request.user.profile_done_at:
            return None
        if resolve(request.path_info).url_name in ("profile", "organisation_search", "account_logout"):
            return None
        after = {"next": request.get_full_path()} if request.method == "GET" else {}
        return redirect(reverse("profile", query=after))
