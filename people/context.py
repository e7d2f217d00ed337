"""What every page's layout needs to know."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from people.models import Role
from people.policies import can


def house(request: HttpRequest) -> dict[str, Any]:
    """``partnership`` is the one at hand; ``may`` answers ``may.manage_events`` and the like; ``demo`` is the demonstration mode;
    ``teaches`` and ``leads`` say whether they are a trainer, or an agency's training lead, anywhere."""
    partnership = getattr(request, "partnership", None)
    grants = getattr(request, "grants", [])
    return {
        "partnership": partnership,
        "may": SimpleLazyObject(lambda: May(grants, partnership)),
        "demo": settings.DEMO,
        "teaches": SimpleLazyObject(lambda: any(grant.role == Role.TRAINER for grant in grants)),
        "leads": SimpleLazyObject(lambda: any(grant.role == Role.TRAINING_LEAD for grant in grants)),
    }


class May:
    """Lets a template ask for a permission by name. An unknown name raises, rather than reading as no."""

    def __init__(self, grants: Any, partnership: Any) -> None:
        self.grants = grants
        self.partnership = partnership

    def __getitem__(self, permission: str) -> bool:
        return can(self.grants, permission, self.partnership)
