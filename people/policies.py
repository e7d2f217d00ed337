"""Who may do what."""

from __future__ import annotations

from collections.abc import Iterable

from people.models import Grant, Partnership
from people.permissions import PERMISSIONS, ROLE_PERMISSIONS


def can(grants: Iterable[Grant], permission: str, partnership: Partnership | None) -> bool:
    """Whether somebody with these grants has the permission in the partnership. Raises KeyError for an unknown permission."""
    PERMISSIONS[permission]
    return partnership is not None and any(
        grant.partnership_id == partnership.pk and permission in ROLE_PERMISSIONS[grant.role] for grant in grants
    )
