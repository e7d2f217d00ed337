"""Who is asking, when a program asks: the token in place of a sign-in."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.clock import now
from people.middleware import put_at_hand
from people.models import ApiToken, Person
from people.operations.tokens import hash_of, note_use

SCHEME = "Bearer"
MAKE_ONE = "Make a new one on the page API tokens of your profile."
SEND_ONE = "Send a token in the header Authorization: Bearer turnout_…. Make one on the page API tokens of your profile."


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer turnout_…``. A sign-in counts for nothing here: no page of another site can act for anybody."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not text or scheme.lower() != SCHEME.lower():
            return None
        token = ApiToken.objects.in_force(now()).select_related("person").filter(hash=hash_of(text.strip())).first()
        if token is None:
            raise AuthenticationFailed(f"This token is unknown, revoked or out of date. {MAKE_ONE}", code="token_unknown")
        put_at_hand(request._request, may_choose=False)
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class HasScope(BasePermission):
    """Whether the token was made for this. What its person may do is asked by the operations, as on the pages."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises NotAuthenticated without a token and PermissionDenied for one that lacks the scope."""
        if request.auth is None:
            raise NotAuthenticated(SEND_ONE)
        method = "GET" if request.method == "HEAD" else request.method
        if method not in view.scopes:
            return method not in view.allowed_methods  # a method that is not there is answered as such
        wanted = view.scopes[method]
        if wanted not in request.auth.scopes:
            raise PermissionDenied(f"This token may not do this: it lacks the scope {wanted}. {MAKE_ONE}", code="scope_missing")
        return True


class TokenThrottle(BaseThrottle):
    """So many requests a minute for a token, whichever server they reach."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self.at = now()
        return request.auth is not None and note_use(token=request.auth, at=self.at)

    def wait(self) -> float:
        return 60 - self.at.second
