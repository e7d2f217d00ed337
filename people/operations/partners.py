"""Which organisations are partner agencies of a partnership."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from core import audit
from people.models import Organisation, PartnerAgency, Partnership, Person


@transaction.atomic
def add_partner_agencies(
    *, partnership: Partnership, organisations: Iterable[Organisation], by: Person | None, at: datetime
) -> list[PartnerAgency]:
    """These are partners from now on; returns those that were none before. What was booked before keeps what counted then."""
    Partnership.objects.select_for_update(no_key=True).get(pk=partnership.pk)  # the same list twice at once: one of them waits
    present = set(PartnerAgency.objects.filter(partnership=partnership).values_list("organisation_id", flat=True))
    new = [PartnerAgency(partnership=partnership, organisation=one) for one in organisations if one.pk not in present]
    added = PartnerAgency.objects.bulk_create(new)
    for partner in added:
        changes = {"organisation": [None, str(partner.organisation_id)]}
        audit.record(action="partner agency added", about=partner, by=by, at=at, changes=changes)
    return added


@transaction.atomic
def remove_partner_agency(*, partner: PartnerAgency, by: Person | None, at: datetime) -> bool:
    """It is a partner no longer; returns whether it still was. Bookings that are made stay, as what they were made as."""
    partner_id, organisation_id = partner.pk, str(partner.organisation_id)
    still = PartnerAgency.objects.select_for_update().filter(pk=partner_id).first()
    if still is None:
        return False
    audit.record(action="partner agency removed", about=still, by=by, at=at, changes={"organisation": [organisation_id, None]})
    still.delete()
    return True
