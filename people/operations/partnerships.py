"""The first partnership of an installation, and further ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from core import audit
from core.clock import london_date
from core.refusals import Refused
from people.models import Borough, Partnership, Person, Sector

CHANGEABLE = (
    "name",
    "strapline",
    "primary_colour",
    "team_email",
    "sender_address",
    "team_phone",
    "asks_for_manager",
    "messages_from",
)


# What an installation begins with, as annual reports count agencies; officers' imports may bring others.
USUAL_SECTORS = (
    "Local authority",
    "Police",
    "Health",
    "Education",
    "Early years",
    "Voluntary, community and faith",
    "Justice",
    "Other",
)


@transaction.atomic
def add_partnership(
    *, name: str, short_name: str, slug: str, team_email: str, boroughs: Sequence[str], by: Person | None, at: datetime
) -> Partnership:
    """Add a partnership that covers these boroughs and sends messages from today on. The first one is what visitors see.

    An installation without sectors gets the usual ones, without which no agency can be added.

    Raises Refused where a name is taken ("name_taken") or a borough belongs to another partnership ("borough_taken").
    """
    if Partnership.objects.filter(name=name).exists() or Partnership.objects.filter(slug=slug).exists():
        raise Refused(f"There is a partnership called {name} already. Choose another name.", code="name_taken", field="name")
    partnership = Partnership.objects.create(
        name=name,
        short_name=short_name,
        slug=slug,
        team_email=team_email,
        is_default=not Partnership.objects.filter(is_default=True).exists(),
        messages_from=london_date(at),
    )
    for borough_name in boroughs:
        borough, _ = Borough.objects.get_or_create(name=borough_name)
        if borough.partnership_id:
            raise Refused(
                f"{borough_name} belongs to another partnership. Leave it out, or ask that one.",
                code="borough_taken",
                field="boroughs",
            )
        borough.partnership = partnership
        borough.save(update_fields=["partnership"])
    if not Sector.objects.exists():
        Sector.objects.bulk_create(Sector(name=name, position=position) for position, name in enumerate(USUAL_SECTORS))
    audit.record(action="partnership added", about=partnership, by=by, at=at)
    return partnership


@transaction.atomic
def change_partnership(
    *,
    partnership: Partnership,
    by: Person | None,
    at: datetime,
    logo: bytes | None = None,
    takes_logo_away: bool = False,
    **changed: Any,
) -> Partnership:
    """Change the named details (CHANGEABLE) of a partnership and its logo: a PNG as people.brand.clean_logo gives it.

    Raises ValidationError, by field, for values that can't stand, such as a colour on which white letters are hard to read, and
    TypeError for any other name.
    """
    unknown = set(changed) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"change_partnership does not change {', '.join(sorted(unknown))}")
    changes: dict[str, list[Any]] = {name: [] for name, value in changed.items() if getattr(partnership, name) != value}
    for name in changes:
        setattr(partnership, name, changed[name])
    if takes_logo_away or logo is not None:
        changes["logo"] = []
        partnership.logo = None
    if logo is not None:
        partnership.logo.save(f"{partnership.slug}.png", ContentFile(logo), save=False)
    partnership.full_clean()
    if changes:
        partnership.save()
        audit.record(action="partnership changed", about=partnership, by=by, at=at, changes=changes)
    return partnership
